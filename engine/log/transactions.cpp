// PartitionLog: what it knows of producers and transactions, and the files that keep it.
#include <algorithm>

#include "engine/log/partition_log.h"
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

Producers& PartitionLog::edit_producers() {
    if (!producers_) producers_.emplace();
    return producers_->edit();
}

std::string PartitionLog::snapshot_path(Offset at) const { return path(snapshot_name(at)); }

const ProducerStates* PartitionLog::producer_states() const {
    return producers_ ? &(*producers_)->states : nullptr;
}

Offset PartitionLog::last_stable_offset(Offset high_watermark) const {
    if (!producers_) return high_watermark;
    const auto unstable = (*producers_)->states.first_unstable(high_watermark);
    return unstable ? std::min(std::max(*unstable, log_start_), high_watermark) : high_watermark;
}

void PartitionLog::settle_transactions(Offset high_watermark) {
    if (producers_) edit_producers().states.settle(high_watermark);
}

void PartitionLog::expire_producers(const Turn& turn) {
    if (!producers_) return;
    edit_producers().states.expire(turn.wall.time_since_epoch().count(),
                                   config_->producer_expiration_ms);
    if ((*producers_)->is_idle()) producers_.reset();
}

// What the producer's state says of a batch before it is appended; nothing when that is welcome.
std::optional<Result<Appended, AppendRefusal>> PartitionLog::screen(
    const records::BatchHeader& header, const std::optional<EndOfTransaction>& end,
    Origin origin, const Turn& turn) const {
    if (!producers_ || !turn.guards.has(Guard::sequences_are_checked)) return std::nullopt;
    const ProducerStates& states = (*producers_)->states;
    if (origin == Origin::client) {
        if (const auto* stored = states.find_duplicate(header))
            return Appended{stored->first(), stored->last, true, stored->timestamp};
    }
    const auto fault = states.check(header, end, origin);
    if (!fault) return std::nullopt;
    return std::unexpected(refusal_of(*fault));
}

// Needs: the batch was appended just now, at the header's base offset.
void PartitionLog::apply_to_producers(const records::BatchHeader& header,
                                      const std::optional<EndOfTransaction>& end) {
    Producers& producers = edit_producers();
    const ProducerStates::Applied applied = producers.states.apply(header, end);
    producers.undos.push_back(applied.undo);
    if (applied.aborted) producers.indexes[active().base].add(*applied.aborted);
}

// More of the log is written.
void PartitionLog::settle_producers(Turn& turn) {
    Producers& producers = edit_producers();
    while (!producers.undos.empty() && producers.undos.front().at < written_end_)
        producers.undos.pop_front();
    write_transactions(turn);
    if (!producers.snapshot_file) store_next_snapshot(turn);
}

// The batches from `end` on were never stored.
void PartitionLog::cut_back_producers(Offset end) {
    Producers& producers = edit_producers();
    while (!producers.undos.empty() && producers.undos.back().at >= end) {
        producers.states.undo(producers.undos.back());
        producers.undos.keep_first(producers.undos.size() - 1);
    }
    std::erase_if(producers.indexes, [&](const auto& one) { return one.first > active().base; });
    const auto index = producers.indexes.find(active().base);
    if (index != producers.indexes.end()) index->second.cut_end(end);
    while (!producers.snapshots.empty() && producers.snapshots.back().at > end)
        producers.snapshots.pop_back();
}

// Entries of the transaction indexes whose markers are written. A file is opened for each write:
// transactions are aborted rarely, and files that stay open have their price.
void PartitionLog::write_transactions(Turn& turn) {
    for (auto& [base, index] : edit_producers().indexes) {
        if (index.is_writing() || index.is_written()) continue;
        const std::uint32_t position = index.file_bytes();
        std::vector<std::uint8_t> bytes = index.ask(written_end_);
        if (bytes.empty()) continue;
        const auto [file, opening] = open_transactions(base, OpenMode::create, turn);
        const Token operation = ids_.next(Purpose::producers);
        edit_producers().index_writes[operation] = {base, opening};
        turn.ask(effect::Write{operation, file, position, Bytes::own(std::move(bytes))});
        turn.ask(effect::Close{file});
    }
}

PartitionLog::Opening PartitionLog::open_transactions(Offset base, OpenMode mode, Turn& turn) {
    const Opening opening{ids_.file(free_slot(), FileKind::txnindex),
                          ids_.next(Purpose::producers)};
    turn.ask(effect::Open{opening.operation, opening.file,
                          path(file_name(base, FileKind::txnindex)), mode});
    return opening;
}

// Whether the recovery point may move over a sealed segment: what recovery would make anew of its
// batches is in files.
bool PartitionLog::are_producers_stored(const Segment& segment) const {
    if (!producers_) return true;
    const Producers& producers = **producers_;
    const auto index = producers.indexes.find(segment.base);
    if (index != producers.indexes.end() && !index->second.is_written()) return false;
    const Offset end = (&segment + 1)->base;
    return std::ranges::none_of(producers.snapshots,
                                [&](const auto& snapshot) { return snapshot.at == end; });
}

// Asks for all that makes a segment's transaction index survive power loss: how many answers will
// come, as flushes of its indexes. Its file was made after the segment, and so was its name.
std::uint32_t PartitionLog::flush_transactions(Offset base, Turn& turn) {
    if (!producers_ || !(*producers_)->indexes.contains(base)) return 0;
    const FileId file = open_transactions(base, OpenMode::create, turn).file;
    const auto next = [&] {
        const Token operation = ids_.next(Purpose::flush_index);
        index_flushes_[operation] = base;
        return operation;
    };
    turn.ask(effect::Flush{next(), file});
    turn.ask(effect::Close{file});
    turn.ask(effect::FlushDirectory{next(), directory_});
    return 2;
}

// Needs: the segment takes no more batches, and its index is written.
void PartitionLog::seal_transactions(Segment& segment) {
    if (!producers_) return;
    auto& indexes = edit_producers().indexes;
    const auto index = indexes.find(segment.base);
    if (index == indexes.end()) return;
    segment.transaction_bytes = index->second.file_bytes();
    indexes.erase(index);
}

// One segment at `begin` stands for all up to `end`: snapshots where no segment begins any more go,
// as in Kafka, and lookups in the old indexes begin anew. Needs: the segments are the old ones.
void PartitionLog::replace_transactions(Offset begin, Offset end, Turn& turn) {
    for (const Segment& segment : segments_)
        if (segment.base > begin && segment.base < end) remove_snapshot(segment.base, turn);
    if (!producers_) return;
    for (auto& [token, lookup] : edit_producers().lookups)
        lookup.is_void |= lookup.segment >= begin && lookup.segment < end;
}

// Snapshots are kept from the first producer on. A log that never had one has none: what recovery
// does not look at then holds no producer's batch.
bool PartitionLog::has_had_producers() const {
    return newest_snapshot_ || (producers_ && !(*producers_)->states.producers().empty());
}

void PartitionLog::take_snapshot(Offset at, Turn& turn) {
    Producers& producers = edit_producers();
    producers.snapshots.push_back({at, encode_snapshot(producers.states)});
    if (!producers.snapshot_file) store_next_snapshot(turn);
}

// Once all that it tells of is written: one that is stored is never ahead of the log.
void PartitionLog::store_next_snapshot(Turn& turn) {
    Producers& producers = edit_producers();
    if (producers.snapshots.empty() || producers.snapshots.front().at > written_end_) return;
    const auto& [at, bytes] = producers.snapshots.front();
    producers.snapshot_file.emplace(ids_.next(Purpose::producers),
                                    ids_.file(free_slot(), FileKind::log), snapshot_path(at),
                                    bytes);
    producers.snapshot_file->start(turn);
}

// Before a clean stop, which leaves a snapshot of all that the log holds.
bool PartitionLog::are_producers_ready_to_close(Turn& turn) {
    const bool is_told = !has_had_producers() || newest_snapshot_ == log_end_;
    if (!is_told && (!producers_ || (*producers_)->snapshots.empty()))
        take_snapshot(log_end_, turn);
    return !producers_ ||
           ((*producers_)->snapshots.empty() && (*producers_)->index_writes.empty());
}

void PartitionLog::on_producers(const event::StorageDone& done, Turn& turn) {
    if (!producers_) return;
    Producers& producers = edit_producers();
    if (producers.snapshot_file && producers.snapshot_file->is_of(done.operation)) {
        on_snapshot(done, turn);
    } else if (const auto write = producers.index_writes.find(done.operation);
               write != producers.index_writes.end()) {
        const Producers::IndexWrite written = write->second;
        producers.index_writes.erase(write);
        const auto index = producers.indexes.find(written.segment);
        if (index != producers.indexes.end())
            index->second.settle(done.status == StorageStatus::ok);
        on_transactions_written(done, written, turn);
    } else if (producers.lookups.contains(done.operation)) {
        on_aborted_read(done, turn);
    } else {
        on_transactions_opened(done, turn);
    }
    if (state_ == State::failed) return;
    if (producers_ && (*producers_)->is_idle()) producers_.reset();
    if (!sealing_.empty()) go_on_sealing(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

// A file that could not be made for lack of space fails its write too.
void PartitionLog::on_transactions_opened(const event::StorageDone& done, Turn& turn) {
    if (done.status == StorageStatus::ok || done.status == StorageStatus::not_found) return;
    if (!is_only_full(done, "opening a transaction index", turn)) return;
    for (auto& [token, write] : edit_producers().index_writes)
        write.is_unmade |= write.opening == done.operation;
}

void PartitionLog::on_transactions_written(const event::StorageDone& done,
                                           const Producers::IndexWrite& write, Turn& turn) {
    if (done.status == StorageStatus::ok) return write_transactions(turn);
    if (!write.is_unmade && !is_only_full(done, "writing a transaction index", turn)) return;
    if (state_ == State::closing) return fail("the disk is full: no clean stop", turn);
    refuse_until_room("writing a transaction index", turn);
}

void PartitionLog::on_snapshot(const event::StorageDone& done, Turn& turn) {
    Producers& producers = edit_producers();
    producers.snapshot_file->on(done, turn);
    if (!producers.snapshot_file->is_done()) return;
    const StorageStatus status = producers.snapshot_file->status();
    const Offset at = producers.snapshots.front().at;
    producers.snapshot_file.reset();
    if (status == StorageStatus::ok) {
        newest_snapshot_ = at;
        producers.snapshots.pop_front();
        return store_next_snapshot(turn);
    }
    if (status != StorageStatus::no_space)
        return fail("storing " + snapshot_name(at) + " failed", status, turn);
    if (state_ == State::closing) return fail("the disk is full: no clean stop", turn);
    // Tried again when something is written.
    refuse_until_room("storing a snapshot of its producers", turn);
}

// The snapshot at a segment that is deleted.
void PartitionLog::remove_snapshot(Offset at, Turn& turn) {
    if (!newest_snapshot_) return;
    const FileId file = ids_.file(free_slot(), FileKind::log);
    turn.ask(effect::Open{ids_.next(Purpose::remove), file, snapshot_path(at), OpenMode::existing});
    turn.ask(effect::Remove{ids_.next(Purpose::remove), file});
}

std::optional<std::vector<AbortedTransaction>> PartitionLog::find_aborted(Offset from, Offset below,
                                                                          LookupId id, Turn& turn) {
    CHECK(state_ == State::open);
    AbortedLookup lookup = begin_aborted(from, below, id);
    if (collect_aborted(lookup)) return lookup.collector.take_found();
    read_aborted(std::move(lookup), turn);
    return std::nullopt;
}

AbortedLookup PartitionLog::begin_aborted(Offset from, Offset below, LookupId id) const {
    AbortedLookup lookup;
    lookup.id = id;
    lookup.collector = AbortedCollector(from, below);
    lookup.go_to(segments_[find_segment(segments_, std::max(from, log_start_))].base);
    return lookup;
}

// The index of a segment whose entries are not all in its file; else nothing.
const TransactionIndex* PartitionLog::transaction_index_of(Offset base) const {
    if (!producers_) return nullptr;
    const auto& indexes = (*producers_)->indexes;
    const auto found = indexes.find(base);
    return found == indexes.end() ? nullptr : &found->second;
}

std::uint32_t PartitionLog::transaction_file_bytes(const Segment& segment) const {
    const TransactionIndex* index = transaction_index_of(segment.base);
    return index ? index->file_bytes() : segment.transaction_bytes;
}

// Goes on from segment to segment with what is in memory; false when a file has to be read.
bool PartitionLog::collect_aborted(AbortedLookup& lookup) const {
    for (std::size_t at = find_segment(segments_, lookup.segment); at < segments_.size(); ++at) {
        const Segment& segment = segments_[at];
        if (segment.base != lookup.segment) lookup.go_to(segment.base);
        const TransactionIndex* index = transaction_index_of(segment.base);
        const bool is_all_known = index ? index->collect(lookup.collector, lookup.entries_read())
                                        : lookup.bytes_read >= segment.transaction_bytes;
        if (!is_all_known) return false;
        if (lookup.collector.is_complete()) break;
    }
    return true;
}

void PartitionLog::read_aborted(AbortedLookup lookup, Turn& turn) {
    const Segment& segment = *find(lookup.segment);
    lookup.bytes_asked = std::min(AbortedLookup::page_bytes,
                                  transaction_file_bytes(segment) - lookup.bytes_read);
    // That of a segment that is being swapped in is open, under a name that does not last.
    const bool is_open = cleaning_ && (*cleaning_)->is_swapping_in(segment);
    const FileId file = is_open ? this->file(segment, FileKind::txnindex)
                                : open_transactions(lookup.segment, OpenMode::existing, turn).file;
    const Token operation = ids_.next(Purpose::producers);
    turn.ask(effect::Read{operation, file, lookup.bytes_read, lookup.bytes_asked});
    if (!is_open) turn.ask(effect::Close{file});
    edit_producers().lookups.emplace(operation, std::move(lookup));
}

void PartitionLog::on_aborted_read(const event::StorageDone& done, Turn& turn) {
    AbortedLookup lookup = std::move(edit_producers().lookups.extract(done.operation).mapped());
    if (is_of_medium(done.status)) {
        if (lookup.id != own_lookup) found_.push_back({lookup.id, Unreadable{}});
        return fail("reading a transaction index failed", done.status, turn);
    }
    if (lookup.is_void || !find(lookup.segment)) {
        lookup = begin_aborted(lookup.collector.from(), lookup.collector.below(), lookup.id);
        return go_on_with_aborted(std::move(lookup), turn);
    }
    const bool is_read =
        done.status == StorageStatus::ok && done.bytes.size() == lookup.bytes_asked;
    const auto entries =
        is_read ? load_transaction_entries(done.bytes, lookup.next_marker) : std::nullopt;
    if (!entries) {
        const std::string why = file_name(lookup.segment, FileKind::txnindex) +
                                (is_read ? " is damaged at position " : " cannot be read from ") +
                                std::to_string(lookup.bytes_read) + (is_read ? "" : " on");
        if (lookup.id == own_lookup) return give_up_cleaning(why, turn);
        turn.note(Occurrence::Kind::storage, partition_.text(), why, Severity::error);
        found_.push_back({lookup.id, Unreadable{}});
        return;
    }
    for (const AbortedTransaction& entry : *entries) lookup.collector.take(entry);
    lookup.next_marker = entries->back().last + 1;
    lookup.bytes_read += lookup.bytes_asked;
    go_on_with_aborted(std::move(lookup), turn);
}

void PartitionLog::go_on_with_aborted(AbortedLookup lookup, Turn& turn) {
    if (!lookup.collector.is_complete() && !collect_aborted(lookup))
        return read_aborted(std::move(lookup), turn);
    if (lookup.id == own_lookup)
        cleaning_->edit().cleaner.learn(lookup.collector.take_found());
    else
        found_.push_back({lookup.id, lookup.collector.take_found()});
}

}  // namespace barnabas::log
