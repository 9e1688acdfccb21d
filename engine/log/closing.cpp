#include "engine/log/closing.h"

#include "engine/log/log_parts.h"

namespace barnabas::log {

void Closing::begin(LogParts& log, Turn& turn) {
    if (log.state == LogState::cutting) return log.cutting.stop(log, turn);
    CHECK(log.state == LogState::open || log.state == LogState::opening);
    if (log.state == LogState::opening) {
        log.opening.drop(log, turn);
        log.state = LogState::closed;
        return;
    }
    log.state = LogState::closing;
    begin_rest(log, turn);
}

void Closing::begin_rest(LogParts& log, Turn& turn) {
    log.lookups.give_up(log);
    is_flushed_ = false;
    log.texts.store_epochs(log, turn);
    log.sealer.go_on(log, turn);
    log.compaction.stop(log, turn);
    go_on(log, turn);
}

// What a clean stop promises: indexes ended as Kafka ends them, all of it flushed.
void Closing::go_on(LogParts& log, Turn& turn) {
    // What found no room before is tried once more: sealing waits for it.
    log.producers.on_written(log, turn);
    if (log.tail.is_writing() || log.tail.is_creating() || !log.sealer.is_empty() ||
        log.compaction.is_under_way())
        return;
    log.tail.index().finish();
    if (log.active().is_created)
        log.sealer.write_index(log.active(), log.tail.index(), log, turn);
    if (log.sealer.is_writing() || !log.producers.is_ready_to_close(log, turn)) return;
    if (!is_flushed_) {
        is_flushed_ = true;
        if (log.active().is_preallocated) {
            Tail::trim(log.active(), log, turn);
            log.flusher.flush_segment(log.active(), log.end, log, turn);
        }
        log.flusher.flush(log, turn);
        log.sealer.flush_active(log, turn);
        log.producers.flush_index(log.active().base, log, turn);
    }
    if (log.flusher.is_flushing() || log.sealer.is_flushing() || log.texts.is_storing()) return;
    if (log.active().is_time_index_wrong) Lookups::drop_time_index(log.active(), log, turn);
    log.close_all_files(turn);
    if (log.state == LogState::cutting) return log.cutting.on_closed(log, turn);
    log.state = LogState::closed;
}

}  // namespace barnabas::log
