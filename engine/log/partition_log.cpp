#include "engine/log/partition_log.h"

#include "engine/runtime/visit.h"

namespace barnabas::log {

PartitionLog::PartitionLog(TopicPartition partition, TopicId topic_id, std::string directory,
                           Cow<LogConfig> config, Names names)
    : parts_{.ids = Ids(names),
             .config = std::move(config),
             .partition = std::move(partition),
             .topic_id = topic_id,
             .directory = std::move(directory)} {}

PartitionLog::PartitionLog(const PartitionLog& other) = default;
PartitionLog::PartitionLog(PartitionLog&& other) noexcept = default;
PartitionLog& PartitionLog::operator=(const PartitionLog& other) = default;
PartitionLog& PartitionLog::operator=(PartitionLog&& other) noexcept = default;
PartitionLog::~PartitionLog() = default;

void PartitionLog::open(bool was_clean_stop, std::optional<Offset> recovery_point,
                        Offset log_start_offset, Turn& turn) {
    parts_.opening.begin(was_clean_stop, recovery_point, log_start_offset, parts_, turn);
}

void PartitionLog::on(const event::StorageDone& done, Turn& turn) {
    LogParts& log = parts_;
    CHECK(log.ids.owns(done.operation));
    if (log.state == LogState::failed || log.state == LogState::closed) return;
    switch (Ids::purpose_of(done.operation)) {
        case Purpose::load: return log.opening.on(done, log, turn);
        case Purpose::append: return log.tail.on_written(done, log, turn);
        case Purpose::create: return log.tail.on_created(done, log, turn);
        case Purpose::index: return log.sealer.on_index(done, log, turn);
        case Purpose::flush_data: return log.flusher.on_data_flushed(done, log, turn);
        case Purpose::flush_index: return log.sealer.on_flushed(done, log, turn);
        case Purpose::flush_directory: return log.flusher.on_directory_flushed(done, log, turn);
        case Purpose::lookup: return log.lookups.on(done, log, turn);
        case Purpose::epochs: return log.texts.on_epochs_stored(done, log, turn);
        case Purpose::metadata: return log.texts.on_metadata_stored(done, log, turn);
        case Purpose::clean: return log.compaction.on(done, log, turn);
        case Purpose::producers: return log.producers.on(done, log, turn);
        case Purpose::truncate:
            // Without room nothing was preallocated: batches find what there is.
            if (done.status != StorageStatus::ok && done.status != StorageStatus::no_space)
                log.fail("cutting it failed", done.status, turn);
            return;
        case Purpose::cut: return log.cutting.on(done, log, turn);
        case Purpose::remove: return log.retention.on_renamed(done, log, turn);
    }
}

void PartitionLog::on(const event::Computed& done, Turn& turn) {
    CHECK(parts_.ids.owns(done.job));
    if (state() == State::failed || state() == State::closed) return;
    if (Ids::purpose_of(done.job) == Purpose::lookup) return parts_.lookups.on(done, parts_, turn);
    parts_.compaction.on(done, parts_, turn);
}

void PartitionLog::take_offline(std::string why, Turn& turn) {
    if (state() != State::failed) parts_.give_up(std::move(why), turn);
    parts_.close_all_files(turn);
}

bool PartitionLog::waits_for_room() const {
    const LogParts& log = parts_;
    if (log.state == State::closed) return log.room.is_full();
    if (log.state == State::cutting) return log.cutting.waits_for_room();
    if (log.state != State::open) return false;
    // Appends see for themselves whether there is room again; what nobody appends to does not.
    const bool is_segment_due =
        log.room.is_full() && (!log.active().is_created || !log.sealer.is_empty());
    return is_segment_due || log.texts.waits_for_room() || log.retention.waits_for_room() ||
           log.compaction.waits_for_room();
}

void PartitionLog::try_again(Turn& turn) {
    LogParts& log = parts_;
    CHECK(log.state != State::closed);
    if (log.state == State::cutting) return log.cutting.try_again(log, turn);
    if (log.state != State::open) return;
    log.texts.store_metadata(log, turn);
    log.texts.store_epochs(log, turn);
    if (log.room.is_full()) {
        if (!log.active().is_created && !log.tail.is_creating()) log.tail.create_files(log, turn);
        log.producers.on_written(log, turn);
        log.sealer.go_on(log, turn);
    }
    log.retention.try_again(log, turn);
    log.compaction.try_again(log, turn);
}

Offset PartitionLog::recovery_point() const {
    Offset flushed = flushed_end();
    if (state() == State::cutting) flushed = std::min(flushed, parts_.cutting.to());
    return parts_.sealer.is_empty() ? flushed : std::min(flushed, parts_.sealer.first());
}

std::uint64_t PartitionLog::size_bytes() const {
    std::uint64_t sum = 0;
    for (const Segment& segment : parts_.segments) sum += segment.size;
    return sum;
}

void PartitionLog::find_timestamp(std::int64_t timestamp, LookupId id, Turn& turn) {
    CHECK(state() == State::open);
    parts_.lookups.begin(Lookup::of_time(id, timestamp), parts_, turn);
}

void PartitionLog::find_largest_timestamp(LookupId id, Turn& turn) {
    CHECK(state() == State::open);
    parts_.lookups.begin(Lookup::of_largest_time(id), parts_, turn);
}

}  // namespace barnabas::log
