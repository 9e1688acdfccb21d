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
    std::uint32_t queue = 8;  // so many operations at a time: the others wait, whatever their file
};

// What fails below a directory: what gives bytes out, what changes bytes or names, what makes them
// survive power loss. A flush that fails and forgets leaves bytes in the page cache that no later
// flush will write, as file systems do that mark pages clean on an error.
enum class Failing : std::uint8_t {
    reads = 1,
    writes = 2,
    flushes = 4,
    all = 7,
    forgetful_flushes = 12,
};
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
    Chain read_now(FileId file, std::uint64_t position, std::uint64_t length) const;

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
    void set_room_back() { capacity_ = options_.capacity; }
    // Bytes of a file that cannot be read, until they are written anew as a whole. Needs: the file
    // is there.
    void spoil(std::string_view path, std::uint64_t from, std::uint64_t to);
    void mend_spoiled(std::string_view path, std::uint64_t from, std::uint64_t to);
    void mend();  // ends all of the above
    // False when there is no such byte.
    bool flip_bit(std::string_view path, std::uint64_t byte, unsigned bit);
    // Someone else's lock on a directory, from now on.
    void lock_by_other(const std::string& path) { locked_by_other_.insert(path); }
    void unlock_by_other(const std::string& path) { locked_by_other_.erase(path); }

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
    static constexpr std::uint64_t touches_kept = 16;
    void each_file(auto&& on_file) const {
        for (const auto& [path, entry] : directory_.names()) {
            if (entry.kind == EntryKind::file) on_file(path, entry.file);
        }
    }
    std::uint64_t size_of(FileNumber number) const {
        return files_[number.value()].cached().size();
    }
    Chain read(FileNumber number, std::uint64_t position, std::uint64_t length) const {
        return files_[number.value()].cached().read(position, length);
    }
    // So many bytes from its beginning survive power loss, if its name does.
    std::uint64_t flushed_size(FileNumber number) const {
        return files_[number.value()].flushed_bytes();
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
    // Faults that last.
    bool has_limit() const { return capacity_ != options_.capacity; }
    std::uint32_t slowness() const { return slowness_; }
    bool is_broken() const { return is_broken_ || fail_in_ > 0; }
    bool is_failing(std::string_view path) const { return failing_directories_.contains(path); }
    bool is_spoiled(std::string_view path) const;
    bool is_locked_by_other(std::string_view path) const { return locked_by_other_.contains(path); }
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
    std::uint8_t failing_kinds(std::string_view path) const;
    bool has_spoiled(FileNumber number, std::uint64_t position, std::uint64_t length) const;
    void mend_written(FileNumber number, std::uint64_t position, std::uint64_t length);
    Instant take_lane(Instant from, Duration time);
    void carry_out_some();
    std::vector<FileId> files_below(std::string_view directory) const;
    FileNumber new_file();
    File& file(FileNumber number) { return files_[number.value()]; }
    void unlink(FileNumber number);
    void sweep();
    void recount();

    DiskOptions options_;
    Random random_;
    Directory directory_;
    std::vector<File> files_;  // [0] is no file
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
    std::set<std::string, std::less<>> locks_;
    std::set<std::string, std::less<>> locked_by_other_;

    std::uint64_t capacity_ = 0;
    std::uint32_t slowness_ = 1;
    std::uint64_t fail_in_ = 0;
    bool is_broken_ = false;
    std::map<std::string, std::uint8_t, std::less<>> failing_directories_;  // Failing, several
    struct Spoiled {
        FileNumber file;
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        friend bool operator==(const Spoiled&, const Spoiled&) = default;
    };
    std::vector<Spoiled> spoiled_;
    std::vector<Instant> lanes_;  // each of the queue is taken until then
};

}  // namespace barnabas::sim
