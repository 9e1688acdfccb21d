// The files of a log directory that tell the next start how much of each log it may trust:
// recovery-point-offset-checkpoint, log-start-offset-checkpoint, replication-offset-checkpoint, and
// after a clean stop .kafka_cleanshutdown, written last.
//
// The high watermarks are written for Apache Kafka, whose brokers read them, and for roles that do:
// a follower, and a leader of several replicas. With one replica the high watermark is what the log
// may acknowledge, whatever it was before: nothing of it is read back here.
#pragma once

#include <deque>
#include <string>

#include "engine/base/hash.h"
#include "engine/log_manager/log_manager.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log_manager {

class Checkpoints {
  public:
    // Its operations and the jobs that it asks for are one `token`, its files one `file`.
    Checkpoints(Token token, FileId file) : token_(token), file_(file) {}

    // What is written: where recovery begins and the high watermarks, where the logs start, all.
    enum class What : std::uint8_t { recovery_points, log_starts, all };

    // Looks at the logs, some of them a turn: Continued with its token asks for the next turn.
    // Needs: is_done(). With `stopped_cleanly` the mark of a clean stop follows the checkpoints,
    // where every log is whole: of a log that failed, what the last life left is kept.
    void start(What what, const LogManager& manager, const log::LogSlots& logs,
               const std::vector<LogDirectory>& directories,
               std::optional<BrokerEpoch> stopped_cleanly, Turn& turn);
    void go_on(const LogManager& manager, const log::LogSlots& logs,
               const std::vector<LogDirectory>& directories, Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool is_done() const { return !gathering_ && files_.empty(); }
    // What could not be written since the last call, if anything; `all` when it was more than one.
    std::optional<What> take_unwritten() { return std::exchange(unwritten_, std::nullopt); }
    // A directory whose medium failed under a checkpoint.
    std::optional<std::size_t> take_broken_directory() {
        return std::exchange(broken_directory_, std::nullopt);
    }

    static constexpr std::uint32_t visited_at_once = 1000;

    void digest(Hasher& hasher) const;

  private:
    // The text of one file, row by row.
    struct Rows {
        std::size_t count = 0;
        std::string text;
        void add(const TopicPartition& name, Offset offset);
    };
    struct OfDirectory {
        Rows recovery_points, log_starts, high_watermarks;
        bool are_all_whole = true;
    };
    struct Gathering {
        What what{};
        std::optional<BrokerEpoch> stopped_cleanly;
        std::vector<OfDirectory> rows;
        std::uint32_t next_slot = 0;
    };
    static void gather(const ManagedLog& managed, const log::PartitionLog& log,
                       Offset high_watermark, const LogDirectory& directory, OfDirectory& rows);
    void list_files(const std::vector<LogDirectory>& directories);

    struct File {
        std::size_t directory = 0;
        std::string path;
        Bytes bytes;
        What what;
    };
    void next(Turn& turn);

    Token token_;
    FileId file_;
    std::optional<Gathering> gathering_;
    std::deque<File> files_;  // the first is being written
    ReplaceFile write_;
    std::optional<What> unwritten_;
    std::optional<std::size_t> broken_directory_;
};

}  // namespace barnabas::log_manager
