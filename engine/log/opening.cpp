#include "engine/log/opening.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

void Opening::begin(bool was_clean_stop, std::optional<Offset> recovery_point, Offset log_start,
                    LogParts& log, Turn& turn) {
    CHECK(log.state == LogState::closed);
    log.state = LogState::opening;
    log.retention.forget_renaming();
    log.start = log_start;
    Loader::Plan plan = Opening::plan(log_start, log);
    plan.was_clean_stop = was_clean_stop;
    plan.recovery_point = recovery_point;
    loader_.emplace(Loader(std::move(plan)));
    loader_->edit().start(log.ids, turn);
}

void Opening::begin_after_cut(Offset log_start, LogParts& log, Turn& turn) {
    log.retention.forget_renaming();
    log.start = log_start;
    Loader::Plan plan = Opening::plan(log_start, log);
    plan.was_clean_stop = true;
    plan.was_cut = true;
    loader_.emplace(Loader(std::move(plan)));
    loader_->edit().start(log.ids, turn);
}

Loader::Plan Opening::plan(Offset log_start, const LogParts& log) {
    return {.subject = log.partition.text(),
            .directory = log.directory,
            .config = *log.config,
            .topic_id = log.topic_id,
            .log_start_offset = log_start};
}

void Opening::on(const event::StorageDone& done, LogParts& log, Turn& turn) {
    if (!loader_) return;
    Loader& loader = loader_->edit();
    loader.on(done, log.ids, turn);
    if (loader.has_failed()) {
        if (loader.is_out_of_room()) return wait_for_room(log, turn);
        log.is_medium_broken = loader.is_medium_broken();
        return log.give_up(loader.failure(), turn);
    }
    if (!loader.is_done()) return;
    Loader::Loaded loaded = loader.take();
    loader_.reset();
    take(std::move(loaded), log, turn);
}

void Opening::take(Loader::Loaded loaded, LogParts& log, Turn& turn) {
    log.room.note_room(log, turn);
    log.segments = std::move(loaded.segments);
    log.topic_id = loaded.topic_id;
    log.start = std::max(log.start, log.segments.front().base);
    log.end = log.written_end = loaded.next_offset;
    log.state = LogState::open;
    log.cutting.end();
    log.sealer.set_active_flushed(loaded.are_indexes_flushed);
    log.flusher.begin(log, turn);
    log.producers.begin(std::move(loaded.producers), std::move(loaded.transactions),
                        loaded.newest_snapshot, log);
    log.tail.begin(std::move(loaded.active_index), log, turn);
    log.texts.begin(std::move(loaded.epochs), loaded.are_epochs_stored, loaded.is_topic_id_stored,
                    log, turn);
    // What the life before did not flush is shown when flush.messages is kept again.
    if (log.flusher.acknowledged_end(log) < log.written_end) log.flusher.flush(log, turn);
}

void Opening::drop(LogParts& log, Turn& turn) {
    if (loader_) loader_->edit().close_files(log.ids, turn);
    loader_.reset();
}

// Closed, as before: what was cut or removed by then would have been so after a crash too.
void Opening::wait_for_room(LogParts& log, Turn& turn) {
    if (!log.room.is_full())
        turn.note(Occurrence::Kind::storage, log.partition.text(),
                  "the disk is full: it is opened when there is room: " + (*loader_)->failure(),
                  Severity::error);
    log.room.set_full();
    drop(log, turn);
    if (log.state == LogState::cutting) return log.cutting.wait_for_room();
    log.state = LogState::closed;
}

}  // namespace barnabas::log
