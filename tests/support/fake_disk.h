// A disk in memory for tests: carries out storage effects, one at a time, and keeps apart what
// survives SIGKILL from what survives power loss.
//
// Answers wait in a queue until the test takes them: in the order of the effects, or picked by a
// generator so that only the order of one file is kept. An operation can be made to fail, and the
// power can go before any of them.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"

namespace barnabas::tests {

class FakeDisk {
  public:
    struct Inode {
        std::vector<std::uint8_t> bytes;
        std::vector<std::uint8_t> durable;
    };
    static std::string_view parent(std::string_view path) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string_view::npos) return ".";
        return path.substr(0, std::max<std::size_t>(slash, 1));
    }
    // What stands in one directory stands side by side.
    struct ByDirectory {
        bool operator()(const std::string& one, const std::string& other) const {
            const int order = parent(one).compare(parent(other));
            return order != 0 ? order < 0 : one < other;
        }
    };
    using Tree = std::map<std::string, std::shared_ptr<Inode>, ByDirectory>;
    // The entries of a tree that stand in that directory itself.
    static auto inside(auto& tree, const std::string& directory) {
        const std::string prefix = directory == "/" ? directory : directory + '/';
        const auto begin = tree.lower_bound(prefix);
        auto end = begin;
        while (end != tree.end() && parent(path_of(*end)) == directory) ++end;
        return std::ranges::subrange(begin, end);
    }
    static const std::string& path_of(const std::string& path) { return path; }
    static const std::string& path_of(const Tree::value_type& entry) { return entry.first; }

    // What fails: the n-th operation from now on (1 is the next), with this status. Then `came`
    // becomes true.
    void fail_operation(std::uint64_t n, StorageStatus status,
                        std::shared_ptr<bool> came = std::make_shared<bool>()) {
        faults_[operations_ + n] = {status, std::move(came)};
    }
    // Operations from the n-th on are not carried out any more, nor answered: the node is gone.
    void stop_before(std::uint64_t n, std::shared_ptr<bool> came = std::make_shared<bool>()) {
        stop_at_ = operations_ + n;
        stopped_ = std::move(came);
    }
    bool is_stopped() const { return stop_at_ && operations_ + 1 >= *stop_at_; }
    // The next operation on the file at that path fails.
    void fail_path(const std::string& path, StorageStatus status) { path_faults_[path] = status; }
    // Every operation below that directory fails from now on.
    void break_directory(const std::string& path) { broken_ = path; }
    void mend() { broken_.clear(); }
    void set_space(std::uint64_t bytes) { space_ = bytes; }
    std::uint64_t used() const {
        std::uint64_t sum = 0;
        for (const auto& [path, inode] : names_) sum += inode->bytes.size();
        return sum;
    }
    std::uint64_t operations() const { return operations_; }

    // Takes the storage effects out of a turn's; others stay.
    void take(std::vector<Effect>& effects) {
        std::vector<Effect> others;
        for (Effect& effect : effects)
            if (!std::visit([&](auto& one) { return accept(one); }, effect))
                others.push_back(std::move(effect));
        effects = std::move(others);
    }

    // The next answer; with a generator, any that is the oldest of its file.
    std::optional<event::StorageDone> answer(Random* random = nullptr) {
        if (answers_.empty()) return std::nullopt;
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            const bool is_oldest =
                std::none_of(answers_.begin(), answers_.begin() + static_cast<std::ptrdiff_t>(i),
                             [&](const Waiting& other) { return other.file == answers_[i].file; });
            if (is_oldest || answers_[i].file == no_file) ready.push_back(i);
            if (!random) break;
        }
        const std::size_t chosen = random ? ready[random->below(ready.size())] : 0;
        event::StorageDone done = std::move(answers_[chosen].done);
        answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(chosen));
        return done;
    }

    // The process is gone, the operating system is not.
    void kill() {
        open_.clear();
        answers_.clear();
        stop_at_.reset();
        faults_.clear();
    }
    // Names as of the last FlushDirectory, bytes as of the last Flush. With a generator some of
    // what was not flushed survives all the same, also out of order: all new names, none or any.
    void lose_power(Random* random = nullptr) {
        kill();
        std::map<Inode*, bool> is_seen;
        Tree names = surviving_names(random);
        renamings_.clear();
        if (!random) {
            std::erase_if(names, [&](auto& one) { return !is_durable(parent(one.first)); });
            std::erase_if(directories_, [&](const auto& path) { return !is_durable(path); });
            new_directories_.clear();
        }
        for (auto& [path, inode] : names) {
            if (std::exchange(is_seen[inode.get()], true)) continue;
            inode->bytes = survivor(*inode, random);
            inode->durable = inode->bytes;
        }
        names_ = durable_names_ = names;
    }

    // What SendFile would send: as far as the file reaches.
    ByteView range(FileId file, std::uint64_t position, std::uint32_t length) const {
        const ByteView bytes = open_.at(file.value()).inode->bytes;
        const std::uint64_t begin = std::min<std::uint64_t>(position, bytes.size());
        return bytes.subspan(begin, std::min<std::uint64_t>(length, bytes.size() - begin));
    }

    std::size_t open_files() const { return open_.size(); }
    bool has(const std::string& path) const { return names_.contains(path); }
    std::vector<std::uint8_t>& bytes(const std::string& path) { return names_.at(path)->bytes; }
    void put(const std::string& path, std::vector<std::uint8_t> bytes) {
        names_[path] = durable_names_[path] = std::make_shared<Inode>(Inode{bytes, bytes});
        for (std::string_view above = parent(path); !is_top(above); above = parent(above))
            put_directory(std::string(above));
    }
    // As somebody moves a directory by hand while no node runs.
    void move_directory(const std::string& from, const std::string& to) {
        const auto move_all = [&](auto& tree) {
            for (auto at = tree.begin(); at != tree.end();) {
                const auto one = at++;
                if (!(path_of(*one) + '/').starts_with(from + '/')) continue;
                auto node = tree.extract(one);
                if constexpr (requires { node.key(); })
                    node.key() = to + node.key().substr(from.size());
                else
                    node.value() = to + node.value().substr(from.size());
                tree.insert(std::move(node));
            }
        };
        move_all(names_);
        move_all(durable_names_);
        move_all(directories_);
        move_all(new_directories_);
    }
    std::size_t unflushed(const std::string& path) const {
        const Inode& inode = *names_.at(path);
        return inode.bytes.size() - std::min(inode.bytes.size(), inode.durable.size());
    }
    void remove(const std::string& path) {
        names_.erase(path);
        durable_names_.erase(path);
    }
    void put_directory(const std::string& path) { directories_.insert(path); }
    std::vector<std::string> names_in(const std::string& directory) const {
        std::vector<std::string> names;
        for (const auto& [path, inode] : inside(names_, directory))
            names.push_back(path.substr(directory.size() + 1));
        return names;
    }

  private:
    static constexpr std::uint64_t no_file = UINT64_MAX;
    struct Waiting {
        std::uint64_t file;
        event::StorageDone done;
    };
    struct Renaming {  // or making, or removal
        std::shared_ptr<Inode> inode;
        std::string directory;
        std::string to;
    };
    struct Handle {
        std::string path;
        std::shared_ptr<Inode> inode;
    };

    static bool is_top(std::string_view path) { return path == "." || path == "/"; }
    bool is_made(std::string_view directory) const {
        return directories_.contains(std::string(directory));
    }
    void note_name(const std::shared_ptr<Inode>& inode, const std::string& path,
                   const std::string& to) {
        renamings_.push_back({inode, std::string(parent(path)), to});
    }
    // Its own name and those of all directories above it survive power loss.
    bool is_durable(std::string_view directory) const {
        for (; !is_top(directory); directory = parent(directory)) {
            if (new_directories_.contains(std::string(directory))) return false;
        }
        return true;
    }

    Tree surviving_names(Random* random) const {
        Tree names = durable_names_;
        const std::uint64_t kept_of_two = random ? random->below(3) : 0;
        for (const Renaming& renaming : renamings_) {
            if (kept_of_two == 0 || (kept_of_two == 1 && random->below(2) == 0)) continue;
            std::erase_if(names, [&](const auto& one) { return one.second == renaming.inode; });
            if (!renaming.to.empty()) names[renaming.to] = renaming.inode;
        }
        return names;
    }
    static std::vector<std::uint8_t> survivor(const Inode& inode, Random* random) {
        if (!random) return inode.durable;
        switch (random->below(3)) {
            case 0: return inode.durable;
            case 1: return inode.bytes;
            default: break;
        }
        // A torn file: some pages of the new bytes; in the place of the others the old ones, or a
        // hole of zeros.
        std::vector<std::uint8_t> mixed = inode.durable;
        const std::size_t size =
            random->between(std::min(inode.durable.size(), inode.bytes.size()),
                            std::max(inode.durable.size(), inode.bytes.size()));
        mixed.resize(size);
        constexpr std::size_t page = 512;
        for (std::size_t at = 0; at < std::min(size, inode.bytes.size()); at += page) {
            if (random->below(2) == 0) continue;
            const std::size_t end = std::min({at + page, size, inode.bytes.size()});
            std::copy(inode.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      inode.bytes.begin() + static_cast<std::ptrdiff_t>(end),
                      mixed.begin() + static_cast<std::ptrdiff_t>(at));
            // Behind the file's end its last page is zeros.
            std::fill(mixed.begin() + static_cast<std::ptrdiff_t>(end),
                      mixed.begin() + static_cast<std::ptrdiff_t>(std::min(at + page, size)), 0);
        }
        return mixed;
    }

    // One operation begins: false when it is not carried out.
    bool begin(Token operation, std::uint64_t file, const std::string& path) {
        if (is_stopped()) {
            *stopped_ = true;
            return false;
        }
        ++operations_;
        if (!broken_.empty() && (path + '/').starts_with(broken_ + '/')) {
            finish(operation, file, StorageStatus::io_error);
            return false;
        }
        if (const auto of_path = path_faults_.find(path); of_path != path_faults_.end()) {
            finish(operation, file, of_path->second);
            path_faults_.erase(of_path);
            return false;
        }
        const auto fault = faults_.find(operations_);
        if (fault == faults_.end()) return true;
        *fault->second.came = true;
        finish(operation, file, fault->second.status);
        return false;
    }
    void finish(Token operation, std::uint64_t file, StorageStatus status) {
        answers_.push_back(
            {file,
             {.operation = operation, .status = status, .bytes = {}, .size = 0, .entries = {}}});
    }

    template <class Other>
    bool accept(Other&) {
        return false;
    }
    bool accept(effect::Open& open) {
        const std::uint64_t file = open.file.value();
        if (!begin(open.operation, file, open.path)) return true;
        if (directories_.contains(open.path)) {
            finish(open.operation, file, StorageStatus::foreign);
            return true;
        }
        auto found = names_.find(open.path);
        if (found == names_.end()) {
            if (open.mode == OpenMode::existing || !is_made(parent(open.path))) {
                finish(open.operation, file, StorageStatus::not_found);
                return true;
            }
            found = names_.emplace(open.path, std::make_shared<Inode>()).first;
            note_name(found->second, open.path, open.path);
        }
        if (open.mode == OpenMode::create_emptied) found->second->bytes.clear();
        open_[file] = {open.path, found->second};
        finish(open.operation, file, StorageStatus::ok);
        answers_.back().done.size = found->second->bytes.size();
        return true;
    }
    bool accept(effect::Close& close) {
        if (!is_stopped()) open_.erase(close.file.value());
        return true;
    }
    // The open file of an operation, or nothing: then it is answered.
    template <class Operation>
    Handle* handle(const Operation& operation) {
        const std::uint64_t file = operation.file.value();
        const auto found = open_.find(file);
        const std::string path = found == open_.end() ? "" : found->second.path;
        if (!begin(operation.operation, file, path)) return nullptr;
        if (found == open_.end()) {
            finish(operation.operation, file, StorageStatus::not_found);
            return nullptr;
        }
        return &found->second;
    }
    bool accept(effect::Write& write) {
        Handle* handle = this->handle(write);
        if (!handle) return true;
        std::vector<std::uint8_t>& bytes = handle->inode->bytes;
        Bytes all = write.bytes.flatten();
        StorageStatus status = StorageStatus::ok;
        const std::uint64_t end = write.position + all.size();
        const std::uint64_t growth = end > bytes.size() ? end - bytes.size() : 0;
        if (space_ != UINT64_MAX && used() + growth > space_) {
            // As much as fits is there, as after a short pwrite.
            status = StorageStatus::no_space;
            const std::uint64_t room = space_ > used() ? space_ - used() : 0;
            all = all.slice(0, std::min<std::uint64_t>(all.size(), room));
        }
        if (write.position + all.size() > bytes.size() && !all.empty())
            bytes.resize(write.position + all.size());
        std::copy(all.begin(), all.end(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(all.empty() ? 0 : write.position));
        finish(write.operation, write.file.value(), status);
        return true;
    }
    bool accept(effect::Read& read) {
        Handle* handle = this->handle(read);
        if (!handle) return true;
        const std::vector<std::uint8_t>& bytes = handle->inode->bytes;
        const std::uint64_t begin = std::min<std::uint64_t>(read.position, bytes.size());
        const std::uint64_t end = std::min<std::uint64_t>(begin + read.length, bytes.size());
        finish(read.operation, read.file.value(), StorageStatus::ok);
        answers_.back().done.bytes =
            Bytes::copy(ByteView(bytes.data() + begin, static_cast<std::size_t>(end - begin)));
        return true;
    }
    bool accept(effect::Flush& flush) {
        Handle* handle = this->handle(flush);
        if (!handle) return true;
        handle->inode->durable = handle->inode->bytes;
        finish(flush.operation, flush.file.value(), StorageStatus::ok);
        return true;
    }
    bool accept(effect::Truncate& truncate) {
        Handle* handle = this->handle(truncate);
        if (!handle) return true;
        handle->inode->bytes.resize(truncate.size);
        finish(truncate.operation, truncate.file.value(), StorageStatus::ok);
        return true;
    }
    bool accept(effect::Rename& rename) {
        Handle* handle = this->handle(rename);
        if (!handle) return true;
        if (directories_.contains(rename.path)) {
            finish(rename.operation, rename.file.value(), StorageStatus::foreign);
            return true;
        }
        names_.erase(handle->path);
        names_[rename.path] = handle->inode;
        note_name(handle->inode, rename.path, rename.path);
        handle->path = rename.path;
        finish(rename.operation, rename.file.value(), StorageStatus::ok);
        return true;
    }
    bool accept(effect::Remove& remove) {
        Handle* handle = this->handle(remove);
        if (!handle) return true;
        names_.erase(handle->path);
        note_name(handle->inode, handle->path, "");
        open_.erase(remove.file.value());
        finish(remove.operation, remove.file.value(), StorageStatus::ok);
        return true;
    }
    bool accept(effect::MakeDirectory& make) {
        if (!begin(make.operation, no_file, make.path)) return true;
        for (std::string_view path = make.path; !is_top(path); path = parent(path))
            if (directories_.emplace(path).second && !is_top(parent(path)))
                new_directories_.emplace(path);
        finish(make.operation, no_file, StorageStatus::ok);
        return true;
    }
    bool accept(effect::List& list) {
        if (!begin(list.operation, no_file, list.path)) return true;
        const bool is_there = directories_.contains(list.path);
        finish(list.operation, no_file, is_there ? StorageStatus::ok : StorageStatus::not_found);
        for (const std::string& name : names_in(list.path))
            answers_.back().done.entries.push_back(
                {name, EntryKind::file, bytes(list.path + '/' + name).size()});
        for (const std::string& path : inside(directories_, list.path))
            answers_.back().done.entries.push_back(
                {path.substr(list.path.size() + 1), EntryKind::directory, 0});
        return true;
    }
    bool accept(effect::FlushDirectory& flush) {
        if (!begin(flush.operation, no_file, flush.path)) return true;
        const auto before = inside(durable_names_, flush.path);
        durable_names_.erase(before.begin(), before.end());
        const auto now = inside(names_, flush.path);
        durable_names_.insert(now.begin(), now.end());
        std::erase_if(renamings_, [&](const auto& one) { return one.directory == flush.path; });
        const auto made = inside(new_directories_, flush.path);
        new_directories_.erase(made.begin(), made.end());
        finish(flush.operation, no_file, StorageStatus::ok);
        return true;
    }
    bool accept(effect::LockDirectory& lock) {
        if (begin(lock.operation, no_file, lock.path))
            finish(lock.operation, no_file, StorageStatus::ok);
        return true;
    }

    Tree names_;
    Tree durable_names_;
    std::vector<Renaming> renamings_;  // that are not durable, oldest first
    std::set<std::string, ByDirectory> directories_;
    std::set<std::string, ByDirectory> new_directories_;  // whose names are not durable
    std::map<std::uint64_t, Handle> open_;
    std::deque<Waiting> answers_;
    struct Fault {
        StorageStatus status;
        std::shared_ptr<bool> came;
    };
    std::map<std::uint64_t, Fault> faults_;
    std::map<std::string, StorageStatus> path_faults_;
    std::optional<std::uint64_t> stop_at_;
    std::shared_ptr<bool> stopped_;
    std::uint64_t operations_ = 0;
    std::uint64_t space_ = UINT64_MAX;
    std::string broken_;
};

}  // namespace barnabas::tests
