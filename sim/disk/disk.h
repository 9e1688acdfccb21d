// A simulated disk as a copyable value: files, names, operations under way, and faults.
//
// An operation is submitted at one instant and carried out when finish() is called at the instant
// that submit() named: operations of one file in order, nothing across files. What crash() finds
// unfinished was carried out up to some point in each file's order, and the dice decide which.
#pragma once

#include <array>
#include <boost/container/flat_map.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"
#include "sim/disk/directory.h"

namespace barnabas::sim {

struct DiskOptions {
    std::uint64_t capacity = 64ull << 30;
    Duration least = 10us;  // each operation, flushes excepted
    Duration spread = 40us;
    std::uint32_t picoseconds_per_byte = 500;  // 2 GB/s
    Duration flush_least = 400us;
    Duration flush_spread = 1600us;
};

// What fails below a directory: what gives bytes out, what changes bytes or names, what makes them
// survive power loss.
enum class Failing : std::uint8_t { reads = 1, writes = 2, flushes = 4, all = 7 };
std::string_view name_of(Failing what);

// What one operation came to.
struct Finished {
    std::optional<event::StorageDone> answer;  // Close has none
    std::optional<effect::SendFile> sending;   // and SendFile has bytes for a connection
    Chain bytes;                               // fewer than asked for: the file is shorter
};

class Disk {
  public:
    struct Ticket {
        Instant at;  // call finish(slot) then
        std::uint32_t slot = 0;
    };

    Disk(const DiskOptions& options, std::uint64_t seed);
    // Compiled once, not in every file that holds one: much state by value.
    Disk(const Disk& other);
    Disk(Disk&& other) noexcept;
    Disk& operator=(const Disk& other);
    Disk& operator=(Disk&& other) noexcept;
    ~Disk();

    // Needs: a storage effect or SendFile.
    Ticket submit(const Effect& wanted, Instant at);
    Finished finish(std::uint32_t slot);
    // Nothing of that file is under way: its bytes can be had at once.
    bool is_idle(FileId file) const;
    Chain read_now(FileId id, std::uint64_t position, std::uint64_t length) const;

    // The process is gone: its ids, its locks, and what it had asked for. The page cache stays.
    void crash();
    // And the page cache goes too.
    void lose_power(Unflushed fate);

    // Faults.
    void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
    void set_slowness(std::uint32_t times) { slowness_ = times; }
    void fail_operation(std::uint64_t nth) { fail_in_ = nth; }  // the n-th to finish from now on
    void set_broken(bool broken) { is_broken_ = broken; }       // every operation fails
    // From now on, in this directory and in those below it; beside what failed there before.
    void fail_directory(const std::string& path, Failing what);
    void mend_directory(const std::string& path) { failing_directories_.erase(path); }
    void mend();  // ends all of the above
    // False when there is no such byte.
    bool flip_bit(std::string_view path, std::uint64_t byte, unsigned bit);
    // Someone else's lock on a directory, from now on.
    void lock_by_other(const std::string& path) { locked_by_other_.insert(path); }

    // For readers outside.
    struct FileView {
        std::string path;
        EntryKind kind = EntryKind::file;
        std::uint64_t size = 0;
        std::uint64_t unflushed_bytes = 0;
        bool is_name_flushed = false;
        bool is_flushed = false;  // name and bytes survive power loss
    };
    std::vector<FileView> files() const;  // sorted by path
    std::optional<Bytes> read(std::string_view path) const;
    std::optional<Chain> read(std::string_view path, std::uint64_t position,
                              std::uint64_t length) const;
    // What is certain to be there after power loss; nothing when not even the name is.
    std::optional<Bytes> read_durable(std::string_view path) const;
    // For those who look often: what has moved, and one file by its number.
    std::uint64_t changes() const { return changes_; }  // of bytes and of names
    std::uint64_t name_changes() const { return name_changes_; }
    // How often a file was written to or truncated, and which one it was the n-th time, from 0.
    // Needs: n is one of the last touches_kept.
    std::uint64_t touches() const { return touches_; }
    FileNumber touched(std::uint64_t n) const { return touched_[n % touches_kept]; }
    // Which path was made, moved or removed the n-th time that names changed, from 0: the old one
    // and the new one of what moved. Needs: n is one of the last touches_kept.
    using NameChange = std::pair<std::string, std::string>;
    const NameChange& renamed(std::uint64_t n) const { return (*renamed_)[n % touches_kept]; }
    static constexpr std::uint64_t touches_kept = 16;
    void each_file(auto&& on_file) const {
        for (const auto& [path, entry] : directory_.names()) {
            if (entry.kind == EntryKind::file) on_file(path, entry.file);
        }
    }
    // Those whose paths begin so: with "data/", all that are in that directory and below it.
    void each_file_below(std::string_view begin, auto&& on_file) const {
        const auto& names = directory_.names();
        for (auto at = names.lower_bound(begin); at != names.end(); ++at) {
            if (!at->first.starts_with(begin)) break;
            if (at->second.kind == EntryKind::file) on_file(at->first, at->second.file);
        }
    }
    std::uint64_t size_of(FileNumber number) const {
        return file(number).cached().size();
    }
    Chain read(FileNumber number, std::uint64_t position, std::uint64_t length) const {
        return file(number).cached().read(position, length);
    }
    // So many bytes from its beginning survive power loss, if its name does.
    std::uint64_t flushed_size(FileNumber number) const {
        return file(number).flushed_bytes();
    }
    // The path leads to the same file after power loss.
    bool is_name_flushed(std::string_view path) const;
    // Files that processes have open: path, and when the last operation on it ends or ended.
    void each_handle(auto&& on_handle) const {
        for (const auto& [id, handle] : handles_)
            if (handle.is_bound) on_handle(handle.path, handle.busy_until);
    }
    std::uint64_t used() const { return used_; }
    std::uint64_t room() const { return used_ < capacity_ ? capacity_ - used_ : 0; }
    std::uint64_t capacity() const { return capacity_; }
    std::uint64_t operations() const { return operations_; }  // finished so far
    std::size_t operations_under_way() const { return operations_in_slots_; }
    void digest(Hasher& hasher) const;

  private:
    friend struct Operator;  // carries out one operation (operations.cpp)

    struct Handle {  // what an id is bound to, until Close or Remove
        FileNumber file;
        std::string path;
        Instant busy_until;
        std::uint32_t under_way = 0;
        bool is_bound = false;
    };
    struct Operation {
        Effect what;
        std::uint64_t number = 0;  // 0: the slot is free
    };

    Duration draw_latency(const Effect& wanted);
    Finished carry_out(const Effect& wanted);
    bool has_bad_luck(const Effect& wanted);
    bool is_below_failing_directory(const Effect& wanted) const;
    void carry_out_some();
    std::vector<FileId> files_below(std::string_view directory) const;
    FileNumber new_file();
    const File& file(FileNumber number) const { return files_[number.value()]; }
    File& edit_file(FileNumber number) { return files_.edit(number.value()); }
    void unlink(FileNumber number);
    void note_changes(const Effect& wanted, std::string path);
    void sweep();
    void recount();

    DiskOptions options_;
    Random random_;
    Directory directory_;
    PersistentVector<File> files_;  // [0] is no file
    std::vector<FileNumber> free_files_;
    bool has_garbage_ = false;
    std::uint64_t used_ = 0;  // bytes in files that have a name
    boost::container::flat_map<FileId, Handle> handles_;
    std::vector<Operation> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::size_t operations_in_slots_ = 0;
    std::uint64_t submitted_ = 0;
    std::uint64_t operations_ = 0;
    std::uint64_t changes_ = 0;
    std::uint64_t name_changes_ = 0;
    std::uint64_t touches_ = 0;
    std::array<FileNumber, touches_kept> touched_{};
    Cow<std::array<NameChange, touches_kept>> renamed_;
    std::set<std::string, std::less<>> locks_;
    std::set<std::string, std::less<>> locked_by_other_;

    std::uint64_t capacity_ = 0;
    std::uint32_t slowness_ = 1;
    std::uint64_t fail_in_ = 0;
    bool is_broken_ = false;
    std::map<std::string, std::uint8_t, std::less<>> failing_directories_;  // Failing, several
};

}  // namespace barnabas::sim
