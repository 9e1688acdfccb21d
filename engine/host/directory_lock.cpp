#include "engine/host/directory_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <mutex>
#include <set>

#include "engine/host/file_calls.h"

namespace barnabas::host {

// A record lock belongs to the process: taking it twice succeeds, and closing any descriptor of the
// file drops it. So the directories that are held stand here, and are asked before the file is
// opened.
struct DirectoryLock::Held {
    std::mutex mutex;
    std::set<Inode> directories;
};

DirectoryLock::Held& DirectoryLock::held_by_this_process() {
    static Held held;
    return held;
}

Result<DirectoryLock, StorageStatus> DirectoryLock::take(const std::string& directory) {
    struct stat about{};
    if (::stat(directory.c_str(), &about) < 0) return unexpected(status_of(errno));
    const Inode inode{about.st_dev, about.st_ino};
    Held& held = held_by_this_process();
    const std::lock_guard guard(held.mutex);
    if (held.directories.contains(inode)) return unexpected(StorageStatus::locked);
    const std::string path = directory + "/.lock";
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file.is_open()) return unexpected(status_of(errno));
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(file.number(), F_SETLK, &whole) < 0) {
        const bool is_taken = errno == EACCES || errno == EAGAIN;
        return unexpected(is_taken ? StorageStatus::locked : status_of(errno));
    }
    held.directories.insert(inode);
    return DirectoryLock(std::move(file), inode);
}

DirectoryLock::DirectoryLock(Descriptor file, Inode directory)
    : file_(std::move(file)), directory_(directory) {}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::move(other.file_)), directory_(other.directory_) {}

DirectoryLock::~DirectoryLock() {
    if (!file_.is_open()) return;
    Held& held = held_by_this_process();
    const std::lock_guard guard(held.mutex);
    held.directories.erase(directory_);
    file_ = Descriptor();
}

}  // namespace barnabas::host
