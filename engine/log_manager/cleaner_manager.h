// Compaction on this node: which log is cleaned next, how fast, and what is remembered of it.
//
// One log at a time, the one of which the largest part is dirty. Its job runs in slices behind all
// other events, no faster than log.cleaner.io.max.bytes.per.second; when there is nothing to clean,
// the logs are looked at again log.cleaner.backoff.ms later. How far each log was cleaned stands in
// its directory's cleaner-offset-checkpoint, as Kafka keeps it; a log that it does not know is
// cleaned from its start. A log with a damaged batch is not cleaned again in this life. One for
// which the disk had no room lets the others go first, and waits longer each time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/log_manager/log_manager.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log_manager {

class CleanerManager {
  public:
    // Its operations, timers and jobs are `token`, and `timer`; its files are one `file`.
    CleanerManager(const settings::BrokerSettings& settings, Token token, Token timer,
                   FileId file);

    // What it takes up at run time, with the next log that it cleans.
    void on_settings(const settings::BrokerSettings& settings);

    // Where the logs end that this life found: one that ends before where its checkpoint says that
    // it was cleaned has lost that part. Needs: all are open, and no client has written yet.
    void remember_ends(const log::LogSlots& logs);
    // Reads the checkpoints, then begins. With log.cleaner.enable=false nothing happens.
    void start(const std::vector<LogDirectory>& directories, Turn& turn);
    // Needs: an operation, timer or job that is its own.
    void on(const event::StorageDone& done, const LogManager& manager, log::LogSlots& logs,
            Turn& turn);
    void on_timer(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    void on_continued(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    // The log of that slot has heard from the disk.
    void on_log(std::uint32_t slot, const LogManager& manager, log::LogSlots& logs, Turn& turn);

    // A directory whose medium failed under its checkpoint.
    std::optional<std::size_t> take_broken_directory() {
        return std::exchange(broken_directory_, std::nullopt);
    }
    // The log that is being cleaned. For readers outside.
    std::optional<std::uint32_t> current() const { return current_; }
    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        off,
        reading,      // the checkpoint of each directory
        resting,      // until the timer
        considering,  // which log is next, some of them a turn
        cleaning,
        storing,  // the checkpoint of the log's directory
    };
    struct Candidate {
        std::uint32_t slot = 0;
        log::Cleanable what;
    };

    void on_read(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    void drop_stale(const LogManager& manager, const log::LogSlots& logs);
    void take_slice(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    void consider(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    std::optional<log::Cleanable> look_at(std::uint32_t slot, const LogManager& manager,
                                          log::LogSlots& logs, Turn& turn);
    void begin(std::uint32_t slot, const LogManager& manager, log::LogSlots& logs, Turn& turn);
    void wait_for_slice(log::PartitionLog& log, Turn& turn);
    void on_ended(const LogManager& manager, log::LogSlots& logs, Turn& turn);
    void postpone(std::uint32_t slot, const Turn& turn);
    void store(std::size_t directory, Turn& turn);
    void rest(Turn& turn);
    log::CleaningSettings settings_for(const settings::TopicSettings& topic) const;

    Token token_;
    Token timer_;
    FileId file_;
    bool is_enabled_ = true;
    Duration backoff_{};
    std::uint64_t bytes_per_second_max_ = 0;
    log::CleaningSettings defaults_;

    Stage stage_ = Stage::off;
    std::vector<std::string> directories_;
    std::vector<log::PartitionOffsets> cleaned_;  // of each: below, all is clean
    std::vector<Offset> ends_;                    // of the logs at the start, until all was read
    std::size_t reading_ = 0;
    std::size_t storing_ = 0;
    std::set<std::size_t> unstored_;  // directories whose disk had no room for the checkpoint
    std::optional<std::size_t> broken_directory_;
    ReadFile read_;
    ReplaceFile write_;

    std::uint32_t next_slot_ = 0;  // to be considered
    std::optional<Candidate> best_;
    std::optional<std::uint32_t> current_;
    std::set<std::uint32_t> uncleanable_;
    struct Postponed {
        Duration wait{};
        Instant until{};
    };
    std::map<std::uint32_t, Postponed> postponed_;  // logs that found no room
    bool is_slice_asked_ = false;
    Instant slice_at_{};  // not before: the throttle
};

}  // namespace barnabas::log_manager
