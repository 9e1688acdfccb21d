// How a disk carries out one operation. Private to the disk.
#pragma once

#include "sim/disk/disk.h"

namespace barnabas::sim {

// The file whose order the operation keeps; none for directories.
std::optional<FileId> file_of(const Effect& wanted);
// The name that the operation is about; none for what a file's id stands for.
std::string_view path_of(const Effect& wanted);
// Which fault of a directory is its own. Needs: no Close.
Failing kind_of(const Effect& wanted);
// Payload that goes to or comes from the medium.
std::uint64_t bytes_of(const Effect& wanted);

struct Operator {
    Disk& disk;
    const bool fails;
    Finished finished;

    void operator()(const effect::Open& wanted);
    void operator()(const effect::Close& wanted);
    void operator()(const effect::Write& wanted);
    void operator()(const effect::Read& wanted);
    void operator()(const effect::SendFile& wanted);
    void operator()(const effect::Flush& wanted);
    void operator()(const effect::Truncate& wanted);
    void operator()(const effect::Rename& wanted);
    void operator()(const effect::Remove& wanted);
    void operator()(const effect::MakeDirectory& wanted);
    void operator()(const effect::List& wanted);
    void operator()(const effect::FlushDirectory& wanted);
    void operator()(const effect::RenameDirectory& wanted);
    void operator()(const effect::RemoveDirectory& wanted);
    void operator()(const effect::LockDirectory& wanted);
    void operator()(const auto&) { CHECK(!"a storage effect"); }

    event::StorageDone& answer(Token operation, StorageStatus status = StorageStatus::ok);
    StorageStatus open(const effect::Open& wanted, Disk::Handle& handle);
    StorageStatus rename_directory(const std::string& from, const std::string& to);
    StorageStatus remove_directory(const std::string& path);
    StorageStatus make_directory(const std::string& path);
    StorageStatus lock(const std::string& path);
    // Nothing when the id is bound to no file.
    Disk::Handle* bound(FileId file);
    void resize(File& file, std::uint64_t size);
};

}  // namespace barnabas::sim
