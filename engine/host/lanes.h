// Threads for what may block on a disk: one a lane, begun with the lane's first job. The jobs of a
// lane run in the order in which they came; lanes do not wait for each other.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/host/file_calls.h"

namespace barnabas::host {

// A run of operations of one file (of writes, of flushes, or one of any other kind), or one of a
// directory; and what came of it. A piece of a file that is to be brought into memory for a
// connection has neither.
struct Job {
    std::size_t lane = 0;

    FileId file;
    std::vector<FileOperation> of_file;
    std::string path;
    SharedDescriptor descriptor;  // of the file; without one it is opened by its path

    std::optional<DirectoryOperation> of_directory;

    ConnectionId waiting;  // who waits for [position, position + length) of the file
    std::uint64_t position = 0;
    std::uint64_t length = 0;
    std::uint64_t ahead = 0;  // so much behind it will be wanted next

    std::vector<event::StorageDone> done;  // without an operation for a connection that waits
    Duration took{};
};

// Carries the job out on the calling thread.
void perform(Job& job);

class Lanes {
  public:
    // `when_done` is called on a lane's thread when finished jobs begin to wait for take().
    explicit Lanes(std::function<void()> when_done);
    ~Lanes();  // finishes what has begun and drops the rest

    // Takes the job to its lane. False when the system has no room for the lane's thread: the job
    // stays where it was.
    bool give(std::unique_ptr<Job>& job);
    std::vector<std::unique_ptr<Job>> take();  // those that are finished
    // Waits until a job is finished. Needs: one was given and not taken.
    void wait();

  private:
    struct Lane {
        std::vector<std::unique_ptr<Job>> given;
        std::condition_variable changed;
        std::thread thread;
    };

    void work(Lane& lane);
    bool finish(std::unique_ptr<Job> job);

    std::function<void()> when_done_;
    std::mutex mutex_;
    std::condition_variable is_finished_;
    std::vector<std::unique_ptr<Job>> finished_;
    bool ends_ = false;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace barnabas::host
