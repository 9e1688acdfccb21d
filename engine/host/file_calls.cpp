#include "engine/host/file_calls.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "engine/base/result.h"

namespace barnabas::host {
namespace {

StorageStatus status_of_call(int result) {
    return result < 0 ? status_of(errno) : StorageStatus::ok;
}

template <class Call>
auto retried(Call call) {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

// Walks the pieces of a run of writes from front to back.
class Cursor {
    const auto& pieces_of(std::size_t write) const {
        return std::get<effect::Write>(run_[write]).bytes.pieces();
    }

  public:
    explicit Cursor(std::span<const FileOperation> run) : run_(run) {}

    // The next pieces, as many as fit; nothing at the end.
    std::span<const iovec> gather() {
        std::size_t count = 0, write = write_, piece = piece_, skip = skip_;
        for (; write < run_.size() && count < parts_.size(); ++write, piece = 0) {
            const auto& pieces = pieces_of(write);
            for (; piece < pieces.size() && count < parts_.size(); ++piece, skip = 0)
                // pwritev reads only, though its structure cannot say so.
                parts_[count++] = {const_cast<std::uint8_t*>(pieces[piece].data()) + skip,
                                   pieces[piece].size() - skip};
            if (piece < pieces.size()) break;
        }
        return {parts_.data(), count};
    }
    void advance(std::size_t count) {
        while (count > 0) {
            const auto& pieces = pieces_of(write_);
            if (piece_ == pieces.size()) {
                ++write_;
                piece_ = 0;
                continue;
            }
            const std::size_t rest = pieces[piece_].size() - skip_;
            if (count < rest) {
                skip_ += count;
                return;
            }
            count -= rest;
            skip_ = 0;
            ++piece_;
        }
    }

  private:
    std::span<const FileOperation> run_;
    std::size_t write_ = 0;
    std::size_t piece_ = 0;
    std::size_t skip_ = 0;
    std::array<iovec, 256> parts_;
};

// How much of [position, position + length) the file has.
Result<std::size_t, StorageStatus> readable(int file, const effect::Read& read) {
    struct stat about{};
    if (::fstat(file, &about) < 0) return unexpected(status_of(errno));
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (read.position >= size) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(read.length, size - read.position));
}

struct ReadBuffer {
    std::shared_ptr<std::uint8_t[]> storage;
    Bytes shown(std::size_t count) {
        const std::uint8_t* at = storage.get();
        return Bytes::adopt(std::shared_ptr<const std::uint8_t>(std::move(storage), at), count);
    }
};

// Of a change to a file that is open for reading only: is it the file, or its file system?
StorageStatus refusal_of(int file) {
    struct statvfs about{};
    const bool is_known = ::fstatvfs(file, &about) == 0;
    return is_known && (about.f_flag & ST_RDONLY) ? StorageStatus::read_only
                                                  : StorageStatus::access_denied;
}

// A memory file system cannot tell what is cached, because all of it is.
bool is_in_memory(int file) {
    struct statfs about{};
    return ::fstatfs(file, &about) == 0 && about.f_type == TMPFS_MAGIC;
}

}  // namespace

StorageStatus status_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return StorageStatus::not_found;
        case EEXIST:
        case ENOTEMPTY: return StorageStatus::exists;
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return StorageStatus::no_space;
        case EACCES:
        case EPERM: return StorageStatus::access_denied;
        case EROFS: return StorageStatus::read_only;
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
        case ENXIO: return StorageStatus::foreign;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
        case EAGAIN:
        case EINTR: return StorageStatus::shortage;
        default: return StorageStatus::io_error;
    }
}

bool needs_descriptor(const FileOperation& operation) {
    return std::holds_alternative<effect::Write>(operation) ||
           std::holds_alternative<effect::Read>(operation) ||
           std::holds_alternative<effect::Flush>(operation) ||
           std::holds_alternative<effect::Truncate>(operation);
}

OpenedFile open_file(const std::string& path, OpenMode mode) {
    int flags = O_CLOEXEC;
    if (mode != OpenMode::existing) flags |= O_CREAT;
    if (mode == OpenMode::create_emptied) flags |= O_TRUNC;
    const auto open = [&](int access) {
        return Descriptor(retried([&] { return ::open(path.c_str(), flags | access, 0644); }));
    };
    Descriptor descriptor = open(O_RDWR);
    const bool is_refused =
        !descriptor.is_open() && (errno == EACCES || errno == EPERM || errno == EROFS);
    if (is_refused && mode == OpenMode::existing) descriptor = open(O_RDONLY);
    struct stat about{};
    if (!descriptor.is_open() || ::fstat(descriptor.number(), &about) < 0)
        return {status_of(errno), nullptr, 0};
    if (S_ISDIR(about.st_mode)) return {StorageStatus::foreign, nullptr, 0};
    return {StorageStatus::ok, std::make_shared<const Descriptor>(std::move(descriptor)),
            static_cast<std::uint64_t>(about.st_size)};
}

void write_run(int file, std::span<const FileOperation> run,
               std::vector<event::StorageDone>& done) {
    Cursor cursor(run);
    const std::uint64_t position = std::get<effect::Write>(run.front()).position;
    std::uint64_t written = 0;
    StorageStatus failed = StorageStatus::ok;
    for (auto parts = cursor.gather(); !parts.empty(); parts = cursor.gather()) {
        const ssize_t count = retried([&] {
            return ::pwritev(file, parts.data(), static_cast<int>(parts.size()),
                             static_cast<off_t>(position + written));
        });
        if (count <= 0) {
            failed = count == 0       ? StorageStatus::io_error
                     : errno == EBADF ? refusal_of(file)
                                      : status_of(errno);
            break;
        }
        written += static_cast<std::uint64_t>(count);
        cursor.advance(static_cast<std::size_t>(count));
    }
    for (const FileOperation& operation : run) {
        const auto& write = std::get<effect::Write>(operation);
        const bool is_whole = written >= write.bytes.size();
        written -= is_whole ? write.bytes.size() : written;
        if (!is_whole) CHECK(failed != StorageStatus::ok);
        done.push_back({write.operation, is_whole ? StorageStatus::ok : failed, {}, 0, {}});
    }
}

bool read_if_cached(int file, const effect::Read& read, event::StorageDone& done) {
    const auto count = readable(file, read);
    done = {read.operation, count ? StorageStatus::ok : count.error(), {}, 0, {}};
    if (!count || *count == 0) return true;
    ReadBuffer buffer{std::make_shared_for_overwrite<std::uint8_t[]>(*count)};
    const iovec part{buffer.storage.get(), *count};
    const ssize_t got = retried(
        [&] { return ::preadv2(file, &part, 1, static_cast<off_t>(read.position), RWF_NOWAIT); });
    if (got < 0 && errno == EOPNOTSUPP && is_in_memory(file)) {
        done = read_file(file, read);
        return true;
    }
    if (got != static_cast<ssize_t>(*count)) return false;
    done.bytes = buffer.shown(*count);
    return true;
}

event::StorageDone read_file(int file, const effect::Read& read) {
    const auto count = readable(file, read);
    event::StorageDone done{read.operation, count ? StorageStatus::ok : count.error(), {}, 0, {}};
    if (!count || *count == 0) return done;
    ReadBuffer buffer{std::make_shared_for_overwrite<std::uint8_t[]>(*count)};
    std::size_t have = 0;
    while (have < *count) {
        const ssize_t got = retried([&] {
            return ::pread(file, buffer.storage.get() + have, *count - have,
                           static_cast<off_t>(read.position + have));
        });
        if (got < 0) {
            done.status = status_of(errno);
            return done;
        }
        if (got == 0) break;  // cut meanwhile
        have += static_cast<std::size_t>(got);
    }
    if (have > 0) done.bytes = buffer.shown(have);
    return done;
}

// Asks about a mapping that nobody touches: neither the mapping nor the question reads a page.
std::uint64_t bytes_in_memory(int file, std::uint64_t position, std::uint64_t length) {
    static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    std::array<unsigned char, 256> pages;
    const std::uint64_t skip = position % page;
    std::uint64_t known = 0;
    while (known < skip + length) {
        const std::uint64_t step = std::min(skip + length - known, pages.size() * page);
        void* at = ::mmap(nullptr, step, PROT_READ, MAP_SHARED, file,
                          static_cast<off_t>(position - skip + known));
        if (at == MAP_FAILED) return length;
        const int result = ::mincore(at, step, pages.data());
        ::munmap(at, step);
        if (result < 0) return length;
        const auto end = pages.begin() + static_cast<std::ptrdiff_t>((step + page - 1) / page);
        const auto gap = std::find_if(pages.begin(), end, [](int one) { return (one & 1) == 0; });
        if (gap != end) {
            known += static_cast<std::uint64_t>(gap - pages.begin()) * page;
            return known > skip ? std::min(known - skip, length) : 0;
        }
        known += step;
    }
    return length;
}

StorageStatus flush_file(int file) {
    return status_of_call(retried([&] { return ::fdatasync(file); }));
}

StorageStatus truncate_file(int file, std::uint64_t size) {
    const int result = retried([&] { return ::ftruncate(file, static_cast<off_t>(size)); });
    if (result < 0 && errno == EINVAL) return refusal_of(file);
    return status_of_call(result);
}

StorageStatus rename_file(const std::string& from, const std::string& to) {
    return status_of_call(retried([&] { return ::rename(from.c_str(), to.c_str()); }));
}

StorageStatus remove_file(const std::string& path) {
    return status_of_call(retried([&] { return ::unlink(path.c_str()); }));
}

StorageStatus make_directory(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!error) return StorageStatus::ok;
    return error.value() == ENOTDIR ? StorageStatus::exists : status_of(error.value());
}

StorageStatus flush_directory(const std::string& path) {
    const Descriptor directory(
        retried([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!directory.is_open()) return status_of(errno);
    return status_of_call(retried([&] { return ::fsync(directory.number()); }));
}

// A slash at the end: of a file the system would say that it is no directory.
StorageStatus rename_directory(const std::string& from, const std::string& to) {
    const std::string directory = from + '/';
    const auto rename = [&](unsigned flags) {
        return retried([&] {
            return ::renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, to.c_str(), flags);
        });
    };
    int result = rename(RENAME_NOREPLACE);
    if (result < 0 && errno == EINVAL) result = rename(0);  // a file system that cannot promise it
    return status_of_call(result);
}

StorageStatus remove_directory(const std::string& path) {
    return status_of_call(retried([&] { return ::rmdir(path.c_str()); }));
}

StorageStatus list_directory(const std::string& path, std::vector<DirectoryEntry>& entries) {
    std::error_code error;
    std::filesystem::directory_iterator at(path, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        struct stat about{};
        if (::stat(at->path().c_str(), &about) < 0) {
            if (errno == ENOENT) continue;  // gone meanwhile
            error.assign(errno, std::generic_category());
            break;
        }
        const EntryKind kind = S_ISREG(about.st_mode)   ? EntryKind::file
                               : S_ISDIR(about.st_mode) ? EntryKind::directory
                                                        : EntryKind::other;
        const auto size = kind == EntryKind::file ? static_cast<std::uint64_t>(about.st_size) : 0;
        entries.push_back({at->path().filename().string(), kind, size});
    }
    if (error) {
        entries.clear();
        return status_of(error.value());
    }
    std::sort(entries.begin(), entries.end());
    return StorageStatus::ok;
}

}  // namespace barnabas::host
