#include "sim/disk/directory.h"

#include <algorithm>
#include <utility>

namespace barnabas::sim {
namespace {

bool is_root(std::string_view path) { return path.empty() || path == "/" || path == "."; }

void rebase(std::string& path, const std::string& from, const std::string& to) {
    if (is_below(path, from)) path.replace(0, from.size(), to);
}

}  // namespace

bool is_below(std::string_view path, std::string_view directory) {
    return !directory.empty() && path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

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

bool Directory::has_something_below(std::string_view directory) const {
    const std::string first = std::string(directory) + '/';
    const auto at = names_->lower_bound(first);
    return at != names_->end() && at->first.starts_with(first);
}

// What is below a directory goes where it goes.
void Directory::apply(Names& names, const Change& change) {
    if (!change.from.empty()) names.erase(change.from);
    if (!change.from.empty() && change.entry.kind == EntryKind::directory) {
        const std::string first = change.from + '/';
        auto at = names.lower_bound(first);
        while (at != names.end() && at->first.starts_with(first)) {
            auto node = names.extract(at++);
            if (change.to.empty()) continue;
            node.key().replace(0, change.from.size(), change.to);
            names.insert(std::move(node));
        }
    }
    if (!change.to.empty()) names.insert_or_assign(change.to, change.entry);
}

void Directory::add(const std::string& path, const Entry& entry) {
    CHECK(has_directory(directory_of(path)));
    CHECK(!find(path));
    journal_.push_back({"", path, entry});
    apply(names_.edit(), journal_.back());
}

void Directory::remove(const std::string& path) {
    const std::optional<Entry> entry = find(path);
    CHECK(entry);
    const bool is_directory = entry->kind == EntryKind::directory;
    journal_.push_back({path, "", is_directory ? *entry : Entry{}});
    apply(names_.edit(), journal_.back());
}

void Directory::rename(const std::string& from, const std::string& to) {
    const std::optional<Entry> entry = find(from);
    CHECK(entry);
    CHECK(has_directory(directory_of(to)));
    if (from == to) return;
    if (entry->kind == EntryKind::directory) {
        for (Change& change : journal_) {
            rebase(change.from, from, to);
            rebase(change.to, from, to);
        }
    }
    journal_.push_back({from, to, *entry});
    apply(names_.edit(), journal_.back());
}

// What a path is called on the medium: as if no directory had moved that has not moved there.
std::string Directory::durable_path(std::string path, std::size_t moves_from) const {
    for (std::size_t i = journal_.size(); i-- > moves_from;)
        if (journal_[i].moves_directory() && !journal_[i].is_durable)
            rebase(path, journal_[i].to, journal_[i].from);
    return path;
}

// What happened in a directory that is gone, before it went.
void Directory::forget_below(const std::string& directory, std::size_t before) {
    for (std::size_t i = 0; i < before; ++i) {
        Change& change = journal_[i];
        const bool is_all_below = (change.from.empty() || is_below(change.from, directory)) &&
                                  (change.to.empty() || is_below(change.to, directory));
        if (is_all_below) change.is_durable = true;
    }
}

void Directory::make_durable(std::size_t at) {
    if (std::exchange(journal_[at].is_durable, true)) return;
    Change change = journal_[at];
    if (change.removes_directory()) forget_below(change.from, at);
    // Of the moves, those behind one came after it; any other change has the names of now.
    const std::size_t moves_from = change.moves_directory() ? at + 1 : 0;
    change.from = durable_path(change.from, moves_from);
    change.to = durable_path(change.to, moves_from);
    apply(durable_.edit(), change);
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
    for (std::size_t i = 0; i < journal_.size(); ++i)
        if (std::ranges::any_of(flushed,
                                [&](const auto& one) { return journal_[i].touches(one); }))
            make_durable(i);
    std::erase_if(journal_, &Change::is_durable);
}

// Of names that were not flushed, media keep all, none, those up to some point, or any. Directories
// are moved and removed in order: what is in them has no other place.
std::vector<bool> Directory::kept_changes(Unflushed fate, Random& random) const {
    std::vector<bool> kept(journal_.size(), fate == Unflushed::kept);
    if (fate != Unflushed::seeded || journal_.empty()) return kept;
    const std::uint64_t in_order = random.below(journal_.size() + 1);
    const bool is_ordered = random.below(2) == 0;
    bool has_lost_directory = false;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        kept[i] = is_ordered ? i < in_order : random.below(2) == 0;
        if (journal_[i].entry.kind != EntryKind::directory) continue;
        kept[i] = kept[i] && !has_lost_directory;
        has_lost_directory |= !kept[i];
    }
    return kept;
}

// A file has one name: one that it had before goes when a later one is on the medium.
void Directory::keep_one_name(const Change& change) {
    if (change.entry.kind != EntryKind::file || change.to.empty()) return;
    std::erase_if(durable_.edit(), [&](const auto& one) { return one.second == change.entry; });
}

void Directory::lose_power(Unflushed fate, Random& random) {
    const std::vector<bool> kept = kept_changes(fate, random);
    const bool is_any = fate == Unflushed::seeded;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (!kept[i]) continue;
        if (is_any && !journal_[i].is_durable) keep_one_name(journal_[i]);
        make_durable(i);
    }
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
