#include "engine/log/producer_files.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/log/producer_snapshot.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {
namespace {

AppendRefusal refusal_of(ProducerFault fault) {
    switch (fault) {
        case ProducerFault::fenced: return AppendRefusal::producer_fenced;
        case ProducerFault::out_of_order: return AppendRefusal::out_of_order_sequence;
        case ProducerFault::not_transactional: return AppendRefusal::not_transactional;
        case ProducerFault::coordinator_is_fenced: return AppendRefusal::coordinator_fenced;
    }
    return AppendRefusal::producer_fenced;
}

}  // namespace

void ProducerFiles::begin(ProducerStates states, std::optional<TransactionIndex> index,
                          std::optional<Offset> newest_snapshot, const LogParts& log) {
    newest_snapshot_ = newest_snapshot;
    box_.reset();
    if (states.empty() && !index) return;
    edit().states = std::move(states);
    if (index) edit().indexes.emplace(log.active().base, *std::move(index));
}

Producers& ProducerFiles::edit() {
    if (!box_) box_.emplace();
    return box_->edit();
}

Offset ProducerFiles::last_stable_offset(Offset high_watermark, const LogParts& log) const {
    if (!box_) return high_watermark;
    const auto unstable = (*box_)->states.first_unstable(high_watermark);
    return unstable ? std::min(std::max(*unstable, log.start), high_watermark) : high_watermark;
}

void ProducerFiles::settle(Offset high_watermark) {
    if (box_) edit().states.settle(high_watermark);
}

void ProducerFiles::expire(const LogParts& log, const Turn& turn) {
    if (!box_) return;
    edit().states.expire(turn.wall.time_since_epoch().count(),
                                   log.config->producer_expiration_ms);
    if ((*box_)->is_idle()) box_.reset();
}

// What the producer's state says of a batch before it is appended; nothing when that is welcome.
std::optional<Result<Appended, AppendRefusal>> ProducerFiles::screen(
    const records::BatchHeader& header, const std::optional<EndOfTransaction>& end,
    Origin origin, const Turn& turn) const {
    if (!box_ || !turn.guards.has(Guard::sequences_are_checked)) return std::nullopt;
    const ProducerStates& states = (*box_)->states;
    if (origin == Origin::client) {
        if (const auto* stored = states.find_duplicate(header))
            return Appended{stored->first(), stored->last, true, stored->timestamp};
    }
    const auto fault = states.check(header, end, origin);
    if (!fault) return std::nullopt;
    return std::unexpected(refusal_of(*fault));
}

void ProducerFiles::apply(const records::BatchHeader& header,
                          const std::optional<EndOfTransaction>& end, const LogParts& log) {
    Producers& producers = edit();
    const ProducerStates::Applied applied = producers.states.apply(header, end);
    producers.undos.push_back(applied.undo);
    if (applied.aborted) producers.indexes[log.active().base].add(*applied.aborted);
}

void ProducerFiles::on_written(LogParts& log, Turn& turn) {
    if (!box_) return;
    Producers& producers = edit();
    while (!producers.undos.empty() && producers.undos.front().at < log.written_end)
        producers.undos.pop_front();
    write_indexes(log, turn);
    if (!producers.snapshot_file) store_next_snapshot(log, turn);
}

void ProducerFiles::cut_back(Offset end, const LogParts& log) {
    if (!box_) return;
    Producers& producers = edit();
    while (!producers.undos.empty() && producers.undos.back().at >= end) {
        producers.states.undo(producers.undos.back());
        producers.undos.keep_first(producers.undos.size() - 1);
    }
    std::erase_if(producers.indexes,
                  [&](const auto& one) { return one.first > log.active().base; });
    const auto index = producers.indexes.find(log.active().base);
    if (index != producers.indexes.end()) index->second.cut_end(end);
    while (!producers.snapshots.empty() && producers.snapshots.back().at > end)
        producers.snapshots.pop_back();
}

// Entries of the transaction indexes whose markers are written. A file is opened for each write:
// transactions are aborted rarely, and files that stay open have their price.
void ProducerFiles::write_indexes(LogParts& log, Turn& turn) {
    for (auto& [base, index] : edit().indexes) {
        if (index.is_writing() || index.is_written()) continue;
        const std::uint32_t position = index.file_bytes();
        std::vector<std::uint8_t> bytes = index.ask(log.written_end);
        if (bytes.empty()) continue;
        const auto [file, opening] = open_index(base, OpenMode::create, log, turn);
        const Token operation = log.ids.next(Purpose::producers);
        edit().index_writes[operation] = {base, opening};
        turn.ask(effect::Write{operation, file, position, Bytes::own(std::move(bytes))});
        turn.ask(effect::Close{file});
    }
}

ProducerFiles::OpenedFile ProducerFiles::open_index(Offset base, OpenMode mode, LogParts& log,
                                                    Turn& turn) {
    const OpenedFile opening{log.ids.file(log.free_slot(), FileKind::txnindex),
                          log.ids.next(Purpose::producers)};
    turn.ask(effect::Open{opening.operation, opening.file,
                          log.path(file_name(base, FileKind::txnindex)), mode});
    return opening;
}

bool ProducerFiles::are_stored(const Segment& segment) const {
    if (!box_) return true;
    const Producers& producers = **box_;
    const auto index = producers.indexes.find(segment.base);
    if (index != producers.indexes.end() && !index->second.is_written()) return false;
    const Offset end = (&segment + 1)->base;
    return std::ranges::none_of(producers.snapshots,
                                [&](const auto& snapshot) { return snapshot.at == end; });
}

// The file was made after the segment, and so was its name.
std::uint32_t ProducerFiles::flush_index(Offset base, LogParts& log, Turn& turn) {
    if (!box_ || !(*box_)->indexes.contains(base)) return 0;
    const FileId file = open_index(base, OpenMode::create, log, turn).file;
    turn.ask(effect::Flush{log.sealer.next_flush(base, log), file});
    turn.ask(effect::Close{file});
    turn.ask(effect::FlushDirectory{log.sealer.next_flush(base, log), log.directory});
    return 2;
}

void ProducerFiles::seal_index(Segment& segment) {
    if (!box_) return;
    auto& indexes = edit().indexes;
    const auto index = indexes.find(segment.base);
    if (index == indexes.end()) return;
    segment.transaction_bytes = index->second.file_bytes();
    indexes.erase(index);
}

void ProducerFiles::replace_segments(Offset begin, Offset end, LogParts& log, Turn& turn) {
    for (const Segment& segment : log.segments)
        if (segment.base > begin && segment.base < end) remove_snapshot(segment.base, log, turn);
}

// Snapshots are kept from the first producer on. A log that never had one has none: what recovery
// does not look at then holds no producer's batch.
bool ProducerFiles::has_had_some() const {
    return newest_snapshot_ || (box_ && !(*box_)->states.producers().empty());
}

void ProducerFiles::take_snapshot(Offset at, LogParts& log, Turn& turn) {
    Producers& producers = edit();
    producers.snapshots.push_back({at, encode_snapshot(producers.states)});
    if (!producers.snapshot_file) store_next_snapshot(log, turn);
}

// Once all that it tells of is written: one that is stored is never ahead of the log.
void ProducerFiles::store_next_snapshot(LogParts& log, Turn& turn) {
    Producers& producers = edit();
    if (producers.snapshots.empty() || producers.snapshots.front().at > log.written_end) return;
    const auto& [at, bytes] = producers.snapshots.front();
    producers.snapshot_file.emplace(log.ids.next(Purpose::producers),
                                    log.ids.file(log.free_slot(), FileKind::log),
                                    log.path(snapshot_name(at)), bytes);
    producers.snapshot_file->start(turn);
}

bool ProducerFiles::is_ready_to_close(LogParts& log, Turn& turn) {
    const bool is_told = !has_had_some() || newest_snapshot_ == log.end;
    if (!is_told && (!box_ || (*box_)->snapshots.empty()))
        take_snapshot(log.end, log, turn);
    return !box_ ||
           ((*box_)->snapshots.empty() && (*box_)->index_writes.empty());
}

// A file that could not be made for lack of space fails its write too.
void ProducerFiles::on_index_opened(const event::StorageDone& done, LogParts& log, Turn& turn) {
    if (done.status == StorageStatus::ok || done.status == StorageStatus::not_found) return;
    if (!log.is_only_full(done, "opening a transaction index", turn)) return;
    for (auto& [token, write] : edit().index_writes)
        write.is_unmade |= write.opening == done.operation;
}

void ProducerFiles::on_index_written(const event::StorageDone& done,
                                     const Producers::IndexWrite& write, LogParts& log,
                                     Turn& turn) {
    if (done.status == StorageStatus::ok) return write_indexes(log, turn);
    if (!write.is_unmade && !log.is_only_full(done, "writing a transaction index", turn)) return;
    if (log.is_closing()) return log.fail("the disk is full: no clean stop", turn);
    log.room.refuse("writing a transaction index", log, turn);
}

void ProducerFiles::on_snapshot(const event::StorageDone& done, LogParts& log, Turn& turn) {
    Producers& producers = edit();
    producers.snapshot_file->on(done, turn);
    if (!producers.snapshot_file->is_done()) return;
    const StorageStatus status = producers.snapshot_file->status();
    const Offset at = producers.snapshots.front().at;
    producers.snapshot_file.reset();
    if (status == StorageStatus::ok) {
        newest_snapshot_ = at;
        producers.snapshots.pop_front();
        return store_next_snapshot(log, turn);
    }
    if (status != StorageStatus::no_space)
        return log.fail("storing " + snapshot_name(at) + " failed", status, turn);
    if (log.is_closing()) return log.fail("the disk is full: no clean stop", turn);
    // Tried again when something is written.
    log.room.refuse("storing a snapshot of its producers", log, turn);
}

void ProducerFiles::remove_snapshot(Offset at, LogParts& log, Turn& turn) {
    if (!newest_snapshot_) return;
    const FileId file = log.ids.file(log.free_slot(), FileKind::log);
    turn.ask(effect::Open{log.ids.next(Purpose::remove), file, log.path(snapshot_name(at)),
                          OpenMode::existing});
    turn.ask(effect::Remove{log.ids.next(Purpose::remove), file});
}

const TransactionIndex* ProducerFiles::index_of(Offset base) const {
    if (!box_) return nullptr;
    const auto& indexes = (*box_)->indexes;
    const auto found = indexes.find(base);
    return found == indexes.end() ? nullptr : &found->second;
}

std::uint32_t ProducerFiles::file_bytes(const Segment& segment) const {
    const TransactionIndex* index = index_of(segment.base);
    return index ? index->file_bytes() : segment.transaction_bytes;
}

void ProducerFiles::on_rolled(Offset segment, LogParts& log, Turn& turn) {
    if (has_had_some()) take_snapshot(segment, log, turn);
}

void ProducerFiles::on(const event::StorageDone& done, LogParts& log, Turn& turn) {
    if (log.aborted.has(done.operation)) {
        log.aborted.on_read(done, log, turn);
    } else if (!box_) {
        return;
    } else if (Producers& producers = edit();
               producers.snapshot_file && producers.snapshot_file->is_of(done.operation)) {
        on_snapshot(done, log, turn);
    } else if (auto write = producers.index_writes.extract(done.operation)) {
        const Producers::IndexWrite written = write.mapped();
        const auto index = producers.indexes.find(written.segment);
        if (index != producers.indexes.end())
            index->second.settle(done.status == StorageStatus::ok);
        on_index_written(done, written, log, turn);
    } else {
        on_index_opened(done, log, turn);
    }
    if (log.state == LogState::failed) return;
    if (box_ && (*box_)->is_idle()) box_.reset();
    log.sealer.go_on(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

}  // namespace barnabas::log
