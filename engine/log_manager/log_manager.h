// All logs of this node: where each lies, when it is opened, tried again, flushed, cleaned up,
// closed. The logs themselves stand with their partitions: each function that works on them is
// given those.
//
// An answer of the disk finds its log by the slot in its token: names_of(slot) are the log's. No
// timer is a log's own, and not more than opening_max logs are opened at once: an opening log needs
// more memory than an open one.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/log/log_slots.h"
#include "engine/log_manager/log_directory.h"

namespace barnabas::log_manager {

struct ManagedLog {
    std::uint16_t directory = 0;  // of the node's log directories
    bool waits_to_open = true;    // others open first
};

inline bool is_open(const log::PartitionLog& log) { return log.state() == log::LogState::open; }
// Closed since its disk was full: it is opened later.
inline bool is_closed_for_room(const log::PartitionLog& log) {
    return log.state() == log::LogState::closed && log.waits_for_room();
}
// Or about to.
inline bool is_opening(const ManagedLog& managed, const log::PartitionLog& log) {
    return managed.waits_to_open || log.state() == log::LogState::opening;
}
// Open, or closed as a clean stop leaves it.
inline bool is_whole(const ManagedLog& managed, const log::PartitionLog& log) {
    return !is_opening(managed, log) && log.is_loaded() &&
           log.state() != log::LogState::failed && log.state() != log::LogState::cutting;
}

class LogManager {
  public:
    using Directories = std::vector<LogDirectory>;

    // `names`: the topmost byte of its logs' tokens and file ids.
    explicit LogManager(std::uint64_t names) : names_(names) {}

    // Of the log in that slot.
    log::Names names_of(std::uint32_t slot) const {
        return {names_ | static_cast<std::uint64_t>(slot) << slot_bit};
    }
    static std::uint32_t slot_of(Token token) {
        return static_cast<std::uint32_t>(token.value() >> slot_bit);
    }
    const ManagedLog& at(std::uint32_t slot) const { return rows_.at(slot); }

    // A log that lies in that directory has come to the slot. It is opened by open_next(), unless
    // its directory is offline.
    void add(std::uint32_t slot, std::size_t directory, const Directories& directories,
             log::LogSlots& logs, Turn& turn);
    void open_next(const Directories& directories, log::LogSlots& logs, Turn& turn);

    // Answers to the log in slot_of(). Others may be opened then.
    void on(const event::StorageDone& done, const Directories& directories, log::LogSlots& logs,
            Turn& turn);
    void on(const event::Computed& done, log::LogSlots& logs, Turn& turn);
    // Does something with a log and counts what came of it.
    template <class Change>
    void change(std::uint32_t slot, log::LogSlots& logs, Change change);

    // Logs that are neither open nor failed yet: of all, and of one topic.
    std::size_t opening() const { return under_way_ + to_open_.size(); }
    bool is_any_opening(std::string_view topic) const { return opening_.contains(topic); }
    // Some log found no room on its disk: try_again() is to be called every so often.
    bool waits_for_room() const { return !without_room_.empty(); }
    void try_again(const Directories& directories, log::LogSlots& logs, Turn& turn);

    // A clean stop of one log, or of all.
    void close(std::uint32_t slot, log::LogSlots& logs, Turn& turn);
    void close(log::LogSlots& logs, Turn& turn);
    bool are_closed() const { return closing_ == 0; }  // Needs: all were asked to.

    // All logs in that directory fail. Returns their slots.
    std::vector<std::uint32_t> take_offline(std::size_t directory, const std::string& why,
                                            log::LogSlots& logs, Turn& turn);
    // A directory whose medium failed under one of its logs.
    std::optional<std::size_t> take_broken_directory() {
        return std::exchange(broken_directory_, std::nullopt);
    }

    // What has moved in some log since the last call, or could not be written down.
    bool take_moved_recovery_points() { return std::exchange(are_recovery_points_new_, false); }
    bool take_moved_log_starts() { return std::exchange(are_log_starts_new_, false); }
    void put_back_moved_recovery_points() { are_recovery_points_new_ = true; }
    void put_back_moved_log_starts() { are_log_starts_new_ = true; }

    // Of some logs at a time, in slices of one pass over all: true when the pass is over.
    bool clean_up(log::Promised promised, log::LogSlots& logs, Turn& turn);
    bool flush_old(log::LogSlots& logs, Turn& turn);         // what flush.ms wants flushed
    bool expire_producers(log::LogSlots& logs, Turn& turn);  // that were silent for too long

    void digest(Hasher& hasher) const;

    static constexpr std::size_t opening_max = 256;
    static constexpr int slot_bit = 24;

  private:
    static constexpr std::uint32_t visited_at_once = 1000;

    template <class Visit>
    static bool visit_some(std::uint32_t& from, log::LogSlots& logs, Visit visit);
    void wait_to_open(std::uint32_t slot, const log::PartitionLog& log);
    void stop_waiting(const log::PartitionLog& log);

    std::uint64_t names_ = 0;
    std::deque<ManagedLog> rows_;  // by slot
    std::deque<std::uint32_t> to_open_;
    std::size_t under_way_ = 0;  // logs that are being opened
    std::map<std::string, std::uint32_t, std::less<>> opening_;  // by topic; none is 0
    std::set<std::uint32_t> without_room_;
    std::size_t closing_ = 0;
    bool are_recovery_points_new_ = false;
    bool are_log_starts_new_ = false;
    std::optional<std::size_t> broken_directory_;
    std::uint32_t clean_up_from_ = 0;  // where the pass that is under way goes on
    std::uint32_t flush_from_ = 0;
    std::uint32_t expire_from_ = 0;
};

template <class Change>
void LogManager::change(std::uint32_t slot, log::LogSlots& logs, Change change) {
    log::PartitionLog& log = *logs.log_in(slot);
    ManagedLog& managed = rows_[slot];
    const log::LogState before = log.state();
    const bool was_opening = is_opening(managed, log);
    const Offset recovery_point = log.recovery_point();
    const Offset start = log.log_start_offset();
    change(log);
    const log::LogState now = log.state();
    if (before == log::LogState::opening && now != before) --under_way_;
    if (before == log::LogState::closing && now != before) --closing_;
    if (now == log::LogState::closing && now != before) ++closing_;
    if (was_opening && !is_opening(managed, log)) stop_waiting(log);
    if (is_open(log)) {
        are_recovery_points_new_ |= log.recovery_point() != recovery_point;
        are_log_starts_new_ |= log.log_start_offset() != start;
    }
    if (log.is_medium_broken()) broken_directory_ = managed.directory;
    if (log.waits_for_room()) without_room_.insert(slot);
}

}  // namespace barnabas::log_manager
