// The files of one machine. Operations queue per file and run in order: what stays in the page
// cache inline, what may block on a worker; a file with a job there keeps later ones behind it.
//
// How many descriptors stand behind the files is bounded: one that was not used since the last
// round over them is closed, and opened again by its path when it is wanted.
//
// When descriptors or memory run short, some of them go, and what could not be done is tried again
// in its place: at once as long as some go, else after a pause.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "engine/host/directory_lock.h"
#include "engine/host/sender.h"
#include "engine/host/worker.h"

namespace barnabas::host {

class Storage {
  public:
    // Reads beyond this are not done inline.
    static constexpr std::uint32_t inline_read_max = 256 * 1024;

    // Answers are added to `events`.
    Storage(std::vector<Event>& events, std::function<void()> when_jobs_are_done,
            std::size_t descriptors_max);
    ~Storage();

    void ask(FileId file, FileOperation operation);
    void ask(DirectoryOperation operation);
    void ask(effect::LockDirectory lock);

    // Carries out what was asked for, as far as it is not behind a job of the worker.
    void carry_out();
    // Takes in what the worker has finished. Returns the connections whose ranges are in memory.
    std::vector<ConnectionId> take_finished();
    // Carries out all that was asked for, waiting for the worker, but not for descriptors.
    void finish();

    // For SendFile: the file as it is now, whatever is asked for later. No descriptor when it
    // cannot be opened.
    FileRange range(const effect::SendFile& send);
    // Asks the worker to read a range, so that sending it does not block.
    void warm_up(const FileRange& range, ConnectionId waiting);

    // carry_out() has something to do.
    bool is_asked() const { return !asked_.empty() || !jobs_.empty(); }
    // When it has something to do again that waits for descriptors or memory.
    std::optional<Instant> retry_at() const { return retry_at_; }
    // Something began to wait for them since the last call.
    bool take_shortage() { return std::exchange(is_short_, false); }
    std::size_t open_descriptors() const { return held_.size(); }

  private:
    struct File : boost::intrusive::list_base_hook<> {
        std::vector<FileOperation> queue;
        std::size_t next = 0;         // in queue
        SharedDescriptor descriptor;  // in held_ when there is one
        bool is_bound = false;
        bool is_used = false;    // since held_ was last looked through
        bool is_listed = false;  // in asked_ or in waiting_
        bool is_on_worker = false;
        bool is_slow = false;  // a write blocked: the worker has it until the queue is empty
        FileId id;
        std::string path;
    };

    void advance(File& file);
    std::optional<std::size_t> carry_out_inline(File& file, std::span<const FileOperation> run);
    std::size_t write_inline(File& file, std::span<const FileOperation> run);
    void hand_over(File& file, std::span<FileOperation> run);
    void take_in(Job& job);
    std::size_t tell_before_shortage(std::vector<event::StorageDone>& done);
    void retry_later(File& file);
    void begin_pause();
    void end_pause();
    std::size_t answer(std::span<const FileOperation> run, StorageStatus status);
    void list(File& file);

    OpenedFile open_existing(const std::string& path);
    StorageStatus want_descriptor(File& file);
    void keep(File& file, SharedDescriptor descriptor);
    void drop_one_unused();
    void drop_descriptor(File& file);
    bool shed_descriptors();
    void unbind(File& file);

    std::vector<Event>& events_;
    std::size_t descriptors_max_;
    std::function<void()> when_jobs_are_done_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<File>> files_;
    boost::intrusive::list<File> held_;  // with a descriptor; looked at last at the back
    std::vector<File*> asked_;           // with operations to begin
    std::vector<File*> beginning_;
    std::vector<File*> waiting_;  // for descriptors or memory
    std::vector<std::unique_ptr<Job>> waiting_jobs_;  // of directories, likewise
    std::optional<Instant> retry_at_;
    bool is_short_ = false;
    std::vector<DirectoryLock> locks_;
    std::vector<event::StorageDone> done_;
    std::vector<std::vector<FileOperation>> spare_queues_;  // an idle file has none of its own
    std::vector<std::unique_ptr<Job>> jobs_;  // for the worker, given at the end of carry_out()
    std::size_t at_work_ = 0;
    std::unique_ptr<Worker> worker_;  // made when first needed; last: its thread ends first
};

}  // namespace barnabas::host
