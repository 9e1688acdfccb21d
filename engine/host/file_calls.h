// The storage effects as system calls, one function each. They block, know nothing of queues, and
// may run on any thread.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/host/descriptor.h"
#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"

namespace barnabas::host {

// The place that the renaming of a directory has among the operations of a file in it.
struct DirectoryMoves {
    Token operation;  // of the RenameDirectory
};

using FileOperation =
    std::variant<effect::Open, effect::Close, effect::Write, effect::Read, effect::Flush,
                 effect::Truncate, effect::Rename, effect::Remove, DirectoryMoves>;
using DirectoryOperation = std::variant<effect::MakeDirectory, effect::List, effect::FlushDirectory,
                                        effect::RenameDirectory, effect::RemoveDirectory>;

StorageStatus status_of(int error);  // of an errno

bool needs_descriptor(const FileOperation& operation);  // done to an open file, not to a path

struct OpenedFile {
    StorageStatus status = StorageStatus::ok;
    SharedDescriptor descriptor;
    std::uint64_t size = 0;
};
// A file that may only be read is opened for reading, and says access_denied to a Write.
OpenedFile open_file(const std::string& path, OpenMode mode);

// Writes that follow each other in the file without a gap, gathered into as few calls as possible.
// One answer each is added to `done`.
// Needs: all are Writes.
void write_run(int file, std::span<const FileOperation> run, std::vector<event::StorageDone>& done);

// Reads only what is in memory already; nothing when that is not all that was asked for (or when
// the file system cannot tell).
bool read_if_cached(int file, const effect::Read& read, event::StorageDone& done);
event::StorageDone read_file(int file, const effect::Read& read);

// How many of the bytes from `position` on are in memory, so that nobody waits for a disk to have
// them. All of them when the system cannot tell.
std::uint64_t bytes_in_memory(int file, std::uint64_t position, std::uint64_t length);

StorageStatus flush_file(int file);
StorageStatus truncate_file(int file, std::uint64_t size);
StorageStatus rename_file(const std::string& from, const std::string& to);
StorageStatus remove_file(const std::string& path);

StorageStatus make_directory(const std::string& path);
StorageStatus flush_directory(const std::string& path);
StorageStatus rename_directory(const std::string& from, const std::string& to);
StorageStatus remove_directory(const std::string& path);
StorageStatus list_directory(const std::string& path, std::vector<DirectoryEntry>& entries);

}  // namespace barnabas::host
