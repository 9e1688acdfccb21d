#include "engine/log/cleaner.h"

#include <algorithm>
#include <array>

#include "engine/records/compression.h"
#include "engine/records/record.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {

constexpr std::string_view cleaned_suffix = ".cleaned";
constexpr std::array stored_kinds = {FileKind::log, FileKind::index, FileKind::timeindex};

}  // namespace

std::size_t group_end(const std::vector<Cleaner::Source>& sources, std::size_t first, Offset end,
                      const LogConfig& config) {
    std::uint64_t log = sources[first].size;
    std::uint64_t offsets = sources[first].offset_bytes;
    std::uint64_t times = sources[first].time_bytes;
    std::size_t at = first + 1;
    for (; at < sources.size(); ++at) {
        log += sources[at].size;
        offsets += sources[at].offset_bytes;
        times += sources[at].time_bytes;
        const Offset next = at + 1 < sources.size() ? sources[at + 1].base : end;
        const bool fits = log <= config.segment_bytes && offsets <= config.segment_index_bytes &&
                          times <= config.segment_index_bytes &&
                          (sources[at].size == 0 || next - 1 - sources[first].base <= INT32_MAX);
        if (!fits) break;
    }
    return at;
}

Cleaner::Cleaner(Plan plan, std::uint32_t reading_slot, std::uint32_t writing_slot)
    : plan_(std::move(plan)),
      reading_slot_(reading_slot),
      writing_slot_(writing_slot),
      sources_end_(plan_.rules.end) {
    CHECK(!plan_.sources.empty());
    CHECK(plan_.first_dirty < plan_.rules.end);
}

Offset Cleaner::end_of_source() const {
    return at_ + 1 < plan_.sources.size() ? plan_.sources[at_ + 1].base : sources_end_;
}

std::string Cleaner::path(Offset base, FileKind kind, std::string_view suffix) const {
    return plan_.directory + '/' + file_name(base, kind) + std::string(suffix);
}

Token Cleaner::ask(Part part, Ids& ids) {
    const Token token = ids.next(Purpose::clean);
    under_way_[token] = part;
    return token;
}

void Cleaner::advance(Ids& ids, Turn& turn) {
    CHECK(is_waiting_);
    is_waiting_ = false;
    if (away_) return go_on_away(ids, turn);
    if (stage_ == Stage::filtering && !is_group_open_) begin_group(ids, turn);
    if (!is_source_open_) return open_source(ids, turn);
    read_on(ids, turn);
}

void Cleaner::on(const event::StorageDone& done, Ids& ids, Turn& turn) {
    const auto found = under_way_.find(done.operation);
    if (found == under_way_.end()) return;  // of a job before, or one that nobody waits for
    const Part part = found->second;
    under_way_.erase(found);
    if (stage_ == Stage::giving_up) {
        if (under_way_.empty()) stage_ = Stage::failed;
        return;
    }
    if (done.status == StorageStatus::no_space)
        return give_up(Trouble::no_space, "the disk is full", ids, turn);
    if (done.status != StorageStatus::ok) {
        status_ = done.status;
        return give_up(Trouble::storage, std::string(name_of(done.status)), ids, turn);
    }
    switch (part) {
        case Part::open:
            if (under_way_.empty()) read_on(ids, turn);
            return;
        case Part::read: return on_read(done.bytes, ids, turn);
        case Part::write:
            if (under_way_.empty()) on_slice_done(ids, turn);
            return;
        case Part::store:
            if (under_way_.empty()) finish_group();
            return;
        case Part::compute: break;  // has another answer
    }
    CHECK(!"an answer to nothing");
}

void Cleaner::learn(const std::vector<AbortedTransaction>& aborted) {
    CHECK(stage_ == Stage::learning);
    for (const AbortedTransaction& entry : aborted) aborted_.add(entry);
    stage_ = Stage::mapping;
    map_ = OffsetMap(plan_.map_bytes_max, plan_.map_load_millionths,
                     static_cast<std::uint64_t>(plan_.rules.end - plan_.first_dirty));
    plan_.rules.map_end = plan_.first_dirty;
    at_ = 0;
    while (end_of_source() <= plan_.first_dirty) ++at_;
    is_waiting_ = true;
}

void Cleaner::open_source(Ids& ids, Turn& turn) {
    is_source_open_ = true;
    position_ = 0;
    bytes_wanted_ = slice_bytes;
    next_ = source().base;
    turn.ask(effect::Open{ask(Part::open, ids), reading(FileKind::log, ids),
                          path(source().base, FileKind::log), OpenMode::existing});
}

void Cleaner::read_on(Ids& ids, Turn& turn) {
    if (position_ == source().size) return on_slice_done(ids, turn);
    turn.ask(effect::Read{ask(Part::read, ids), reading(FileKind::log, ids), position_,
                          std::min(bytes_wanted_, source().size - position_)});
}

void Cleaner::on_read(const Bytes& bytes, Ids& ids, Turn& turn) {
    moved_ += bytes.size();
    Chain out;
    if (!take_batches(bytes, out, ids, turn)) return;
    write_out(std::move(out), ids, turn);
}

// Needs: written_ counts it already.
void Cleaner::write_out(Chain out, Ids& ids, Turn& turn) {
    if (out.empty()) return on_slice_done(ids, turn);
    moved_ += out.size();
    const auto size = static_cast<std::uint32_t>(out.size());
    turn.ask(effect::Write{ask(Part::write, ids), writing(FileKind::log, ids), written_ - size,
                           std::move(out)});
    if (written_ - flushed_ >= flushed_bytes) flush_log(Part::write, ids, turn);
}

void Cleaner::flush_log(Part part, Ids& ids, Turn& turn) {
    flushed_ = written_;
    if (turn.guards.has(Guard::cleaned_segments_are_flushed))
        turn.ask(effect::Flush{ask(part, ids), writing(FileKind::log, ids)});
}

// The whole batches of a slice. Those that stay as they are go on as they came: a run of them is
// one piece of the write. False when the job was given up.
bool Cleaner::take_batches(const Bytes& bytes, Chain& out, Ids& ids, Turn& turn) {
    const auto corrupt = [&](const std::string& why) {
        give_up_corrupt(why, ids, turn);
        return false;
    };
    if (bytes.size() < std::min(bytes_wanted_, source().size - position_))
        return corrupt("the file became shorter while it was read");
    std::size_t run_begin = 0;  // of kept bytes that are not in `out` yet
    std::size_t at = 0;
    bytes_wanted_ = slice_bytes;
    unpacked_ = 0;
    while (at < bytes.size() && unpacked_ < unpacked_bytes) {
        const auto header = records::BatchHeader::parse(bytes.view().subspan(at));
        const std::uint32_t left = source().size - position_;
        if (!header && left >= records::batch_head_bytes) break;
        if (!header || !header->is_plausible() || header->size() > left ||
            header->base_offset < next_ || header->next_offset() > end_of_source())
            return corrupt("there is no batch of format 2");
        if (header->size() > bytes.size() - at) {
            bytes_wanted_ =
                std::max(slice_bytes, static_cast<std::uint32_t>(header->size()));
            break;
        }
        const records::Batch batch{*header, bytes.slice(at, header->size())};
        if (!batch.has_good_crc()) return corrupt("a batch has a wrong CRC");
        position_ += static_cast<std::uint32_t>(header->size());
        next_ = header->next_offset();
        at += header->size();
        if (stage_ == Stage::mapping) {
            const auto goes_on = map_batch(batch);
            if (!goes_on) break;
            if (!*goes_on) return corrupt(goes_on->error());
            if (**goes_on) continue;
            is_map_full_ = true;
            position_ = source().size;
            return true;
        }
        const auto left_over = filter_batch(batch);
        const std::size_t begin = at - header->size();
        if (left_over && !*left_over) return corrupt(left_over->error());
        if (left_over && (*left_over)->data() == batch.bytes.data()) continue;
        out.push(bytes.slice(run_begin, begin - run_begin));
        run_begin = at;
        if (!left_over) break;
        out.push(**left_over);
    }
    if (stage_ == Stage::filtering) out.push(bytes.slice(run_begin, at - run_begin));
    return true;
}

void Cleaner::give_up_corrupt(const std::string& why, Ids& ids, Turn& turn) {
    give_up(Trouble::corrupt,
            file_name(source().base, FileKind::log) + " at position " + std::to_string(position_) +
                ": " + why,
            ids, turn);
}

// False: no room for its keys. Nothing: it is looked at elsewhere.
std::optional<Result<bool, std::string>> Cleaner::map_batch(const records::Batch& batch) {
    const records::BatchHeader& header = batch.header;
    Offset& end = plan_.rules.map_end;
    if (header.next_offset() <= plan_.first_dirty) return true;
    if (!header.is_control() && !aborted_.of(header)) {
        const auto plain = plain_at_once(batch);
        if (!plain) {
            away_ = Away{.batch = batch};
            return std::nullopt;
        }
        unpacked_ += plain->size();
        records::RecordReader reader(header, *plain, plan_.rules.record_bytes_max);
        while (const auto record = reader.next()) {
            if (record->offset < plan_.first_dirty || !record->key) continue;
            if (map_.put(hash_of(*record->key), record->offset)) continue;
            end = std::max(end, record->offset);
            return false;
        }
        if (!reader.is_good())
            return std::unexpected(words_for(reader.is_too_large() ? BatchTrouble::record_too_large
                                                                   : BatchTrouble::unreadable));
    }
    end = header.next_offset();
    return true;
}

// Nothing: it is looked at elsewhere.
std::optional<Result<Bytes, std::string>> Cleaner::filter_batch(const records::Batch& batch) {
    auto left = filter_.clean(batch, map_);
    unpacked_ += filter_.take_unpacked();
    if (!left) {
        away_ = Away{.batch = batch};
        return std::nullopt;
    }
    if (!*left) return left;
    for (const AbortedTransaction& entry : filter_.take_aborted())
        put_transaction_entry(group_aborted_, entry);
    if (const auto taken = take_left(**left); !taken) return std::unexpected(taken.error());
    return left;
}

// What is left of a batch goes behind what the group's file has.
Result<void, std::string> Cleaner::take_left(const Bytes& left) {
    if (left.empty()) return {};
    if (left.size() > INT32_MAX - written_)
        return std::unexpected("what is left of it is larger than a segment can be");
    const auto header = records::BatchHeader::parse(left);
    if (written_ == 0) cleaned_.segment.first_timestamp = header->max_timestamp;
    index_.add(header->last_offset(), written_, left.size(), header->max_timestamp);
    written_ += static_cast<std::uint32_t>(left.size());
    return {};
}

void Cleaner::on_slice_done(Ids& ids, Turn& turn) {
    if (!away_ && position_ == source().size) return leave_source(ids, turn);
    is_waiting_ = true;
}

void Cleaner::leave_source(Ids& ids, Turn& turn) {
    turn.ask(effect::Close{reading(FileKind::log, ids)});
    is_source_open_ = false;
    if (stage_ == Stage::mapping && !is_map_full_) plan_.rules.map_end = end_of_source();
    ++at_;
    if (stage_ == Stage::filtering && at_ == group_end_) return store_group(ids, turn);
    if (stage_ == Stage::mapping && (is_map_full_ || at_ == plan_.sources.size()))
        begin_filtering();
    is_waiting_ = true;
}

// Only segments that begin below the map's end have anything to lose.
void Cleaner::begin_filtering() {
    stage_ = Stage::filtering;
    while (plan_.sources.size() > 1 && plan_.sources.back().base >= plan_.rules.map_end) {
        sources_end_ = plan_.sources.back().base;
        plan_.sources.pop_back();
    }
    filter_ = CleaningFilter(plan_.rules, std::move(aborted_));
    at_ = 0;
}

void Cleaner::begin_group(Ids& ids, Turn& turn) {
    is_group_open_ = true;
    group_begin_ = at_;
    group_end_ = group_end(plan_.sources, at_, sources_end_, plan_.config);
    written_ = flushed_ = 0;
    cleaned_ = {};
    cleaned_.segment.base = source().base;
    index_ = SegmentIndex(source().base, plan_.config.index_interval_bytes);
    group_aborted_.clear();
    for (const FileKind kind : stored_kinds)
        turn.ask(effect::Open{ask(Part::open, ids), writing(kind, ids),
                              path(source().base, kind, cleaned_suffix),
                              OpenMode::create_emptied});
}

void Cleaner::store_group(Ids& ids, Turn& turn) {
    stage_ = Stage::storing;
    index_.finish();
    const auto store = [&](FileKind kind, const std::vector<std::uint8_t>& bytes) {
        moved_ += bytes.size();
        if (!bytes.empty())
            turn.ask(effect::Write{ask(Part::store, ids), writing(kind, ids), 0,
                                   Bytes::copy(ByteView(bytes))});
        turn.ask(effect::Flush{ask(Part::store, ids), writing(kind, ids)});
    };
    cleaned_.segment.transaction_bytes = static_cast<std::uint32_t>(group_aborted_.size());
    if (!group_aborted_.empty()) {
        has_open_transactions_file_ = true;
        turn.ask(effect::Open{ask(Part::store, ids), writing(FileKind::txnindex, ids),
                              path(cleaned_.segment.base, FileKind::txnindex, cleaned_suffix),
                              OpenMode::create_emptied});
        store(FileKind::txnindex, group_aborted_);
    }
    flush_log(Part::store, ids, turn);
    store(FileKind::index, index_.offsets.waiting);
    store(FileKind::timeindex, index_.times.waiting);
}

void Cleaner::finish_group() {
    stage_ = Stage::swapping;
    Segment& segment = cleaned_.segment;
    segment.size = segment.written = written_;
    segment.offset_bytes = index_.offsets.size();
    segment.time_bytes = index_.times.size();
    segment.largest = index_.largest();
    segment.is_largest_known = true;
    segment.slot = writing_slot_;
    segment.has_index_files_open = segment.is_used = true;
    segment.is_entry_durable = true;
    cleaned_.next =
        group_end_ < plan_.sources.size() ? plan_.sources[group_end_].base : sources_end_;
    cleaned_.has_transactions = has_open_transactions_file_;
    segment.flushed_to = cleaned_.next;
    for (std::size_t at = group_begin_; at < group_end_; ++at)
        bytes_before_ += plan_.sources[at].size;
    bytes_after_ += written_;
}

void Cleaner::go_on(std::uint32_t writing_slot) {
    CHECK(stage_ == Stage::swapping);
    writing_slot_ = writing_slot;
    is_group_open_ = has_open_transactions_file_ = false;
    stage_ = at_ == plan_.sources.size() ? Stage::done : Stage::filtering;
    is_waiting_ = stage_ == Stage::filtering;
}

void Cleaner::give_up(Trouble trouble, std::string why, Ids& ids, Turn& turn) {
    CHECK(stage_ < Stage::giving_up);
    trouble_ = trouble;
    failure_ = std::move(why);
    is_waiting_ = false;
    away_.reset();
    std::erase_if(under_way_, [](const auto& one) { return one.second == Part::compute; });
    if (is_source_open_) turn.ask(effect::Close{reading(FileKind::log, ids)});
    const auto remove = [&](FileKind kind) {
        turn.ask(effect::Remove{ask(Part::store, ids), writing(kind, ids)});
    };
    if (is_group_open_)
        for (const FileKind kind : stored_kinds) remove(kind);
    if (has_open_transactions_file_) remove(FileKind::txnindex);
    stage_ = under_way_.empty() ? Stage::failed : Stage::giving_up;
}

}  // namespace barnabas::log
