#include "engine/log/producer_loader.h"

#include <algorithm>

#include "engine/log/producer_snapshot.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {

// The newest entries, as many as a log keeps in memory.
std::vector<AbortedTransaction> newest_of(const std::vector<AbortedTransaction>& all) {
    const std::size_t count = std::min(all.size(), TransactionIndex::kept_max);
    return {all.end() - static_cast<std::ptrdiff_t>(count), all.end()};
}

}  // namespace

void ProducerLoader::fail(std::string what, StorageStatus status) {
    failure_ = std::move(what);
    status_ = status;
}

void ProducerLoader::tell(std::string text, Turn& turn) const {
    turn.note(Occurrence::Kind::recovered, plan_.subject, std::move(text), Severity::warning);
}

Offset ProducerLoader::end_of(const Segments& segments, std::size_t at) const {
    return at + 1 < segments.size() ? segments[at + 1].base : plan_.next;
}

std::optional<Offset> ProducerLoader::newest_snapshot() const {
    if (plan_.snapshots.empty()) return std::nullopt;
    return plan_.snapshots.rbegin()->first;
}

void ProducerLoader::start(Segments& segments, Ids& ids, Turn& turn) {
    has_snapshots_ = has_snapshots_ || !plan_.snapshots.empty();
    choose_snapshots(segments);
    next_snapshot(segments, ids, turn);
}

// Where the first segment with producers begins whose index is to be made: a later snapshot would
// leave out what stands before it.
void ProducerLoader::choose_snapshots(const Segments& segments) {
    limit_ = plan_.next;
    for (const Segment& segment : segments) {
        const auto checked = plan_.checked.find(segment.base);
        if (checked == plan_.checked.end() || !checked->second) continue;
        limit_ = segment.base;
        break;
    }
    candidates_.clear();
    strays_.clear();
    for (const auto& [at, size] : plan_.snapshots) {
        const bool is_at_segment = std::ranges::binary_search(segments, at, {}, &Segment::base);
        const bool is_of_clean_stop = plan_.was_clean_stop && at == plan_.next;
        const bool is_trusted = at <= plan_.next && (is_at_segment || is_of_clean_stop);
        if (!is_trusted || at <= plan_.log_start) {
            strays_.push_back(at);
        } else if (at <= limit_) {
            candidates_.push_back(at);
        }
    }
}

void ProducerLoader::next_snapshot(Segments& segments, Ids& ids, Turn& turn) {
    states_ = {};
    if (candidates_.empty()) {
        // Without any snapshot no producer wrote before what recovery has looked at.
        return begin_replay(has_snapshots_ ? plan_.log_start : limit_, segments, ids, turn);
    }
    const Offset at = candidates_.back();
    const bool is_known_empty = plan_.was_clean_stop && at == plan_.next &&
                                plan_.snapshots[at] == empty_snapshot_bytes;
    if (is_known_empty) return begin_replay(at, segments, ids, turn);
    stage_ = Stage::reading_snapshot;
    token_ = ids.next(Purpose::load);
    snapshot_file_ = ReadFile(token_, ids.file(ids.next_slot(), FileKind::log),
                              plan_.directory + '/' + snapshot_name(at));
    snapshot_file_.start(turn);
}

void ProducerLoader::on_snapshot(Segments& segments, Ids& ids, Turn& turn) {
    const Offset at = candidates_.back();
    candidates_.pop_back();
    const StorageStatus status = snapshot_file_.status();
    if (status != StorageStatus::ok && status != StorageStatus::foreign)
        return fail(snapshot_name(at), status);
    auto states = decode_snapshot(snapshot_file_.bytes());
    if (!states) {
        tell(snapshot_name(at) + " is dropped, an older state is taken and brought up to date: " +
                 states.error(),
             turn);
        plan_.snapshots.erase(at);
        strays_.push_back(at);
        return next_snapshot(segments, ids, turn);
    }
    states_ = std::move(*states);
    states_.expire(turn.wall.time_since_epoch().count(), plan_.expiration_ms);
    begin_replay(at, segments, ids, turn);
}

void ProducerLoader::begin_replay(Offset from, Segments& segments, Ids& ids, Turn& turn) {
    replay_from_ = from;
    at_ = 0;
    next_segment(segments, ids, turn);
}

void ProducerLoader::open(Stage stage, const std::string& name, OpenMode mode, Ids& ids,
                          Turn& turn) {
    stage_ = stage;
    token_ = ids.next(Purpose::load);
    file_ = ids.file(ids.next_slot(), FileKind::log);
    turn.ask(effect::Open{token_, file_, plan_.directory + '/' + name, mode});
}

// Goes on to the next segment whose batches count, or whose index is not what it should be.
void ProducerLoader::next_segment(Segments& segments, Ids& ids, Turn& turn) {
    for (; at_ < segments.size(); ++at_) {
        const Segment& segment = segments[at_];
        aborted_.clear();
        const auto checked = plan_.checked.find(segment.base);
        const bool has_none = checked != plan_.checked.end() && !checked->second;
        if (segment.size > 0 && end_of(segments, at_) > replay_from_ && !has_none) {
            position_ = 0;
            return open(Stage::opening_segment, file_name(segment.base, FileKind::log),
                        OpenMode::existing, ids, turn);
        }
        if (is_to_be_indexed(segment) && segment.transaction_bytes > 0)
            return write_index(segments, ids, turn);
    }
    read_active_index(segments, ids, turn);
}

void ProducerLoader::read_on(Segments& segments, Ids& ids, Turn& turn) {
    const std::uint32_t left = segments[at_].size - position_;
    if (left < records::batch_head_bytes) return leave_segment(segments, ids, turn);
    stage_ = Stage::reading_segment;
    bytes_asked_ = std::min(std::exchange(bytes_wanted_, slice_bytes), left);
    turn.ask(effect::Read{token_, file_, position_, bytes_asked_});
}

// Data batches are told by their heads: what does not stand in the run is stepped over.
void ProducerLoader::take(const Bytes& run, Segments& segments, Ids& ids, Turn& turn) {
    const std::uint32_t size = segments[at_].size;
    std::size_t used = 0;
    while (used < run.size()) {
        auto header = records::BatchHeader::parse(run.view().subspan(used));
        if (!header) break;
        if (!header->is_plausible() || header->size() > size - position_) {
            // Recovery would have cut it off; a sealed segment that is damaged is found when read.
            position_ = size;
            break;
        }
        const bool is_whole = header->size() <= run.size() - used;
        const bool counts = header->has_producer() && header->last_offset() >= replay_from_;
        if (counts && header->is_control() && !is_whole) {
            bytes_wanted_ = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(header->size(), size - position_));
            break;
        }
        if (counts) {
            const auto end =
                header->is_control()
                    ? end_of_transaction_in(*header, run.slice(used, header->size()))
                    : std::nullopt;
            const auto applied = states_.apply(*header, end);
            if (applied.aborted) aborted_.push_back(*applied.aborted);
        }
        position_ += static_cast<std::uint32_t>(header->size());
        used += header->size();
    }
    if (run.size() < bytes_asked_) position_ = size;  // the file is shorter than it was
    read_on(segments, ids, turn);
}

void ProducerLoader::leave_segment(Segments& segments, Ids& ids, Turn& turn) {
    turn.ask(effect::Close{file_});
    const Segment& segment = segments[at_];
    const bool is_index_due = !aborted_.empty() || segment.transaction_bytes > 0;
    if (is_to_be_indexed(segment) && is_index_due) return write_index(segments, ids, turn);
    ++at_;
    next_segment(segments, ids, turn);
}

void ProducerLoader::write_index(Segments& segments, Ids& ids, Turn& turn) {
    Segment& segment = segments[at_];
    segment.transaction_bytes =
        static_cast<std::uint32_t>(aborted_.size()) * transaction_entry_bytes;
    if (at_ + 1 == segments.size() && !aborted_.empty())
        transactions_.emplace(static_cast<std::uint32_t>(aborted_.size()), newest_of(aborted_));
    has_changed_names_ = true;
    open(Stage::opening_index, file_name(segment.base, FileKind::txnindex),
         OpenMode::create_emptied, ids, turn);
}

void ProducerLoader::read_active_index(Segments& segments, Ids& ids, Turn& turn) {
    const Segment& active = segments.back();
    if (transactions_ || active.transaction_bytes == 0) return next_stray(ids, turn);
    stage_ = Stage::reading_index;
    token_ = ids.next(Purpose::load);
    snapshot_file_ = ReadFile(token_, ids.file(ids.next_slot(), FileKind::log),
                              plan_.directory + '/' + file_name(active.base, FileKind::txnindex));
    snapshot_file_.start(turn);
}

void ProducerLoader::on_active_index(Segments& segments, Ids& ids, Turn& turn) {
    Segment& active = segments.back();
    const StorageStatus status = snapshot_file_.status();
    if (status != StorageStatus::ok && status != StorageStatus::foreign)
        return fail("its transaction index", status);
    const Bytes& bytes = snapshot_file_.bytes();
    const auto all = load_transaction_entries(bytes, active.base);
    if (!all || status == StorageStatus::foreign) {
        tell(file_name(active.base, FileKind::txnindex) + " is damaged and made anew", turn);
        plan_.checked[active.base] = true;
        return start(segments, ids, turn);
    }
    active.transaction_bytes = static_cast<std::uint32_t>(bytes.size());
    if (!all->empty())
        transactions_.emplace(static_cast<std::uint32_t>(all->size()), newest_of(*all));
    next_stray(ids, turn);
}

void ProducerLoader::next_stray(Ids& ids, Turn& turn) {
    if (!strays_.empty()) {
        plan_.snapshots.erase(strays_.back());
        const std::string name = snapshot_name(strays_.back());
        strays_.pop_back();
        return open(Stage::opening_stray, name, OpenMode::existing, ids, turn);
    }
    if (!has_changed_names_) {
        stage_ = Stage::done;
        return;
    }
    has_changed_names_ = false;
    stage_ = Stage::settling;
    turn.ask(effect::FlushDirectory{token_, plan_.directory});
}

void ProducerLoader::on(const event::StorageDone& done, Segments& segments, Ids& ids, Turn& turn) {
    if (!failure_.empty()) return;
    if (stage_ == Stage::reading_snapshot || stage_ == Stage::reading_index) {
        snapshot_file_.on(done, turn);
        if (!snapshot_file_.is_done()) return;
        return stage_ == Stage::reading_snapshot ? on_snapshot(segments, ids, turn)
                                                 : on_active_index(segments, ids, turn);
    }
    const bool is_stray = stage_ == Stage::opening_stray || stage_ == Stage::removing_stray;
    if (is_stray && done.status == StorageStatus::not_found) return next_stray(ids, turn);
    if (done.status != StorageStatus::ok)
        return fail("what its producers did cannot be read", done.status);
    switch (stage_) {
        case Stage::opening_segment: return read_on(segments, ids, turn);
        case Stage::reading_segment: return take(done.bytes, segments, ids, turn);
        case Stage::opening_index: {
            std::vector<std::uint8_t> bytes;
            for (const AbortedTransaction& entry : aborted_) put_transaction_entry(bytes, entry);
            stage_ = bytes.empty() ? Stage::flushing_index : Stage::writing_index;
            if (bytes.empty()) return turn.ask(effect::Flush{token_, file_});
            return turn.ask(effect::Write{token_, file_, 0, Bytes::own(std::move(bytes))});
        }
        case Stage::writing_index:
            stage_ = Stage::flushing_index;
            return turn.ask(effect::Flush{token_, file_});
        case Stage::flushing_index:
            turn.ask(effect::Close{file_});
            ++at_;
            return next_segment(segments, ids, turn);
        case Stage::opening_stray:
            stage_ = Stage::removing_stray;
            return turn.ask(effect::Remove{token_, file_});
        case Stage::removing_stray: return next_stray(ids, turn);
        case Stage::settling: stage_ = Stage::done; return;
        case Stage::reading_snapshot:
        case Stage::reading_index:
        case Stage::done: break;
    }
    CHECK(!"an answer to nothing");
}

}  // namespace barnabas::log
