// The lock of a data directory: a POSIX record lock on its `.lock` file, as Kafka takes it, so that
// neither an Apache Kafka nor a second Barnabas opens the directory meanwhile.
#pragma once

#include <sys/types.h>

#include <compare>
#include <string>

#include "engine/base/result.h"
#include "engine/host/descriptor.h"
#include "engine/runtime/event.h"

namespace barnabas::host {

// Held while it lives. Thread-safe.
class DirectoryLock {
  public:
    // Says locked when another process has it, or another lock of this one.
    static Result<DirectoryLock, StorageStatus> take(const std::string& directory);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) = delete;
    ~DirectoryLock();

  private:
    struct Inode {
        dev_t device;
        ino_t number;
        auto operator<=>(const Inode&) const = default;
    };
    struct Held;
    static Held& held_by_this_process();

    DirectoryLock(Descriptor file, Inode directory);

    Descriptor file_;
    Inode directory_;
};

}  // namespace barnabas::host
