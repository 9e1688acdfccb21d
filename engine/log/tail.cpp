#include "engine/log/tail.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {
namespace {

constexpr std::size_t index_bytes_gathered = 4096;

}  // namespace

void Tail::begin(SegmentIndex index, LogParts& log, Turn& turn) {
    index_ = std::move(index);
    recent_.clear();
    draw_roll_jitter(log, turn);
    if (log.active().size > 0 || !log.config->is_preallocated) return;
    log.bind(log.active(), turn);
    preallocate(log, turn);
}

Result<Appended, AppendRefusal> Tail::append(const records::Prepared& batch, LeaderEpoch epoch,
                                             Origin origin, LogParts& log, Turn& turn) {
    if (log.state != LogState::open) return std::unexpected(AppendRefusal::not_open);
    std::optional<EndOfTransaction> end_of_transaction;
    if (batch.header.has_producer()) {
        end_of_transaction = end_of_transaction_in(batch.header, batch.batch);
        if (const auto known = log.producers.screen(batch.header, end_of_transaction,
                                                     origin, turn))
            return *known;
    }
    if (batch.size() > log.config->segment_bytes)
        return std::unexpected(AppendRefusal::batch_too_large);
    if (!log.room.admits(turn)) return std::unexpected(AppendRefusal::no_space);
    records::BatchHeader header = batch.header;
    header.base_offset = log.end;
    header.leader_epoch = epoch;
    put(header, records::stamp(batch, log.end, epoch), end_of_transaction, log, turn);
    return Appended{header.base_offset, header.last_offset()};
}

Result<Appended, AppendRefusal> Tail::append_as_written(const Bytes& run, LogParts& log,
                                                        Turn& turn) {
    if (log.state != LogState::open) return std::unexpected(AppendRefusal::not_open);
    std::vector<records::Batch> batches;
    Offset next = log.end;
    for (records::BatchReader reader(run); const auto batch = reader.next();) {
        if (!batch->has_good_crc()) return std::unexpected(AppendRefusal::corrupt);
        if (batch->header.base_offset < next)
            return std::unexpected(AppendRefusal::out_of_order_offsets);
        next = batch->header.next_offset();
        batches.push_back(*batch);
    }
    if (batches.empty()) return std::unexpected(AppendRefusal::corrupt);
    if (!log.room.admits(turn)) return std::unexpected(AppendRefusal::no_space);
    for (const records::Batch& batch : batches) {
        const auto end = batch.header.has_producer()
                             ? end_of_transaction_in(batch.header, batch.bytes)
                             : std::nullopt;
        put(batch.header, Chain(batch.bytes), end, log, turn);
    }
    return Appended{batches.front().header.base_offset, batches.back().header.last_offset()};
}

// Appends the batch at its offset, which may lie behind the log's end.
void Tail::put(const records::BatchHeader& header, Chain bytes,
               const std::optional<EndOfTransaction>& end_of_transaction, LogParts& log,
               Turn& turn) {
    if (must_roll(header, log)) roll(next_base(header, log), log, turn);
    if (!log.active().is_created && creating_.empty()) create_files(log, turn);
    log.bind(log.active(), turn);

    const Offset next = header.next_offset();
    Segment& segment = log.active();
    const std::uint32_t position = segment.size;
    const auto end = static_cast<std::uint32_t>(position + header.size());
    const Token operation = log.ids.next(Purpose::append);
    turn.ask(effect::Write{operation, log.file(segment, FileKind::log), position,
                           std::move(bytes)});
    writes_.push_back(
        {operation, log.end, next, segment.base, position, end, false, index_.mark()});
    index_.add(next - 1, position, header.size(), header.max_timestamp);
    recent_.add({header.base_offset, next, position, end});
    if (position == 0) segment.first_timestamp = header.max_timestamp;
    segment.size = end;
    segment.written_by = turn.wall.time_since_epoch().count();
    log.end = next;
    if (header.has_producer()) log.producers.apply(header, end_of_transaction, log);
    log.texts.assign(header.leader_epoch, header.base_offset, log, turn);
    log.flusher.flush_if_due(log, turn);
}

bool Tail::must_roll(const records::BatchHeader& header, const LogParts& log) const {
    const Segment& segment = log.active();
    if (header.last_offset() - segment.base > INT32_MAX) return true;
    if (segment.size == 0) return false;
    const std::int64_t age = segment.first_timestamp == records::no_timestamp
                                 ? 0
                                 : saturating_minus(header.max_timestamp,
                                                    segment.first_timestamp);
    const std::uint32_t bytes_max = log.config->segment_bytes;
    return header.size() > bytes_max - std::min(segment.size, bytes_max) ||
           index_.is_full(log.config->segment_index_bytes) ||
           age > saturating_minus(log.config->segment_ms, roll_jitter_ms_);
}

// Offsets within a segment count from its base in 31 bits.
Offset Tail::next_base(const records::BatchHeader& header, const LogParts& log) {
    return header.last_offset() - log.end > INT32_MAX ? header.base_offset : log.end;
}

void Tail::roll(Offset base, LogParts& log, Turn& turn) {
    log.sealer.add(log.active().base, std::move(index_));
    Segment fresh;
    fresh.base = fresh.flushed_to = base;
    fresh.is_largest_known = true;
    log.segments.push_back(fresh);
    index_ = SegmentIndex(fresh.base, log.config->index_interval_bytes);
    log.sealer.set_active_flushed(false);
    recent_.clear();
    draw_roll_jitter(log, turn);
    create_files(log, turn);
    turn.note(Occurrence::Kind::segment, log.partition.text(),
              "a new segment begins at " + std::to_string(fresh.base.value()), Severity::debug);
    log.producers.on_rolled(fresh.base, log, turn);
    log.sealer.go_on(log, turn);
    log.texts.store_epochs(log, turn);
}

// So that segments of many partitions that began together do not end together.
void Tail::draw_roll_jitter(const LogParts& log, Turn& turn) {
    const std::int64_t jitter = std::min(log.config->segment_jitter_ms, log.config->segment_ms);
    roll_jitter_ms_ =
        jitter <= 0 ? 0
                    : static_cast<std::int64_t>(
                          turn.random(Concern::rolling).below(static_cast<std::uint64_t>(jitter)));
}

// Needs: the active segment is empty and its .log is open or being made.
void Tail::preallocate(LogParts& log, Turn& turn) {
    if (!log.config->is_preallocated) return;
    log.active().is_preallocated = true;
    turn.ask(effect::Truncate{log.ids.next(Purpose::truncate),
                              log.file(log.active(), FileKind::log), log.config->segment_bytes});
}

// Gives back what no batch has filled, before the file is left for good.
void Tail::trim(Segment& segment, LogParts& log, Turn& turn) {
    if (!std::exchange(segment.is_preallocated, false)) return;
    log.bind(segment, turn);
    turn.ask(effect::Truncate{log.ids.next(Purpose::truncate), log.file(segment, FileKind::log),
                              segment.size});
}

// The active segment's files. What is written to them may be asked for in the same turn.
void Tail::create_files(LogParts& log, Turn& turn) {
    Segment& segment = log.active();
    segment.slot = log.free_slot();
    segment.is_created = false;
    segment.is_entry_durable = !turn.guards.has(Guard::segment_names_are_flushed);
    const Token operation = log.ids.next(Purpose::create);
    creating_[operation] = segment.base;
    turn.ask(effect::Open{operation, log.file(segment, FileKind::log),
                          log.path(file_name(segment.base, FileKind::log)),
                          OpenMode::create_emptied});
    preallocate(log, turn);
    log.sealer.open_index_files(segment, OpenMode::create_emptied, log, turn);
}

void Tail::on_created(const event::StorageDone& done, LogParts& log, Turn& turn) {
    const auto found = creating_.find(done.operation);
    if (found == creating_.end()) return;
    const Offset base = found->second;
    creating_.erase(found);
    if (done.status == StorageStatus::ok) {
        log.find(base)->is_created = true;
        if (log.flusher.wanted() > base) log.flusher.flush_directory(log, turn);
        return;
    }
    if (!log.is_only_full(done, "making a segment", turn)) return;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex})
        turn.ask(effect::Close{log.file(*log.find(base), kind)});
    for (std::size_t at = 0; at < writes_.size(); ++at)
        if (writes_[at].segment >= base) return cut_back(at, log, turn);
}

void Tail::on_written(const event::StorageDone& done, LogParts& log, Turn& turn) {
    std::size_t at = 0;
    while (at < writes_.size() && writes_[at].operation != done.operation) ++at;
    if (at == writes_.size()) return;  // it was cut off meanwhile
    if (done.status != StorageStatus::ok) {
        if (log.is_only_full(done, "writing", turn)) cut_back(at, log, turn);
        return;
    }
    writes_[at].is_done = true;
    while (!writes_.empty() && writes_.front().is_done) {
        CHECK(writes_.front().base == log.written_end);
        log.written_end = writes_.front().next;
        log.find(writes_.front().segment)->written = writes_.front().end;
        writes_.pop_front();
    }
    if (log.room.is_full()) {
        log.room.note_room(log, turn);
        log.sealer.write_index(log.active(), index_, log, turn);
    }
    if (index_.offsets.waiting.size() >= index_bytes_gathered)
        log.sealer.write_index(log.active(), index_, log, turn);
    log.producers.on_written(log, turn);
    log.sealer.go_on(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

// The batches from that one on are not in the log: the disk was full. What was asked for after them
// in the same file is done before the Truncate, so that nothing of it stays.
void Tail::cut_back(std::size_t first_lost, LogParts& log, Turn& turn) {
    const InFlight lost = writes_[first_lost];
    writes_.keep_first(first_lost);
    if (log.active().base > lost.segment) recent_.clear();
    while (log.active().base > lost.segment) drop_last_segment(log, turn);
    Segment& segment = log.active();
    CHECK(segment.base == lost.segment);
    segment.size = lost.position;
    index_.take_back(lost.mark, lost.position);
    recent_.cut_end(lost.base);
    log.flusher.cut_back(lost.base);
    log.texts.cut_end(lost.base);
    log.end = lost.base;
    log.producers.cut_back(lost.base, log);
    cut_ = std::min(cut_.value_or(lost.base), lost.base);
    const bool has_file = segment.is_created || !creating_.empty();
    if (has_file)
        turn.ask(effect::Truncate{log.ids.next(Purpose::truncate), log.file(segment, FileKind::log),
                                  lost.position});
    log.room.refuse("writing", log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

void Tail::drop_last_segment(LogParts& log, Turn& turn) {
    const Segment& segment = log.active();
    const Offset base = segment.base;
    for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex})
        turn.ask(effect::Remove{log.ids.next(Purpose::remove), log.file(segment, kind)});
    std::erase_if(creating_, [&](const auto& entry) { return entry.second == base; });
    log.sealer.forget(base);
    log.flusher.forget(base);
    log.segments.pop_back();
    // A write to it is lost, so it was not stored yet and its index is still here.
    index_ = log.sealer.take_back(log.active().base);
}

}  // namespace barnabas::log
