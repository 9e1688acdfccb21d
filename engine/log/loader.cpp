#include "engine/log/loader.h"

#include <algorithm>

#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {

constexpr std::uint64_t segment_size_max = INT32_MAX;  // positions are int32 in Kafka's indexes
constexpr std::uint32_t text_slot = 0;
constexpr std::string_view id_name = "partition.metadata";
constexpr std::string_view epochs_name = "leader-epoch-checkpoint";

}  // namespace

Token Loader::ask(Part part, Ids& ids) {
    const Token token = ids.next(Purpose::load);
    under_way_[token] = part;
    return token;
}

void Loader::fail(std::string why, Turn& turn) {
    stage_ = Stage::failed;
    failure_ = std::move(why);
    if (!is_out_of_room_)
        turn.note(Occurrence::Kind::storage, plan_.subject, failure_, Severity::error);
}

void Loader::fail(std::string_view what, StorageStatus status, Turn& turn) {
    is_medium_broken_ = is_of_medium(status);
    is_out_of_room_ = status == StorageStatus::no_space;
    fail(std::string(what) + ": " + std::string(name_of(status)), turn);
}

void Loader::tell(Occurrence::Kind kind, std::string text, Turn& turn) {
    turn.note(kind, plan_.subject, std::move(text), Severity::warning);
}

void Loader::close_files(const Ids& ids, Turn& turn) const {
    ids.each_file_since(slot_before_, [&](FileId file) { turn.ask(effect::Close{file}); });
}

void Loader::start(Ids& ids, Turn& turn) {
    slot_before_ = ids.last_slot();
    loaded_.topic_id = plan_.topic_id;
    is_trusted_stop_ = plan_.was_clean_stop;
    check_from_ = plan_.recovery_point.value_or(Offset(0));
    turn.ask(effect::List{ask(Part::any, ids), plan_.directory});
}

void Loader::on(const event::StorageDone& done, Ids& ids, Turn& turn) {
    if (stage_ == Stage::producers) return on_producers(done, ids, turn);
    const auto found = under_way_.find(done.operation);
    CHECK(found != under_way_.end());
    const Part part = found->second;
    if (stage_ == Stage::failed) return void(under_way_.erase(found));
    if (part == Part::swap) {
        under_way_.erase(found);
        return on_swap(done, ids, turn);
    }
    if (part == Part::text) {
        text_.on(done, turn);
        if (!text_.is_done()) return;
        under_way_.erase(found);
        return stage_ == Stage::reading_id ? on_id_read(ids, turn) : on_epochs_read(ids, turn);
    }
    under_way_.erase(found);
    if (done.status != StorageStatus::ok) return on_failure(done, part, ids, turn);
    advance(done, part, ids, turn);
}

void Loader::on_failure(const event::StorageDone& done, Part part, Ids& ids, Turn& turn) {
    if (done.status == StorageStatus::not_found) {
        if (stage_ == Stage::listing) {
            stage_ = Stage::making;
            return turn.ask(effect::MakeDirectory{ask(Part::any, ids), plan_.directory});
        }
        // What is to be removed may be gone: an index file that never was, an earlier attempt.
        if (stage_ == Stage::removing || stage_ == Stage::removing_later)
            return advance(done, part, ids, turn);
    }
    fail(stage_ == Stage::listing || stage_ == Stage::making ? plan_.directory + " cannot be opened"
                                                             : "a file of it cannot be used",
         done.status, turn);
}

// One operation of the stage is done; when it was the last one, the next stage begins.
void Loader::advance(const event::StorageDone& done, Part part, Ids& ids, Turn& turn) {
    switch (stage_) {
        case Stage::listing: return on_listed(done, ids, turn);
        case Stage::making:
            stage_ = Stage::entering;
            if (!turn.guards.has(Guard::directory_names_are_flushed))
                return next_segment(ids, turn);
            return turn.ask(
                effect::FlushDirectory{ask(Part::any, ids), directory_of(plan_.directory)});
        case Stage::entering: return next_segment(ids, turn);
        case Stage::opening:
            if (part == Part::log) log_bytes_ = done.size;
            if (part == Part::index) offset_bytes_ = done.size;
            if (part == Part::timeindex) time_bytes_ = done.size;
            if (under_way_.empty()) on_opened(ids, turn);
            return;
        case Stage::reading_ends:
            if (part == Part::log) {
                const auto head = records::BatchHeader::parse(done.bytes);
                if (head) segment().first_timestamp = head->max_timestamp;
            }
            if (part == Part::index && done.bytes.size() == offset_entry_bytes)
                last_offset_ = load_offset_entry(done.bytes.data(), segment().base);
            if (part == Part::timeindex && done.bytes.size() == time_entry_bytes)
                last_time_ = load_time_entry(done.bytes.data(), segment().base);
            if (under_way_.empty()) on_ends_read(ids, turn);
            return;
        case Stage::scanning: return on_read(done.bytes, ids, turn);
        case Stage::removing:
            if (under_way_.empty()) next_segment(ids, turn);
            return;
        case Stage::removing_later:
            if (!under_way_.empty()) return;
            stage_ = Stage::settling;
            return turn.ask(effect::FlushDirectory{ask(Part::any, ids), plan_.directory});
        case Stage::settling:
            loaded_.segments.resize(remove_from_);
            if (at_ < remove_from_) return cut_tail(ids, turn);
            at_ = std::max<std::size_t>(remove_from_, 1) - 1;  // now the active one
            return next_segment(ids, turn);
        case Stage::cutting:
            if (under_way_.empty()) write_indexes(ids, turn);
            return;
        case Stage::indexing:
            if (under_way_.empty()) leave_segment(ids, turn);
            return;
        case Stage::swapping:
        case Stage::reading_id:
        case Stage::reading_epochs:
        case Stage::producers:
        case Stage::done:
        case Stage::failed: break;
    }
    CHECK(!"an answer to nothing");
}

// A swap that a crash interrupted is dealt with before anything else; then all is listed anew.
void Loader::on_swap(const event::StorageDone& done, Ids& ids, Turn& turn) {
    swap_->on(done, ids, turn);
    for (const Token token : swap_->take_asked()) under_way_[token] = Part::swap;
    if (swap_->status() != StorageStatus::ok)
        return fail("an interrupted compaction cannot be completed", swap_->status(), turn);
    if (!swap_->failure().empty())
        return fail("an interrupted compaction cannot be completed: " + swap_->failure(), turn);
    if (!swap_->is_done()) return;
    swap_.reset();
    stage_ = Stage::listing;
    turn.ask(effect::List{ask(Part::any, ids), plan_.directory});
}

void Loader::on_listed(const event::StorageDone& done, Ids& ids, Turn& turn) {
    if (SwapRecovery::is_needed(done.entries)) {
        stage_ = Stage::swapping;
        swap_.emplace(plan_.subject, plan_.directory, done.entries);
        swap_->start(ids, turn);
        for (const Token token : swap_->take_asked()) under_way_[token] = Part::swap;
        return;
    }
    std::map<Offset, Segment> found;
    std::set<Offset> with_log, with_index, with_times;
    for (const DirectoryEntry& entry : done.entries) {
        if (entry.name == id_name) has_id_file_ = true;
        if (entry.name == epochs_name) has_epochs_file_ = true;
        const auto meaning = meaning_of(entry.name);
        if (!meaning || entry.kind != EntryKind::file) continue;
        if (meaning->what == NameMeaning::What::snapshot) {
            producers_plan_.snapshots[meaning->base] = entry.size;
            continue;
        }
        if (meaning->what != NameMeaning::What::segment) {
            left_overs_.push_back(entry.name);
            continue;
        }
        if (entry.size > segment_size_max) return fail(entry.name + " is larger than 2 GiB", turn);
        const auto size = static_cast<std::uint32_t>(entry.size);
        Segment& segment = found[meaning->base];
        segment.base = meaning->base;
        switch (meaning->kind) {
            case FileKind::log:
                segment.size = segment.written = size;
                with_log.insert(meaning->base);
                break;
            case FileKind::index:
                segment.offset_bytes = size;
                with_index.insert(meaning->base);
                break;
            case FileKind::timeindex:
                segment.time_bytes = size;
                with_times.insert(meaning->base);
                break;
            case FileKind::txnindex: segment.transaction_bytes = size; break;
        }
    }
    for (const auto& [base, segment] : found) {
        if (!with_log.contains(base)) {  // index files whose log is gone
            for (const FileKind kind : {FileKind::index, FileKind::timeindex, FileKind::txnindex})
                left_overs_.push_back(file_name(base, kind));
            continue;
        }
        if (!with_index.contains(base) || !with_times.contains(base)) unindexed_.insert(base);
        loaded_.segments.push_back(segment);
        loaded_.segments.back().flushed_to = base;
        loaded_.segments.back().written_by = turn.wall.time_since_epoch().count();
        loaded_.segments.back().is_entry_durable = is_trusted_stop_ || base < check_from_;
    }
    if (has_id_file_) return read_text(Stage::reading_id, id_name, ids, turn);
    go_on_with_epochs(ids, turn);
}

void Loader::read_text(Stage stage, std::string_view name, Ids& ids, Turn& turn) {
    stage_ = stage;
    text_ = ReadFile(ask(Part::text, ids), ids.file(text_slot, FileKind::log),
                     path(std::string(name)));
    text_.start(turn);
}

void Loader::go_on_with_epochs(Ids& ids, Turn& turn) {
    if (has_epochs_file_) return read_text(Stage::reading_epochs, epochs_name, ids, turn);
    remove_left_overs(ids, turn);
}

void Loader::on_id_read(Ids& ids, Turn& turn) {
    if (text_.status() == StorageStatus::ok) {
        const auto id = parse_partition_metadata(text_.bytes().text());
        if (!id)
            return fail(path("partition.metadata") + ": " + id.error() +
                            "; if the directory is this topic's, remove the file, and it is "
                            "written anew",
                        turn);
        if (!plan_.topic_id.is_zero() && *id != plan_.topic_id)
            return fail(path("partition.metadata") + ": the directory belongs to the topic id " +
                            id->text() + ", not to " + plan_.topic_id.text(),
                        turn);
        loaded_.topic_id = *id;
        loaded_.is_topic_id_stored = true;
    } else if (text_.status() != StorageStatus::not_found) {
        return fail(id_name, text_.status(), turn);
    }
    go_on_with_epochs(ids, turn);
}

void Loader::on_epochs_read(Ids& ids, Turn& turn) {
    const bool is_foreign = text_.status() == StorageStatus::foreign;
    if (text_.status() == StorageStatus::ok || is_foreign) {
        auto epochs = parse_epochs(text_.bytes().text());
        if (epochs) {
            loaded_.epochs = LeaderEpochs(std::move(*epochs));
            loaded_.are_epochs_stored = true;
        } else {
            tell(Occurrence::Kind::recovered,
                 "leader-epoch-checkpoint is made anew from the batches: " + epochs.error(), turn);
            is_trusted_stop_ = false;
            check_from_ = Offset(0);
        }
    } else if (text_.status() != StorageStatus::not_found) {
        return fail(epochs_name, text_.status(), turn);
    }
    remove_left_overs(ids, turn);
}

void Loader::remove_left_overs(Ids& ids, Turn& turn) {
    stage_ = Stage::removing;
    for (const std::string& name : left_overs_) {
        const FileId file = ids.file(ids.next_slot(), FileKind::log);
        turn.ask(effect::Open{ask(Part::any, ids), file, path(name), OpenMode::existing});
        turn.ask(effect::Remove{ask(Part::any, ids), file});
    }
    left_overs_.clear();
    if (under_way_.empty()) next_segment(ids, turn);
}

bool Loader::is_beyond_recovery_point() const {
    return !is_trusted_stop_ && (is_active() || loaded_.segments[at_ + 1].base > check_from_);
}

// Goes on to the next segment that needs a look: sealed ones are trusted by their names.
void Loader::next_segment(Ids& ids, Turn& turn) {
    if (loaded_.segments.empty()) {
        at_ = 0;
        Segment fresh;
        fresh.base = fresh.flushed_to = plan_.log_start_offset;
        loaded_.segments.push_back(fresh);
        unindexed_.insert(fresh.base);
    }
    while (at_ < loaded_.segments.size() && !is_active() && !is_beyond_recovery_point() &&
           !unindexed_.contains(segment().base)) {
        segment().flushed_to = loaded_.segments[at_ + 1].base;
        ++at_;
    }
    if (at_ == loaded_.segments.size()) return finish(ids, turn);
    if (is_trusted() && segment().size == 0) return leave_empty(ids, turn);
    open_segment(is_trusted(), ids, turn);
}

// The active segment after a clean stop: its files are as they were left.
bool Loader::is_trusted() const {
    const bool has_entries_of_nothing =
        segment().size == 0 && segment().offset_bytes + segment().time_bytes > 0;
    return is_active() && !has_entries_of_nothing && !is_beyond_recovery_point() &&
           !unindexed_.contains(segment().base) &&
           segment().offset_bytes % offset_entry_bytes == 0 &&
           segment().time_bytes % time_entry_bytes == 0;
}

// Needs no look, or was made just now.
void Loader::leave_empty(Ids& ids, Turn& turn) {
    scan_ = SegmentScan(segment().base, 0, SegmentScan::Trust::heads,
                        SegmentIndex(segment().base, plan_.config.index_interval_bytes));
    is_scanned_wholly_ = false;
    leave_segment(ids, turn);
}

// All of its files, made where they are missing; or those that have an end to look at.
void Loader::open_segment(bool only_its_ends, Ids& ids, Turn& turn) {
    stage_ = Stage::opening;
    is_looking_at_ends_ = only_its_ends;
    segment().slot = ids.next_slot();
    segment().has_index_files_open = true;
    log_bytes_ = offset_bytes_ = time_bytes_ = 0;
    const auto open = [&](FileKind kind, Part part) {
        turn.ask(effect::Open{ask(part, ids), file(kind, ids),
                              path(file_name(segment().base, kind)), OpenMode::create});
    };
    open(FileKind::log, Part::log);
    if (!only_its_ends || segment().offset_bytes > 0) open(FileKind::index, Part::index);
    if (!only_its_ends || segment().time_bytes > 0) open(FileKind::timeindex, Part::timeindex);
}

void Loader::close_segment(const Ids& ids, Turn& turn) {
    for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex})
        turn.ask(effect::Close{file(kind, ids)});
    segment().slot = 0;
    segment().has_index_files_open = false;
}

void Loader::on_opened(Ids& ids, Turn& turn) {
    if (is_looking_at_ends_) return read_ends(ids, turn);
    if (log_bytes_ + offset_bytes_ + time_bytes_ == 0 && is_active())
        return leave_empty(ids, turn);
    scan_all(ids, turn);
}

void Loader::read_ends(Ids& ids, Turn& turn) {
    stage_ = Stage::reading_ends;
    last_offset_ = {segment().base, 0};
    last_time_ = {};
    turn.ask(effect::Read{ask(Part::log, ids), file(FileKind::log, ids), 0,
                          static_cast<std::uint32_t>(records::batch_head_bytes)});
    if (offset_bytes_ > 0)
        turn.ask(effect::Read{ask(Part::index, ids), file(FileKind::index, ids),
                              offset_bytes_ - offset_entry_bytes, offset_entry_bytes});
    if (time_bytes_ > 0)
        turn.ask(effect::Read{ask(Part::timeindex, ids), file(FileKind::timeindex, ids),
                              time_bytes_ - time_entry_bytes, time_entry_bytes});
}

void Loader::on_ends_read(Ids& ids, Turn& turn) {
    const bool are_ends_sound = last_offset_.last >= segment().base &&
                                last_offset_.position <= log_bytes_ &&
                                (offset_bytes_ == 0 || last_offset_.position < log_bytes_);
    if (!are_ends_sound) return check_from_start("its indexes do not fit it", ids, turn);
    SegmentIndex index(segment().base, plan_.config.index_interval_bytes);
    index.resume(static_cast<std::uint32_t>(offset_bytes_), static_cast<std::uint32_t>(time_bytes_),
                 last_time_);
    scan_ = SegmentScan(segment().base, log_bytes_, SegmentScan::Trust::heads, std::move(index));
    scan_.resume_at(last_offset_.position);
    is_scanned_wholly_ = false;
    read_on(ids, turn);
}

void Loader::check_from_start(const std::string& why, Ids& ids, Turn& turn) {
    tell(Occurrence::Kind::recovered,
         file_name(segment().base, FileKind::log) +
             " is not as a clean stop leaves it and is checked from its start: " + why,
         turn);
    close_segment(ids, turn);
    open_segment(false, ids, turn);
}

void Loader::scan_all(Ids& ids, Turn& turn) {
    const auto trust = turn.guards.has(Guard::torn_tails_are_cut) ? SegmentScan::Trust::nothing
                                                                  : SegmentScan::Trust::heads;
    SegmentIndex index(segment().base, plan_.config.index_interval_bytes);
    scan_ = SegmentScan(segment().base, log_bytes_, trust, std::move(index));
    is_scanned_wholly_ = true;
    read_on(ids, turn);
}

void Loader::read_on(Ids& ids, Turn& turn) {
    stage_ = Stage::scanning;
    if (scan_.is_done()) return on_scanned(ids, turn);
    turn.ask(effect::Read{ask(Part::any, ids), file(FileKind::log, ids), scan_.position(),
                          scan_.bytes_wanted()});
}

void Loader::on_read(const Bytes& bytes, Ids& ids, Turn& turn) {
    const std::uint64_t expected =
        std::min<std::uint64_t>(scan_.bytes_wanted(), log_bytes_ - scan_.position());
    if (bytes.size() < expected)
        return fail(file_name(segment().base, FileKind::log) + " became shorter while it was read",
                    turn);
    scan_.feed(bytes);
    read_on(ids, turn);
}

void Loader::on_scanned(Ids& ids, Turn& turn) {
    if (!is_scanned_wholly_) {
        if (scan_.is_cut()) return check_from_start(scan_.why(), ids, turn);
        // A mark that was left lying must not pass for a clean stop by this look alone.
        if (plan_.was_cut || is_time_index_sound() ||
            !turn.guards.has(Guard::clean_stop_mark_is_removed))
            return leave_segment(ids, turn);
        return check_from_start("its .timeindex ends before it does", ids, turn);
    }
    if (!is_active() && !scan_.is_cut() && scan_.next_offset() > loaded_.segments[at_ + 1].base)
        return fail(file_name(segment().base, FileKind::log) + " reaches into the next segment",
                    turn);
    was_compacted_ |= scan_.has_gaps();
    if (!is_active() && scan_.is_cut()) return remove_segments_from(at_ + 1, ids, turn);
    if (!hole_before_ && is_hole_behind()) hole_before_ = at_ + 1;
    cut_tail(ids, turn);
}

// A clean stop ends it with the largest timestamp of all.
bool Loader::is_time_index_sound() const {
    const bool is_of_segment =
        last_time_.offset >= segment().base && last_time_.offset < scan_.next_offset();
    return (time_bytes_ == 0 || is_of_segment) &&
           scan_.largest_timestamp() <= last_time_.timestamp;
}

// Power was lost and took whole batches from the end of this segment, but not the next one: a log
// with a hole in it is worse than a shorter one. What was flushed has no holes. Compaction leaves
// gaps too: where they are seen within segments, and where nobody knows what was flushed, gaps stay
// as in Kafka.
bool Loader::is_hole_behind() const {
    if (is_active() || plan_.config.is_compacted) return false;
    const Offset next = loaded_.segments[at_ + 1].base;
    const bool may_be_lost =
        !plan_.was_clean_stop && plan_.recovery_point && next > *plan_.recovery_point;
    return may_be_lost && scan_.next_offset() < next;
}

void Loader::remove_segments_from(std::size_t first, Ids& ids, Turn& turn) {
    stage_ = Stage::removing_later;
    remove_from_ = first;
    for (std::size_t at = loaded_.segments.size(); at-- > first;) {
        const Offset base = loaded_.segments[at].base;
        tell(Occurrence::Kind::truncated,
             "the segment at " + std::to_string(base.value()) +
                 " is removed: what stood before it is lost",
             turn);
        const std::uint32_t slot = ids.next_slot();
        for (const FileKind kind : all_file_kinds) {
            turn.ask(effect::Open{ask(Part::any, ids), ids.file(slot, kind),
                                  path(file_name(base, kind)), OpenMode::existing});
            turn.ask(effect::Remove{ask(Part::any, ids), ids.file(slot, kind)});
        }
    }
}

void Loader::cut_tail(Ids& ids, Turn& turn) {
    stage_ = Stage::cutting;
    if (scan_.is_cut()) {
        tell(Occurrence::Kind::truncated,
             file_name(segment().base, FileKind::log) + " is cut from " +
                 std::to_string(log_bytes_) + " to " + std::to_string(scan_.position()) +
                 " bytes, at offset " + std::to_string(scan_.next_offset().value()) + ": " +
                 scan_.why(),
             turn);
        turn.ask(effect::Truncate{ask(Part::any, ids), file(FileKind::log, ids), scan_.position()});
    }
    turn.ask(effect::Truncate{ask(Part::any, ids), file(FileKind::index, ids), 0});
    turn.ask(effect::Truncate{ask(Part::any, ids), file(FileKind::timeindex, ids), 0});
}

void Loader::write_indexes(Ids& ids, Turn& turn) {
    stage_ = Stage::indexing;
    loaded_.active_index = scan_.take_index();
    if (!is_active()) loaded_.active_index.finish();
    const auto write = [&](IndexFile& index, FileKind kind) {
        index.asked = static_cast<std::uint32_t>(index.waiting.size());
        if (index.asked > 0)
            turn.ask(effect::Write{ask(Part::any, ids), file(kind, ids), 0,
                                   Bytes::copy(ByteView(index.waiting))});
    };
    write(loaded_.active_index.offsets, FileKind::index);
    write(loaded_.active_index.times, FileKind::timeindex);
    // A cut that the power took back would leave what it cut off behind what is written next.
    if (!is_active() || scan_.is_cut())
        turn.ask(effect::Flush{ask(Part::any, ids), file(FileKind::log, ids)});
    if (!is_active())
        for (const FileKind kind : {FileKind::index, FileKind::timeindex})
            turn.ask(effect::Flush{ask(Part::any, ids), file(kind, ids)});
    if (under_way_.empty()) leave_segment(ids, turn);
}

void Loader::leave_segment(Ids& ids, Turn& turn) {
    if (is_scanned_wholly_) {
        loaded_.active_index.offsets.settle(true);
        loaded_.active_index.times.settle(true);
        segment().first_timestamp = scan_.first_timestamp();
    } else {
        loaded_.active_index = scan_.take_index();
    }
    // What was cut off may still stand in its transaction index.
    if (is_scanned_wholly_ || (plan_.was_cut && is_active() && segment().transaction_bytes > 0))
        producers_plan_.checked[segment().base] = !is_scanned_wholly_ || scan_.has_producers();
    const SegmentIndex& index = loaded_.active_index;
    segment().size = segment().written = scan_.position();
    segment().offset_bytes = index.offsets.written;
    segment().time_bytes = index.times.written;
    segment().largest = index.largest();
    // Else a look at the batches has to bear it out before anything is deleted on its word.
    segment().is_largest_known = is_scanned_wholly_ || segment().size == 0 ||
                                 scan_.largest_timestamp() == last_time_.timestamp;
    loaded_.next_offset =
        segment().written == 0 ? segment().base : std::max(scan_.next_offset(), segment().base);
    for (const EpochStart& entry : scan_.epochs())
        if (loaded_.epochs.assign(entry.epoch, entry.start)) loaded_.are_epochs_stored = false;
    if (is_active()) {
        segment().flushed_to =
            is_trusted_stop_ ? loaded_.next_offset
                             : std::clamp(check_from_, segment().base, loaded_.next_offset);
        loaded_.are_indexes_flushed = !is_scanned_wholly_;
    } else {
        segment().flushed_to = loaded_.segments[at_ + 1].base;
    }
    if (segment().slot != 0) close_segment(ids, turn);
    ++at_;
    next_segment(ids, turn);
}

// All was looked at, so that nothing speaks for a compaction some time before.
void Loader::give_up_behind_hole(Ids& ids, Turn& turn) {
    const std::size_t first = *std::exchange(hole_before_, std::nullopt);
    if (first >= loaded_.segments.size()) return finish(ids, turn);
    producers_plan_.checked.erase(
        producers_plan_.checked.lower_bound(loaded_.segments[first].base),
        producers_plan_.checked.end());
    remove_segments_from(first, ids, turn);
}

void Loader::finish(Ids& ids, Turn& turn) {
    if (hole_before_ && !was_compacted_ && turn.guards.has(Guard::holes_are_cut))
        return give_up_behind_hole(ids, turn);
    if (loaded_.next_offset < plan_.log_start_offset) {
        tell(Occurrence::Kind::truncated,
             "the log ends at " + std::to_string(loaded_.next_offset.value()) +
                 ", before its start offset " + std::to_string(plan_.log_start_offset.value()) +
                 ": it begins anew there",
             turn);
        at_ = loaded_.segments.size();
        return remove_segments_from(0, ids, turn);
    }
    if (loaded_.next_offset < check_from_)
        tell(Occurrence::Kind::truncated,
             "the log ends at " + std::to_string(loaded_.next_offset.value()) +
                 ", and all below " + std::to_string(check_from_.value()) +
                 " had been flushed: the disk has lost records",
             turn);
    if (loaded_.epochs.cut_end(loaded_.next_offset)) loaded_.are_epochs_stored = false;
    if (loaded_.epochs.cut_start(plan_.log_start_offset)) loaded_.are_epochs_stored = false;
    loaded_.are_epochs_stored |= !has_epochs_file_ && loaded_.epochs.entries().empty();
    stage_ = Stage::producers;
    producers_plan_.subject = plan_.subject;
    producers_plan_.directory = plan_.directory;
    producers_plan_.was_clean_stop = is_trusted_stop_;
    producers_plan_.log_start = plan_.log_start_offset;
    producers_plan_.next = loaded_.next_offset;
    producers_plan_.expiration_ms = plan_.config.producer_expiration_ms;
    producers_ = ProducerLoader(std::move(producers_plan_));
    producers_.start(loaded_.segments, ids, turn);
    take_producers(turn);
}

void Loader::on_producers(const event::StorageDone& done, Ids& ids, Turn& turn) {
    producers_.on(done, loaded_.segments, ids, turn);
    take_producers(turn);
}

void Loader::take_producers(Turn& turn) {
    if (!producers_.failure().empty()) return fail(producers_.failure(), producers_.status(), turn);
    if (!producers_.is_done()) return;
    loaded_.producers = producers_.take_states();
    loaded_.transactions = producers_.take_transactions();
    loaded_.newest_snapshot = producers_.newest_snapshot();
    stage_ = Stage::done;
}

}  // namespace barnabas::log
