// The files of one machine. Operations queue per file and run in order: what stays in the page
// cache inline, what may block on a lane (lanes.h); a file with a job there keeps later ones behind
// it. Each medium (media.h) has lanes of its own; one that was found slow is used by them alone.
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

#include "engine/host/allowance.h"
#include "engine/host/directory_lock.h"
#include "engine/host/lanes.h"
#include "engine/host/media.h"
#include "engine/host/sender.h"

namespace barnabas::host {

class Storage {
  public:
    // Reads and writes beyond these are not done inline.
    static constexpr std::uint32_t inline_read_max = 256 * 1024;
    static constexpr std::size_t inline_write_max = 2 * 1024 * 1024;

    using Clock = Instant (*)();

    // Answers are added to `events`. The clock says what took long.
    Storage(std::vector<Event>& events, std::function<void()> when_jobs_are_done,
            std::size_t descriptors_max, Clock clock = &monotonic_clock);
    ~Storage();

    void ask(FileId file, FileOperation operation);
    void ask(DirectoryOperation operation);
    void ask(effect::RenameDirectory move);
    void ask(effect::LockDirectory lock);

    // Carries out what was asked for, as far as it is not behind a job on a lane and as the
    // allowance goes; some of it in any case.
    void carry_out(const Allowance& allowance = {});
    // Takes in what the lanes have finished. Returns the connections whose pieces are in memory,
    // and by which descriptor; by none: it cannot be read.
    struct Warmed {
        ConnectionId connection;
        SharedDescriptor file;
    };
    std::vector<Warmed> take_finished();
    // Carries out all that was asked for, waiting for the lanes, but not for descriptors.
    void finish();

    // For SendFile: the file as it is now, whatever is asked for later; or where it is to be opened
    // later. Neither when there is no such file.
    FileRange range(const effect::SendFile& send);
    // Has the piece read, and what is ahead of it begun with, so that sending it does not block.
    void warm_up(const FileRange& piece, std::uint64_t ahead, ConnectionId waiting);

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
        bool is_on_lane = false;
        Medium* medium = nullptr;
        FileId id;
        std::string path;
    };

    // A directory that is being renamed, and the files in it, which wait for that in their order.
    struct Move {
        effect::RenameDirectory what;
        std::vector<FileId> files;
        std::size_t expected = 0;  // of them, that have work to finish first
    };

    void give(DirectoryOperation operation);
    void arrive(File& file, Token move);
    void take_in_move(Token operation, StorageStatus status);
    void advance(File& file, const Allowance& allowance);
    std::optional<std::size_t> carry_out_inline(File& file, std::span<const FileOperation> run);
    std::size_t write_inline(File& file, std::span<const FileOperation> run);
    void hand_over(File& file, std::span<FileOperation> run);
    void hand_over(std::unique_ptr<Job> job, const Medium& medium, LaneKind kind);
    void give_jobs();
    void take_in(Job& job);
    void take_in_of_file(Job& job);
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
    Clock clock_;
    Media media_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<File>> files_;
    boost::intrusive::list<File> held_;  // with a descriptor; looked at last at the back
    std::vector<File*> asked_;           // with operations to begin
    std::vector<File*> beginning_;
    std::vector<File*> waiting_;  // for descriptors or memory
    std::vector<std::unique_ptr<Job>> waiting_jobs_;  // likewise
    std::optional<Instant> retry_at_;
    bool is_short_ = false;
    std::vector<DirectoryLock> locks_;
    std::vector<Move> moves_;
    std::vector<event::StorageDone> done_;
    std::vector<std::vector<FileOperation>> spare_queues_;  // an idle file has none of its own
    std::vector<std::unique_ptr<Job>> jobs_;  // for the lanes, given at the end of carry_out()
    std::size_t at_work_ = 0;                 // on lanes, but for pieces that connections wait for
    std::vector<Warmed> warmed_;
    Lanes lanes_;  // last: its threads end first
};

}  // namespace barnabas::host
