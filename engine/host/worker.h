// One thread for what may block on a disk. Jobs run in the order in which they came.
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
// directory; and what came of it. A range that is to be brought into memory for a connection has
// neither.
struct Job {
    FileId file;
    std::vector<FileOperation> of_file;
    std::string path;
    SharedDescriptor descriptor;  // of the file; what Open makes of it

    std::optional<DirectoryOperation> of_directory;

    ConnectionId waiting;  // who waits for the range [position, position + length) of descriptor
    std::uint64_t position = 0;
    std::uint64_t length = 0;

    std::vector<event::StorageDone> done;
};

// Carries the job out on the calling thread.
void perform(Job& job);

class Worker {
  public:
    // `when_done` is called on the worker's thread when finished jobs begin to wait for take().
    explicit Worker(std::function<void()> when_done);
    ~Worker();  // finishes what it was given

    void give(std::vector<std::unique_ptr<Job>>& jobs);  // takes them all
    std::vector<std::unique_ptr<Job>> take();            // those that are finished
    // Waits until a job is finished. Needs: one was given and not taken.
    void wait();

  private:
    void work();

    std::function<void()> when_done_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Job>> given_;
    std::vector<std::unique_ptr<Job>> finished_;
    bool ends_ = false;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace barnabas::host
