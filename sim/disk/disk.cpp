#include "sim/disk/disk.h"

#include <algorithm>
#include <utility>

#include "sim/disk/operations.h"

namespace barnabas::sim {

std::string_view name_of(Failing what) {
    switch (what) {
        case Failing::reads: return "reads";
        case Failing::writes: return "writes";
        case Failing::flushes: return "flushes";
        case Failing::forgetful_flushes: return "flushes, which it forgets";
        case Failing::all: break;
    }
    return "all";
}

Disk::Disk(const DiskOptions& options, std::uint64_t seed)
    : options_(options),
      random_(seed),
      files_(1),
      capacity_(options.capacity),
      lanes_(options.queue) {
    CHECK(options.queue > 0);
}

Disk::Disk(const Disk& other) = default;
Disk::Disk(Disk&& other) noexcept = default;
Disk& Disk::operator=(const Disk& other) = default;
Disk& Disk::operator=(Disk&& other) noexcept = default;
Disk::~Disk() = default;

Duration Disk::draw_latency(const Effect& wanted) {
    if (std::holds_alternative<effect::Close>(wanted)) return Duration(0);
    const bool is_flush = std::holds_alternative<effect::Flush>(wanted) ||
                          std::holds_alternative<effect::FlushDirectory>(wanted);
    const Duration drawn =
        is_flush ? options_.flush_least + random_.duration_below(options_.flush_spread)
                 : options_.least + random_.duration_below(options_.spread);
    const auto bytes = static_cast<std::int64_t>(bytes_of(wanted));
    return (drawn + Duration(bytes * options_.picoseconds_per_byte / 1'000)) *
           std::int64_t{slowness_};
}

// The medium is behind all files: an operation takes the place in its queue that is free first.
Instant Disk::take_lane(Instant from, Duration time) {
    if (time == Duration(0)) return from;
    Instant& lane = *std::ranges::min_element(lanes_);
    lane = std::max(lane, from) + time;
    return lane;
}

Disk::Ticket Disk::submit(const Effect& wanted, Instant at) {
    const Duration time = draw_latency(wanted);
    Instant due = at;
    if (const std::optional<FileId> file = file_of(wanted)) {
        Handle& handle = handles_[*file];
        due = take_lane(std::max(at, handle.busy_until), time);
        handle.busy_until = due;
        ++handle.under_way;
    } else {
        due = take_lane(at, time);
    }
    // The order of every file in it goes through the renaming of a directory.
    const auto* rename = std::get_if<effect::RenameDirectory>(&wanted);
    if (rename != nullptr) {
        for (const auto& [id, handle] : handles_)
            if (is_below(handle.path, rename->path))
                due = std::max(due, handle.busy_until + time);
        for (auto& [id, handle] : handles_)
            if (is_below(handle.path, rename->path)) handle.busy_until = due;
    }
    std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
    if (free_slots_.empty()) {
        slots_.emplace_back();
    } else {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    slots_[slot] = {wanted, ++submitted_};
    ++operations_in_slots_;
    return {due, slot};
}

Finished Disk::finish(std::uint32_t slot) {
    CHECK(slots_[slot].number != 0);
    const Operation operation = std::exchange(slots_[slot], Operation());
    free_slots_.push_back(slot);
    --operations_in_slots_;
    if (const std::optional<FileId> file = file_of(operation.what)) {
        const auto handle = handles_.find(*file);
        CHECK(handle != handles_.end());
        CHECK(handle->second.under_way > 0);
        --handle->second.under_way;
    }
    ++operations_;
    Finished finished = carry_out(operation.what);
    // An id that is bound to nothing is forgotten with its last operation.
    if (const std::optional<FileId> file = file_of(operation.what)) {
        const auto handle = handles_.find(*file);
        if (handle->second.under_way == 0 && !handle->second.is_bound) handles_.erase(handle);
    }
    return finished;
}

bool Disk::is_idle(FileId file) const {
    const auto handle = handles_.find(file);
    return handle == handles_.end() || handle->second.under_way == 0;
}

Chain Disk::read_now(FileId file, std::uint64_t position, std::uint64_t length) const {
    const auto handle = handles_.find(file);
    if (handle == handles_.end() || !handle->second.is_bound) return {};
    if (has_spoiled(handle->second.file, position, length)) return {};
    return files_[handle->second.file.value()].cached().read(position, length);
}

bool Disk::has_bad_luck(const Effect& wanted) {
    if (is_broken_) return true;
    if (!failing_directories_.empty() && is_below_failing_directory(wanted)) return true;
    return fail_in_ > 0 && --fail_in_ == 0;
}

bool Disk::is_below_failing_directory(const Effect& wanted) const {
    std::string_view path = path_of(wanted);
    if (const std::optional<FileId> file = file_of(wanted); file && path.empty()) {
        const auto handle = handles_.find(*file);
        if (handle != handles_.end()) path = handle->second.path;
    }
    return (failing_kinds(path) & static_cast<std::uint8_t>(kind_of(wanted))) != 0;
}

// Of that path, or of a directory above it.
std::uint8_t Disk::failing_kinds(std::string_view path) const {
    std::uint8_t kinds = 0;
    for (; !path.empty() && path != "/"; path = directory_of(path)) {
        const auto failing = failing_directories_.find(path);
        if (failing != failing_directories_.end()) kinds |= failing->second;
    }
    return kinds;
}

bool Disk::has_spoiled(FileNumber number, std::uint64_t position, std::uint64_t length) const {
    return std::ranges::any_of(spoiled_, [&](const Spoiled& one) {
        return one.file == number && position < one.to && one.from < position + length;
    });
}

void Disk::mend_written(FileNumber number, std::uint64_t position, std::uint64_t length) {
    std::erase_if(spoiled_, [&](const Spoiled& one) {
        return one.file == number && position <= one.from && one.to <= position + length;
    });
}

void Disk::spoil(std::string_view path, std::uint64_t from, std::uint64_t to) {
    const std::optional<Entry> entry = directory_.find(path);
    CHECK(entry && entry->kind == EntryKind::file);
    spoiled_.push_back({entry->file, from, to});
}

void Disk::mend_spoiled(std::string_view path, std::uint64_t from, std::uint64_t to) {
    const std::optional<Entry> entry = directory_.find(path);
    if (entry) std::erase(spoiled_, Spoiled{entry->file, from, to});
}

bool Disk::is_spoiled(std::string_view path) const {
    const std::optional<Entry> entry = directory_.find(path);
    return entry &&
           std::ranges::any_of(spoiled_,
                               [&](const Spoiled& one) { return one.file == entry->file; });
}

void Disk::fail_directory(const std::string& path, Failing what) {
    failing_directories_[path] |= static_cast<std::uint8_t>(what);
}

Finished Disk::carry_out(const Effect& wanted) {
    Operator operation{*this, has_bad_luck(wanted), {}};
    std::visit(operation, wanted);
    const auto* open = std::get_if<effect::Open>(&wanted);
    const bool is_of_names = (open != nullptr && open->mode != OpenMode::existing) ||
                             std::holds_alternative<effect::Rename>(wanted) ||
                             std::holds_alternative<effect::Remove>(wanted) ||
                             std::holds_alternative<effect::RenameDirectory>(wanted) ||
                             std::holds_alternative<effect::RemoveDirectory>(wanted);
    const bool is_of_bytes = std::holds_alternative<effect::Write>(wanted) ||
                             std::holds_alternative<effect::Truncate>(wanted);
    name_changes_ += is_of_names;
    changes_ += is_of_names || is_of_bytes;
    if (is_of_bytes) {
        const auto handle = handles_.find(*file_of(wanted));
        if (handle != handles_.end()) touched_[touches_++ % touches_kept] = handle->second.file;
    }
    return std::move(operation.finished);
}

// What was under way when the process died: in each file's order up to some point, the last write
// perhaps in part.
void Disk::carry_out_some() {
    std::vector<Operation> left;
    for (Operation& operation : slots_)
        if (operation.number != 0) left.push_back(std::move(operation));
    std::ranges::sort(left, {}, &Operation::number);
    std::set<FileId> ended;
    for (const Operation& operation : left) {
        const std::optional<FileId> file = file_of(operation.what);
        if (file && ended.contains(*file)) continue;
        const auto* rename = std::get_if<effect::RenameDirectory>(&operation.what);
        const std::vector<FileId> files =
            rename != nullptr ? files_below(rename->path) : std::vector<FileId>();
        const bool is_held_up =
            std::ranges::any_of(files, [&](FileId one) { return ended.contains(one); });
        if (!is_held_up && random_.below(2) == 0) {
            carry_out(operation.what);
            continue;
        }
        ended.insert(files.begin(), files.end());
        if (file) ended.insert(*file);
        const auto* write = std::get_if<effect::Write>(&operation.what);
        if (!write || write->bytes.empty()) continue;
        effect::Write part = *write;
        part.bytes = write->bytes.flatten().slice(0, random_.below(write->bytes.size() + 1));
        carry_out(part);
    }
}

std::vector<FileId> Disk::files_below(std::string_view directory) const {
    std::vector<FileId> files;
    for (const auto& [id, handle] : handles_)
        if (is_below(handle.path, directory)) files.push_back(id);
    return files;
}

void Disk::crash() {
    carry_out_some();
    handles_.clear();
    slots_.clear();
    free_slots_.clear();
    operations_in_slots_ = 0;
    std::ranges::fill(lanes_, Instant());
    locks_.clear();
    has_garbage_ = true;
    sweep();
}

void Disk::lose_power(Unflushed fate) {
    crash();
    ++changes_;
    ++name_changes_;
    directory_.lose_power(fate, random_);
    for (File& one : files_) one.lose_power(fate, random_);
    has_garbage_ = true;
    sweep();
    recount();
}

void Disk::mend() {
    capacity_ = options_.capacity;
    slowness_ = 1;
    fail_in_ = 0;
    is_broken_ = false;
    failing_directories_.clear();
    spoiled_.clear();
}

bool Disk::flip_bit(std::string_view path, std::uint64_t byte, unsigned bit) {
    const std::optional<Entry> entry = directory_.find(path);
    if (!entry || entry->kind != EntryKind::file) return false;
    File& rotten = file(entry->file);
    if (byte >= rotten.cached().size() || bit > 7) return false;
    rotten.flip_bit(byte, bit);
    return true;
}

FileNumber Disk::new_file() {
    if (!free_files_.empty()) {
        const FileNumber number = free_files_.back();
        free_files_.pop_back();
        file(number) = File();
        return number;
    }
    files_.emplace_back();
    return FileNumber(static_cast<std::uint32_t>(files_.size() - 1));
}

// No name leads to the file any more; ids and the medium may still.
void Disk::unlink(FileNumber number) {
    used_ -= file(number).cached().size();
    file(number).is_linked = false;
    has_garbage_ = true;
}

// Files that nothing can lead to any more are forgotten.
void Disk::sweep() {
    if (!std::exchange(has_garbage_, false)) return;
    std::vector<bool> used = directory_.files_in_use(files_.size());
    for (const auto& [id, handle] : handles_)
        if (handle.is_bound) used[handle.file.value()] = true;
    for (const FileNumber number : free_files_) used[number.value()] = true;
    for (std::size_t i = 1; i < files_.size(); ++i) {
        if (used[i]) continue;
        files_[i] = File();
        std::erase_if(spoiled_, [&](const Spoiled& one) { return one.file.value() == i; });
        free_files_.push_back(FileNumber(static_cast<std::uint32_t>(i)));
    }
}

void Disk::recount() {
    used_ = 0;
    for (File& one : files_) one.is_linked = false;
    for (const auto& [path, entry] : directory_.names()) {
        if (entry.kind != EntryKind::file) continue;
        file(entry.file).is_linked = true;
        used_ += file(entry.file).cached().size();
    }
}

bool Disk::is_name_flushed(std::string_view path) const {
    const auto seen = directory_.names().find(path);
    const auto durable = directory_.durable_names().find(path);
    return seen != directory_.names().end() && durable != directory_.durable_names().end() &&
           durable->second == seen->second;
}

std::vector<Disk::FileView> Disk::files() const {
    std::vector<FileView> all;
    for (const auto& [path, entry] : directory_.names()) {
        const bool is_flushed = is_name_flushed(path);
        FileView view{path, entry.kind, 0, 0, is_flushed, is_flushed};
        if (entry.kind == EntryKind::file) {
            const File& one = files_[entry.file.value()];
            view.size = one.cached().size();
            view.unflushed_bytes = one.unflushed_bytes();
            view.is_flushed = is_flushed && one.is_flushed();
        }
        all.push_back(std::move(view));
    }
    return all;
}

std::optional<Bytes> Disk::read(std::string_view path) const {
    const auto all = read(path, 0, UINT64_MAX);
    return all ? std::optional(all->flatten()) : std::nullopt;
}

std::optional<Chain> Disk::read(std::string_view path, std::uint64_t position,
                                std::uint64_t length) const {
    const std::optional<Entry> entry = directory_.find(path);
    if (!entry || entry->kind != EntryKind::file) return std::nullopt;
    return files_[entry->file.value()].cached().read(position, length);
}

std::optional<Bytes> Disk::read_durable(std::string_view path) const {
    const auto found = directory_.durable_names().find(path);
    if (found == directory_.durable_names().end()) return std::nullopt;
    if (found->second.kind != EntryKind::file) return std::nullopt;
    return files_[found->second.file.value()].durable().read(0, UINT64_MAX).flatten();
}

void Disk::digest(Hasher& hasher) const {
    hasher.add(static_cast<std::uint64_t>(directory_.names().size()));
    for (const auto& [path, entry] : directory_.names()) {
        hasher.add(as_bytes(path));
        hasher.add(static_cast<std::uint64_t>(entry.kind));
        if (entry.kind != EntryKind::file) continue;
        const File& one = files_[entry.file.value()];
        one.cached().digest(hasher);
        hasher.add(static_cast<std::uint64_t>(one.unflushed_changes()));
    }
    hasher.add(operations_);
}

}  // namespace barnabas::sim
