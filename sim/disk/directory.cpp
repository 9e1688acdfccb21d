#include "sim/disk/directory.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

bool is_root(std::string_view path) { return path.empty() || path == "/" || path == "."; }

}  // namespace

std::string_view directory_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return "";
    return path.substr(0, slash == 0 ? 1 : slash);
}

std::optional<Entry> Directory::find(std::string_view path) const {
    const auto found = names_->find(path);
    if (found == names_->end()) return std::nullopt;
    return found->second;
}

bool Directory::has_directory(std::string_view path) const {
    if (is_root(path)) return true;
    const std::optional<Entry> entry = find(path);
    return entry && entry->kind == EntryKind::directory;
}

void Directory::apply(Names& names, const Change& change) {
    if (!change.from.empty()) names.erase(change.from);
    if (!change.to.empty()) names.insert_or_assign(change.to, change.entry);
}

void Directory::add(const std::string& path, const Entry& entry) {
    CHECK(has_directory(directory_of(path)));
    CHECK(!find(path));
    journal_.push_back({"", path, entry});
    apply(names_.edit(), journal_.back());
}

void Directory::remove(const std::string& path) {
    CHECK(find(path));
    journal_.push_back({path, "", {}});
    apply(names_.edit(), journal_.back());
}

void Directory::rename(const std::string& from, const std::string& to) {
    const std::optional<Entry> entry = find(from);
    CHECK(entry);
    CHECK(has_directory(directory_of(to)));
    if (from == to) return;
    journal_.push_back({from, to, *entry});
    apply(names_.edit(), journal_.back());
}

bool Directory::is_flushed(std::string_view directory) const {
    return std::ranges::none_of(journal_,
                                [&](const Change& change) { return change.touches(directory); });
}

// A move between two directories is one change: flushing one of them flushes the other.
void Directory::flush(std::string_view directory) {
    std::vector<std::string> flushed{std::string(directory)};
    for (std::size_t i = 0; i < flushed.size(); ++i)
        for (const Change& change : journal_) {
            if (!change.touches(flushed[i])) continue;
            for (const std::string* path : {&change.from, &change.to}) {
                const std::string other(directory_of(*path));
                if (!path->empty() && std::ranges::find(flushed, other) == flushed.end())
                    flushed.push_back(other);
            }
        }
    for (const Change& change : journal_)
        if (change.touches(directory) ||
            std::ranges::any_of(flushed, [&](const auto& one) { return change.touches(one); }))
            apply(durable_.edit(), change);
    std::erase_if(journal_, [&](const Change& change) {
        return std::ranges::any_of(flushed, [&](const auto& one) { return change.touches(one); });
    });
}

void Directory::lose_power(Unflushed fate, Random& random) {
    std::uint64_t kept = 0;
    if (fate == Unflushed::kept) kept = journal_.size();
    if (fate == Unflushed::seeded) kept = random.below(journal_.size() + 1);
    for (std::uint64_t i = 0; i < kept; ++i) apply(durable_.edit(), journal_[i]);
    journal_.clear();
    // What lies in a directory that is gone is gone. Parents sort before what is in them.
    Names& names = durable_.edit();
    for (auto at = names.begin(); at != names.end();) {
        const std::string_view directory = directory_of(at->first);
        const auto parent = names.find(directory);
        const bool is_there = is_root(directory) || (parent != names.end() &&
                                                     parent->second.kind == EntryKind::directory);
        at = is_there ? std::next(at) : names.erase(at);
    }
    names_ = durable_;
}

std::vector<bool> Directory::files_in_use(std::size_t count) const {
    std::vector<bool> used(count, false);
    const auto use = [&used](const Entry& entry) {
        if (entry.kind == EntryKind::file) used[entry.file.value()] = true;
    };
    for (const Names* names : {&*names_, &*durable_})
        for (const auto& [path, entry] : *names) use(entry);
    for (const Change& change : journal_) use(change.entry);
    return used;
}

}  // namespace barnabas::sim
