#include "engine/log/partition_log.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {

constexpr std::uint32_t partition_slot = 0;  // whose file ids are for the small text files
constexpr FileKind epochs_kind = FileKind::index;
constexpr FileKind metadata_kind = FileKind::timeindex;
constexpr std::size_t index_bytes_gathered = 4096;

}  // namespace

PartitionLog::PartitionLog(TopicPartition partition, TopicId topic_id, std::string directory,
                           Cow<LogConfig> config, Names names)
    : ids_(names),
      config_(std::move(config)),
      partition_(std::move(partition)),
      topic_id_(topic_id),
      directory_(std::move(directory)) {}

PartitionLog::PartitionLog(const PartitionLog& other) = default;
PartitionLog::PartitionLog(PartitionLog&& other) noexcept = default;
PartitionLog& PartitionLog::operator=(const PartitionLog& other) = default;
PartitionLog& PartitionLog::operator=(PartitionLog&& other) noexcept = default;
PartitionLog::~PartitionLog() = default;

void PartitionLog::fail(std::string why, Turn& turn) {
    if (state_ == State::failed) return;
    give_up(std::move(why), turn);
    turn.note(Occurrence::Kind::storage, partition_.text(), failure_, Severity::error);
}

void PartitionLog::fail(std::string_view what, StorageStatus status, Turn& turn) {
    is_medium_broken_ |= is_of_medium(status);
    fail(std::string(what) + ": " + std::string(name_of(status)), turn);
}

void PartitionLog::give_up(std::string why, Turn& turn) {
    state_ = State::failed;
    failure_ = std::move(why);
    drop_loader(turn);
    give_up_lookups();
    cleaning_.reset();
}

void PartitionLog::drop_loader(Turn& turn) {
    if (loader_) loader_->edit().close_files(ids_, turn);
    loader_.reset();
}

void PartitionLog::take_offline(std::string why, Turn& turn) {
    if (state_ != State::failed) give_up(std::move(why), turn);
    for (Segment& segment : segments_)
        if (segment.slot != 0) close_files(segment, turn);
}

bool PartitionLog::is_only_full(const event::StorageDone& done, std::string_view what, Turn& turn) {
    if (done.status == StorageStatus::no_space) return true;
    fail(std::string(what) + " failed", done.status, turn);
    return false;
}

void PartitionLog::open(bool was_clean_stop, std::optional<Offset> recovery_point,
                        Offset log_start_offset, Turn& turn) {
    CHECK(state_ == State::closed);
    state_ = State::opening;
    deleting_.reset();
    log_start_ = log_start_offset;
    loader_.emplace(Loader({.subject = partition_.text(),
                            .directory = directory_,
                            .config = *config_,
                            .topic_id = topic_id_,
                            .was_clean_stop = was_clean_stop,
                            .recovery_point = recovery_point,
                            .log_start_offset = log_start_offset}));
    loader_->edit().start(ids_, turn);
}

// Closed, as before: what was cut or removed by then would have been so after a crash too.
void PartitionLog::give_up_opening(Turn& turn) {
    if (!is_full_)
        turn.note(Occurrence::Kind::storage, partition_.text(),
                  "the disk is full: it is opened when there is room: " + (*loader_)->failure(),
                  Severity::error);
    is_full_ = true;
    drop_loader(turn);
    state_ = State::closed;
}

void PartitionLog::on_load(const event::StorageDone& done, Turn& turn) {
    if (!loader_) return;
    Loader& loader = loader_->edit();
    loader.on(done, ids_, turn);
    if (loader.has_failed()) {
        if (loader.is_out_of_room()) return give_up_opening(turn);
        is_medium_broken_ = loader.is_medium_broken();
        return give_up(loader.failure(), turn);
    }
    if (!loader.is_done()) return;
    Loader::Loaded loaded = loader.take();
    loader_.reset();
    tell_of_room(turn);
    segments_ = std::move(loaded.segments);
    active_index_ = std::move(loaded.active_index);
    epochs_ = std::move(loaded.epochs);
    topic_id_ = loaded.topic_id;
    are_indexes_flushed_ = loaded.are_indexes_flushed;
    log_start_ = std::max(log_start_, segments_.front().base);
    log_end_ = written_end_ = loaded.next_offset;
    flush_asked_at_ = turn.now;
    flushed_end_ = acknowledged_before_ = segments_.front().base;
    move_flushed_end();
    flush_wanted_ = flushed_end_;
    newest_snapshot_ = loaded.newest_snapshot;
    if (!loaded.producers.empty() || loaded.transactions) {
        edit_producers().states = std::move(loaded.producers);
        if (loaded.transactions)
            edit_producers().indexes.emplace(active().base, std::move(*loaded.transactions));
    }
    state_ = State::open;
    are_epochs_stored_ = loaded.are_epochs_stored || epochs_.entries().empty();
    is_metadata_stored_ = loaded.is_topic_id_stored || topic_id_.is_zero();
    draw_roll_jitter(turn);
    if (config_->is_preallocated && active().size == 0) {
        bind(active(), turn);
        preallocate(turn);
    }
    store_epochs(turn);
    store_metadata(turn);
    // What the life before did not flush is shown when flush.messages is kept again.
    if (acknowledged_end() < written_end_) flush(turn);
}

void PartitionLog::on(const event::StorageDone& done, Turn& turn) {
    CHECK(ids_.owns(done.operation));
    if (state_ == State::failed || state_ == State::closed) return;
    switch (Ids::purpose_of(done.operation)) {
        case Purpose::load: return on_load(done, turn);
        case Purpose::append: return on_append(done, turn);
        case Purpose::create: return on_created(done, turn);
        case Purpose::index: return on_index(done, turn);
        case Purpose::flush_data: return on_data_flushed(done, turn);
        case Purpose::flush_index: return on_index_flushed(done, turn);
        case Purpose::flush_directory: return on_directory_flushed(done, turn);
        case Purpose::lookup: return on_lookup(done, turn);
        case Purpose::epochs: return on_epochs_stored(done, turn);
        case Purpose::metadata: return on_metadata_stored(done, turn);
        case Purpose::clean: return on_clean(done, turn);
        case Purpose::producers: return on_producers(done, turn);
        case Purpose::truncate:
            // Without room nothing was preallocated: batches find what there is.
            if (done.status != StorageStatus::ok && done.status != StorageStatus::no_space)
                fail("cutting it failed", done.status, turn);
            return;
        case Purpose::remove: return on_removed(done, turn);
    }
}

void PartitionLog::on(const event::Computed& done, Turn& turn) {
    CHECK(ids_.owns(done.job));
    if (state_ == State::failed || state_ == State::closed) return;
    if (Ids::purpose_of(done.job) == Purpose::lookup) return on_lookup(done, turn);
    on_clean(done, turn);
}

Result<Appended, AppendRefusal> PartitionLog::append(const records::Prepared& batch,
                                                     LeaderEpoch epoch, Turn& turn, Origin origin) {
    if (state_ != State::open) return std::unexpected(AppendRefusal::not_open);
    const bool has_producer = batch.header.has_producer();
    std::optional<EndOfTransaction> end_of_transaction;
    if (has_producer) {
        end_of_transaction = end_of_transaction_in(batch.header, batch.batch);
        if (const auto known = screen(batch.header, end_of_transaction, origin, turn))
            return *known;
    }
    if (batch.size() > config_->segment_bytes)
        return std::unexpected(AppendRefusal::batch_too_large);
    if (is_full_) {
        if (is_probing_ || turn.now < probe_at_) return std::unexpected(AppendRefusal::no_space);
        is_probing_ = true;
    }
    if (must_roll(batch)) roll(turn);
    if (!active().is_created && creating_.empty()) create_files(turn);
    bind(active(), turn);

    const Offset base = log_end_;
    const Offset next = base + batch.offsets();
    Segment& segment = active();
    const std::uint32_t position = segment.size;
    const auto end = static_cast<std::uint32_t>(position + batch.size());
    const Token operation = ids_.next(Purpose::append);
    turn.ask(effect::Write{operation, file(segment, FileKind::log), position,
                           records::stamp(batch, base, epoch)});
    writes_.push_back(
        {operation, base, next, segment.base, position, end, false, active_index_.mark()});
    active_index_.add(next - 1, position, batch.size(), batch.header.max_timestamp);
    recent_.add({base, next, position, end});
    if (position == 0) segment.first_timestamp = batch.header.max_timestamp;
    segment.size = end;
    segment.written_by = turn.wall.time_since_epoch().count();
    log_end_ = next;
    if (has_producer) {
        records::BatchHeader header = batch.header;
        header.base_offset = base;
        apply_to_producers(header, end_of_transaction);
    }
    if (epochs_.assign(epoch, base)) {
        are_epochs_stored_ = false;
        store_epochs(turn);
    }
    flush_if_due(turn);
    return Appended{base, next - 1};
}

bool PartitionLog::must_roll(const records::Prepared& batch) const {
    const Segment& segment = segments_.back();
    if (segment.size == 0) return false;
    const std::int64_t age = segment.first_timestamp == records::no_timestamp
                                 ? 0
                                 : saturating_minus(batch.header.max_timestamp,
                                                    segment.first_timestamp);
    return batch.size() > config_->segment_bytes - std::min(segment.size, config_->segment_bytes) ||
           active_index_.is_full(config_->segment_index_bytes) ||
           log_end_ + batch.offsets() - 1 - segment.base > INT32_MAX ||
           age > saturating_minus(config_->segment_ms, roll_jitter_ms_);
}

void PartitionLog::roll(Turn& turn) {
    sealing_[active().base] = Sealing{std::move(active_index_)};
    Segment fresh;
    fresh.base = fresh.flushed_to = log_end_;
    fresh.is_largest_known = true;
    segments_.push_back(fresh);
    active_index_ = SegmentIndex(fresh.base, config_->index_interval_bytes);
    are_indexes_flushed_ = false;
    recent_.clear();
    draw_roll_jitter(turn);
    create_files(turn);
    turn.note(Occurrence::Kind::segment, partition_.text(),
              "a new segment begins at " + std::to_string(fresh.base.value()), Severity::debug);
    if (has_had_producers()) take_snapshot(fresh.base, turn);
    go_on_sealing(turn);
    if (!are_epochs_stored_) store_epochs(turn);
}

// So that segments of many partitions that began together do not end together.
void PartitionLog::draw_roll_jitter(Turn& turn) {
    const std::int64_t jitter = std::min(config_->segment_jitter_ms, config_->segment_ms);
    roll_jitter_ms_ =
        jitter <= 0 ? 0
                    : static_cast<std::int64_t>(
                          turn.random(Concern::backoff).below(static_cast<std::uint64_t>(jitter)));
}

// Needs: the active segment is empty and its .log is open or being made.
void PartitionLog::preallocate(Turn& turn) {
    if (!config_->is_preallocated) return;
    active().is_preallocated = true;
    turn.ask(effect::Truncate{ids_.next(Purpose::truncate), file(active(), FileKind::log),
                              config_->segment_bytes});
}

// Gives back what no batch has filled, before the file is left for good.
void PartitionLog::trim(Segment& segment, Turn& turn) {
    if (!std::exchange(segment.is_preallocated, false)) return;
    bind(segment, turn);
    turn.ask(
        effect::Truncate{ids_.next(Purpose::truncate), file(segment, FileKind::log), segment.size});
}

// The active segment's files. What is written to them may be asked for in the same turn.
void PartitionLog::create_files(Turn& turn) {
    Segment& segment = active();
    segment.slot = free_slot();
    segment.is_created = false;
    segment.is_entry_durable = !turn.guards.has(Guard::segment_names_are_flushed);
    const Token operation = ids_.next(Purpose::create);
    creating_[operation] = segment.base;
    turn.ask(effect::Open{operation, file(segment, FileKind::log),
                          path(file_name(segment.base, FileKind::log)), OpenMode::create_emptied});
    preallocate(turn);
    open_index_files(segment, OpenMode::create_emptied, turn);
}

std::uint32_t PartitionLog::free_slot() {
    for (;;) {
        const std::uint32_t slot = ids_.next_slot();
        const auto has_it = [&](const auto& row) { return row.slot == slot; };
        if (std::none_of(segments_.begin(), segments_.end(), has_it) &&
            std::none_of(deleted_.begin(), deleted_.end(), has_it) &&
            !(cleaning_ && (*cleaning_)->uses(slot)))
            return slot;
    }
}

void PartitionLog::on_created(const event::StorageDone& done, Turn& turn) {
    const auto found = creating_.find(done.operation);
    if (found == creating_.end()) return;
    const Offset base = found->second;
    creating_.erase(found);
    if (done.status == StorageStatus::ok) {
        find(base)->is_created = true;
        if (flush_wanted_ > base) flush_directory(turn);
        return;
    }
    if (!is_only_full(done, "making a segment", turn)) return;
    for (const FileKind kind : {FileKind::index, FileKind::timeindex})
        turn.ask(effect::Close{file(*find(base), kind)});
    for (std::size_t at = 0; at < writes_.size(); ++at)
        if (writes_[at].segment >= base) return cut_back(at, turn);
}

void PartitionLog::on_append(const event::StorageDone& done, Turn& turn) {
    std::size_t at = 0;
    while (at < writes_.size() && writes_[at].operation != done.operation) ++at;
    if (at == writes_.size()) return;  // it was cut off meanwhile
    if (done.status != StorageStatus::ok) {
        if (is_only_full(done, "writing", turn)) cut_back(at, turn);
        return;
    }
    writes_[at].is_done = true;
    while (!writes_.empty() && writes_.front().is_done) {
        CHECK(writes_.front().base == written_end_);
        written_end_ = writes_.front().next;
        find(writes_.front().segment)->written = writes_.front().end;
        writes_.pop_front();
    }
    if (is_full_) {
        tell_of_room(turn);
        write_index(active(), active_index_, turn);
    }
    if (active_index_.offsets.waiting.size() >= index_bytes_gathered)
        write_index(active(), active_index_, turn);
    if (producers_) settle_producers(turn);
    if (!sealing_.empty()) go_on_sealing(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::tell_of_room(Turn& turn) {
    is_probing_ = false;
    if (std::exchange(is_full_, false))
        turn.note(Occurrence::Kind::storage, partition_.text(), "there is room again");
}

bool PartitionLog::waits_for_room() const {
    if (state_ == State::closed) return is_full_;
    if (state_ != State::open) return false;
    // Appends see for themselves whether there is room again; what nobody appends to does not.
    const bool is_segment_due = is_full_ && (!segments_.back().is_created || !sealing_.empty());
    const bool is_file_due =
        (!is_metadata_stored_ && !metadata_file_) || (!are_epochs_stored_ && !epochs_file_);
    return is_segment_due || is_file_due || (deleting_ && (*deleting_)->is_refused) ||
           (cleaning_ && (*cleaning_)->swap && (*cleaning_)->swap->is_refused());
}

void PartitionLog::try_again(Turn& turn) {
    CHECK(state_ != State::closed);
    if (state_ != State::open) return;
    store_metadata(turn);
    store_epochs(turn);
    if (is_full_) {
        if (!active().is_created && creating_.empty()) create_files(turn);
        if (producers_) settle_producers(turn);
        go_on_sealing(turn);
    }
    if (deleting_ && (*deleting_)->is_refused) rename_deleted(turn);
    if (cleaning_ && (*cleaning_)->swap && (*cleaning_)->swap->is_refused())
        cleaning_->edit().swap->try_again(ids_, turn);
}

void PartitionLog::refuse_until_room(std::string_view what, Turn& turn) {
    if (!is_full_)
        turn.note(Occurrence::Kind::storage, partition_.text(),
                  "the disk is full (" + std::string(what) + "): appends are refused, reads go on",
                  Severity::error);
    is_full_ = true;
    is_probing_ = false;
    probe_at_ = turn.now + probe_interval;
}

// The batches from that one on are not in the log: the disk was full. What was asked for after them
// in the same file is done before the Truncate, so that nothing of it stays.
void PartitionLog::cut_back(std::size_t first_lost, Turn& turn) {
    const InFlight lost = writes_[first_lost];
    writes_.keep_first(first_lost);
    if (active().base > lost.segment) recent_.clear();
    while (active().base > lost.segment) drop_last_segment(turn);
    Segment& segment = active();
    CHECK(segment.base == lost.segment);
    segment.size = lost.position;
    active_index_.take_back(lost.mark, lost.position);
    recent_.cut_end(lost.base);
    for (auto& [token, flush] : flushes_) flush.upto = std::min(flush.upto, lost.base);
    flush_wanted_ = std::min(flush_wanted_, lost.base);
    if (epochs_.cut_end(lost.base)) are_epochs_stored_ = false;
    log_end_ = lost.base;
    if (producers_) cut_back_producers(lost.base);
    cut_ = std::min(cut_.value_or(lost.base), lost.base);
    const bool has_file = segment.is_created || !creating_.empty();
    if (has_file)
        turn.ask(effect::Truncate{ids_.next(Purpose::truncate), file(segment, FileKind::log),
                                  lost.position});
    refuse_until_room("writing", turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::drop_last_segment(Turn& turn) {
    const Segment& segment = active();
    const Offset base = segment.base;
    for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex})
        turn.ask(effect::Remove{ids_.next(Purpose::remove), file(segment, kind)});
    const auto is_of_it = [&](const auto& entry) { return entry.second == base; };
    std::erase_if(creating_, is_of_it);
    std::erase_if(index_flushes_, is_of_it);
    std::erase_if(index_operations_,
                  [&](const auto& entry) { return entry.second.segment == base; });
    std::erase_if(flushes_, [&](const auto& entry) { return entry.second.segment == base; });
    segments_.pop_back();
    // A write to it is lost, so it was not stored yet and its index is still here.
    auto sealing = sealing_.find(active().base);
    CHECK(sealing != sealing_.end());
    active_index_ = std::move(sealing->second.index);
    sealing_.erase(sealing);
}

Segment* PartitionLog::find(Offset base) {
    const auto found = std::lower_bound(
        segments_.begin(), segments_.end(), base,
        [](const Segment& segment, Offset wanted) { return segment.base < wanted; });
    return found != segments_.end() && found->base == base ? &*found : nullptr;
}

SegmentIndex* PartitionLog::index_of(Offset base) {
    if (base == active().base) return &active_index_;
    const auto found = sealing_.find(base);
    return found == sealing_.end() ? nullptr : &found->second.index;
}

void PartitionLog::store_epochs(Turn& turn) {
    if (are_epochs_stored_ || epochs_file_) return;
    are_epochs_stored_ = true;
    const Bytes text = Bytes::copy(format_epochs(epochs_.entries()));
    epochs_file_.emplace(ReplaceFile(ids_.next(Purpose::epochs),
                                     ids_.file(partition_slot, epochs_kind),
                                     path("leader-epoch-checkpoint"), text));
    epochs_file_->edit().start(turn);
}

void PartitionLog::on_epochs_stored(const event::StorageDone& done, Turn& turn) {
    epochs_file_->edit().on(done, turn);
    if (!(*epochs_file_)->is_done()) return;
    const StorageStatus status = (*epochs_file_)->status();
    epochs_file_.reset();
    if (status == StorageStatus::no_space) {  // the batches tell the epochs too; later, then
        are_epochs_stored_ = false;
        if (state_ == State::closing) fail("leader-epoch-checkpoint: the disk is full", turn);
        return;
    }
    if (status != StorageStatus::ok) return fail("leader-epoch-checkpoint", status, turn);
    store_epochs(turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::store_metadata(Turn& turn) {
    if (is_metadata_stored_ || metadata_file_) return;
    metadata_file_.emplace(
        ReplaceFile(ids_.next(Purpose::metadata), ids_.file(partition_slot, metadata_kind),
                    path("partition.metadata"), Bytes::copy(format_partition_metadata(topic_id_))));
    metadata_file_->edit().start(turn);
}

void PartitionLog::on_metadata_stored(const event::StorageDone& done, Turn& turn) {
    metadata_file_->edit().on(done, turn);
    if (!(*metadata_file_)->is_done()) return;
    const StorageStatus status = (*metadata_file_)->status();
    metadata_file_.reset();
    is_metadata_stored_ = status == StorageStatus::ok;
    if (status != StorageStatus::ok && status != StorageStatus::no_space)
        return fail("partition.metadata", status, turn);
    if (state_ == State::closing) go_on_closing(turn);
}

void PartitionLog::close(Turn& turn) {
    CHECK(state_ == State::open || state_ == State::opening);
    if (state_ == State::opening) {
        drop_loader(turn);
        state_ = State::closed;
        return;
    }
    state_ = State::closing;
    give_up_lookups();
    is_closing_flushed_ = false;
    store_epochs(turn);
    go_on_sealing(turn);
    stop_cleaning(turn);
    go_on_closing(turn);
}

// What a clean stop promises: indexes ended as Kafka ends them, all of it flushed.
void PartitionLog::go_on_closing(Turn& turn) {
    // What found no room before is tried once more: sealing waits for it.
    if (producers_) settle_producers(turn);
    if (!writes_.empty() || !creating_.empty() || !sealing_.empty() || cleaning_) return;
    active_index_.finish();
    if (active().is_created) write_index(active(), active_index_, turn);
    if (!index_operations_.empty() || !are_producers_ready_to_close(turn)) return;
    if (!is_closing_flushed_) {
        is_closing_flushed_ = true;
        if (active().is_preallocated) {
            trim(active(), turn);
            flush_segment(active(), log_end_, turn);
        }
        flush(turn);
        if (!are_indexes_flushed_) flush_active_indexes(turn);
        flush_transactions(active().base, turn);
    }
    if (!flushes_.empty() || !index_flushes_.empty() || !directory_flushes_.empty() ||
        epochs_file_ || metadata_file_)
        return;
    if (active().is_time_index_wrong) drop_time_index(active(), turn);
    for (Segment& segment : segments_)
        if (segment.slot != 0) close_files(segment, turn);
    state_ = State::closed;
}

void PartitionLog::flush_active_indexes(Turn& turn) {
    bind_indexes(active(), turn);
    for (const FileKind kind : {FileKind::index, FileKind::timeindex}) {
        const Token operation = ids_.next(Purpose::flush_index);
        index_flushes_[operation] = active().base;
        turn.ask(effect::Flush{operation, file(active(), kind)});
    }
}

std::uint64_t PartitionLog::size_bytes() const {
    std::uint64_t sum = 0;
    for (const Segment& segment : segments_) sum += segment.size;
    return sum;
}

}  // namespace barnabas::log
