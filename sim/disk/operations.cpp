#include "sim/disk/operations.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

// A directory as the names have it: no slash at the end, the working directory without a name.
std::string trimmed(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path == "." ? "" : path;
}

}  // namespace

std::optional<FileId> file_of(const Effect& wanted) {
    return std::visit(
        [](const auto& one) -> std::optional<FileId> {
            if constexpr (requires { one.file; }) {
                return one.file;
            } else {
                return std::nullopt;
            }
        },
        wanted);
}

std::string_view path_of(const Effect& wanted) {
    return std::visit(
        [](const auto& one) -> std::string_view {
            if constexpr (requires { one.path; }) {
                return one.path;
            } else {
                return {};
            }
        },
        wanted);
}

Failing kind_of(const Effect& wanted) {
    if (const auto* open = std::get_if<effect::Open>(&wanted)) {
        return open->mode == OpenMode::existing ? Failing::reads : Failing::writes;
    }
    if (std::holds_alternative<effect::Read>(wanted) ||
        std::holds_alternative<effect::SendFile>(wanted) ||
        std::holds_alternative<effect::List>(wanted)) {
        return Failing::reads;
    }
    const bool is_flush = std::holds_alternative<effect::Flush>(wanted) ||
                          std::holds_alternative<effect::FlushDirectory>(wanted);
    return is_flush ? Failing::flushes : Failing::writes;
}

std::uint64_t bytes_of(const Effect& wanted) {
    if (const auto* write = std::get_if<effect::Write>(&wanted)) return write->bytes.size();
    if (const auto* read = std::get_if<effect::Read>(&wanted)) return read->length;
    if (const auto* send = std::get_if<effect::SendFile>(&wanted)) return send->length;
    return 0;
}

event::StorageDone& Operator::answer(Token operation, StorageStatus status) {
    return finished.answer.emplace(operation, status, Bytes(), 0, std::vector<DirectoryEntry>());
}

Disk::Handle* Operator::bound(FileId file) {
    const auto handle = disk.handles_.find(file);
    if (handle == disk.handles_.end() || !handle->second.is_bound) return nullptr;
    return &handle->second;
}

void Operator::resize(File& file, std::uint64_t size) {
    if (file.is_linked) disk.used_ += size - file.cached().size();
    file.resize(size);
}

void Operator::operator()(const effect::Open& wanted) {
    Disk::Handle& handle = disk.handles_[wanted.file];
    const StorageStatus status = open(wanted, handle);
    event::StorageDone& done = answer(wanted.operation, status);
    if (status == StorageStatus::ok) done.size = disk.file(handle.file).cached().size();
}

StorageStatus Operator::open(const effect::Open& wanted, Disk::Handle& handle) {
    CHECK(!handle.is_bound);
    if (fails) return StorageStatus::io_error;
    std::optional<Entry> entry = disk.directory_.find(wanted.path);
    if (entry && entry->kind != EntryKind::file) return StorageStatus::foreign;
    if (!entry) {
        if (wanted.mode == OpenMode::existing) return StorageStatus::not_found;
        if (!disk.directory_.has_directory(directory_of(wanted.path)))
            return StorageStatus::not_found;
        entry = Entry{EntryKind::file, disk.new_file()};
        disk.directory_.add(wanted.path, *entry);
    } else if (wanted.mode == OpenMode::create_emptied) {
        resize(disk.file(entry->file), 0);
    }
    handle.file = entry->file;
    handle.path = wanted.path;
    handle.is_bound = true;
    return StorageStatus::ok;
}

void Operator::operator()(const effect::Close& wanted) {
    if (Disk::Handle* handle = bound(wanted.file)) handle->is_bound = false;
}

void Operator::operator()(const effect::Write& wanted) {
    const Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    if (!handle) {
        done.status = StorageStatus::not_found;
        return;
    }
    File& file = disk.file(handle->file);
    const std::uint64_t before = file.cached().size();
    const std::uint64_t end = wanted.position + wanted.bytes.size();
    std::uint64_t count = wanted.bytes.size();
    const std::uint64_t room = disk.room();
    if (end > before && end - before > room) {
        done.status = StorageStatus::no_space;
        count = before + room > wanted.position ? before + room - wanted.position : 0;
        count = disk.random_.below(count + 1);
    }
    if (fails) {
        done.status = StorageStatus::io_error;
        count = disk.random_.below(wanted.bytes.size() + 1);
    }
    disk.mend_written(handle->file, wanted.position, count);
    std::uint64_t position = wanted.position;
    for (const Bytes& piece : wanted.bytes.pieces()) {
        const std::uint64_t step = std::min<std::uint64_t>(count, piece.size());
        if (step > 0) file.write(position, piece.slice(0, step));
        position += step;
        count -= step;
    }
    if (file.is_linked) disk.used_ += file.cached().size() - before;
}

void Operator::operator()(const effect::Read& wanted) {
    const Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    if (!handle) {
        done.status = StorageStatus::not_found;
    } else if (fails || disk.has_spoiled(handle->file, wanted.position, wanted.length)) {
        done.status = StorageStatus::io_error;
    } else {
        done.bytes =
            disk.file(handle->file).cached().read(wanted.position, wanted.length).flatten();
    }
}

void Operator::operator()(const effect::SendFile& wanted) {
    finished.sending = wanted;
    if (!fails) finished.bytes = disk.read_now(wanted.file, wanted.position, wanted.length);
}

void Operator::operator()(const effect::Flush& wanted) {
    const Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    if (!handle) {
        done.status = StorageStatus::not_found;
    } else if (fails) {
        done.status = StorageStatus::io_error;
        constexpr auto forgets = static_cast<std::uint8_t>(Failing::forgetful_flushes);
        if ((disk.failing_kinds(handle->path) & forgets) == forgets)
            disk.file(handle->file).forget_unflushed();
    } else {
        disk.file(handle->file).flush();
    }
}

void Operator::operator()(const effect::Truncate& wanted) {
    const Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    if (!handle) {
        done.status = StorageStatus::not_found;
        return;
    }
    File& file = disk.file(handle->file);
    const std::uint64_t before = file.cached().size();
    if (fails) {
        done.status = StorageStatus::io_error;
    } else if (wanted.size > before && wanted.size - before > disk.room()) {
        done.status = StorageStatus::no_space;
    } else {
        resize(file, wanted.size);
    }
}

void Operator::operator()(const effect::Rename& wanted) {
    Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    const std::optional<Entry> target = disk.directory_.find(wanted.path);
    if (!handle || !disk.directory_.find(handle->path) ||
        !disk.directory_.has_directory(directory_of(wanted.path))) {
        done.status = StorageStatus::not_found;
    } else if (fails) {
        done.status = StorageStatus::io_error;
    } else if (target && target->kind != EntryKind::file) {
        done.status = StorageStatus::exists;
    } else {
        if (target && target->file != handle->file) disk.unlink(target->file);
        disk.directory_.rename(handle->path, wanted.path);
        handle->path = wanted.path;
    }
}

void Operator::operator()(const effect::Remove& wanted) {
    Disk::Handle* handle = bound(wanted.file);
    event::StorageDone& done = answer(wanted.operation);
    const std::optional<Entry> entry = handle ? disk.directory_.find(handle->path) : std::nullopt;
    if (!entry || entry->file != handle->file) {
        done.status = StorageStatus::not_found;
    } else if (fails) {
        done.status = StorageStatus::io_error;
        return;
    } else {
        disk.directory_.remove(handle->path);
        disk.unlink(handle->file);
    }
    if (handle) handle->is_bound = false;
}

void Operator::operator()(const effect::MakeDirectory& wanted) {
    answer(wanted.operation,
           fails ? StorageStatus::io_error : make_directory(trimmed(wanted.path)));
}

StorageStatus Operator::make_directory(const std::string& path) {
    if (disk.directory_.has_directory(path)) return StorageStatus::ok;
    if (disk.directory_.find(path)) return StorageStatus::exists;
    const StorageStatus above = make_directory(std::string(directory_of(path)));
    if (above != StorageStatus::ok) return above;
    disk.directory_.add(path, {EntryKind::directory, {}});
    return StorageStatus::ok;
}

void Operator::operator()(const effect::List& wanted) {
    const std::string directory = trimmed(wanted.path);
    event::StorageDone& done = answer(wanted.operation);
    if (!disk.directory_.has_directory(directory)) done.status = StorageStatus::not_found;
    if (fails) done.status = StorageStatus::io_error;
    if (done.status != StorageStatus::ok) return;
    for (const auto& [path, entry] : disk.directory_.names()) {
        if (directory_of(path) != directory) continue;
        const std::size_t slash = path.rfind('/');
        done.entries.push_back(
            {slash == std::string::npos ? path : path.substr(slash + 1), entry.kind,
             entry.kind == EntryKind::file ? disk.file(entry.file).cached().size() : 0});
    }
}

void Operator::operator()(const effect::FlushDirectory& wanted) {
    const std::string directory = trimmed(wanted.path);
    event::StorageDone& done = answer(wanted.operation);
    if (!disk.directory_.has_directory(directory)) {
        done.status = StorageStatus::not_found;
    } else if (fails) {
        done.status = StorageStatus::io_error;
    } else {
        disk.directory_.flush(directory);
        disk.sweep();
    }
}

void Operator::operator()(const effect::RenameDirectory& wanted) {
    answer(wanted.operation, fails ? StorageStatus::io_error
                                   : rename_directory(trimmed(wanted.path), trimmed(wanted.to)));
}

StorageStatus Operator::rename_directory(const std::string& from, const std::string& to) {
    const std::optional<Entry> entry = disk.directory_.find(from);
    if (!entry || entry->kind != EntryKind::directory ||
        !disk.directory_.has_directory(directory_of(to)))
        return StorageStatus::not_found;
    if (disk.directory_.has_directory(to) || disk.directory_.find(to)) return StorageStatus::exists;
    if (is_below(to, from)) return StorageStatus::io_error;
    disk.directory_.rename(from, to);
    for (auto& [id, handle] : disk.handles_)
        if (is_below(handle.path, from)) handle.path.replace(0, from.size(), to);
    return StorageStatus::ok;
}

void Operator::operator()(const effect::RemoveDirectory& wanted) {
    answer(wanted.operation,
           fails ? StorageStatus::io_error : remove_directory(trimmed(wanted.path)));
}

StorageStatus Operator::remove_directory(const std::string& path) {
    const std::optional<Entry> entry = disk.directory_.find(path);
    if (!entry || entry->kind != EntryKind::directory) return StorageStatus::not_found;
    if (disk.directory_.has_something_below(path)) return StorageStatus::exists;
    disk.directory_.remove(path);
    return StorageStatus::ok;
}

void Operator::operator()(const effect::LockDirectory& wanted) {
    answer(wanted.operation, fails ? StorageStatus::io_error : lock(trimmed(wanted.path)));
}

StorageStatus Operator::lock(const std::string& path) {
    if (!disk.directory_.has_directory(path)) return StorageStatus::not_found;
    if (disk.locked_by_other_.contains(path) || disk.locks_.contains(path))
        return StorageStatus::locked;
    const std::string file = path + "/.lock";
    if (!disk.directory_.find(file)) disk.directory_.add(file, {EntryKind::file, disk.new_file()});
    disk.locks_.insert(path);
    return StorageStatus::ok;
}

}  // namespace barnabas::sim
