#include "engine/log/cutting.h"

#include <algorithm>

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

EntryCount::EntryCount(FileKind kind, Offset base, std::uint32_t file_bytes, Offset below)
    : kind_(kind), base_(base), below_(below) {
    end_ = file_bytes / entry_bytes();
}

std::uint32_t EntryCount::entry_bytes() const {
    return kind_ == FileKind::index ? offset_entry_bytes : time_entry_bytes;
}

std::uint32_t EntryCount::bytes() const { return begin_ * entry_bytes(); }

std::optional<Want> EntryCount::wanted() const {
    if (begin_ == end_) return std::nullopt;
    return Want{kind_, middle() * entry_bytes(), entry_bytes()};
}

void EntryCount::feed(ByteView bytes) {
    if (bytes.size() < entry_bytes()) {  // the file is shorter than it was
        end_ = middle();
        return;
    }
    const Offset offset = kind_ == FileKind::index
                              ? load_offset_entry(bytes.data(), base_).last
                              : load_time_entry(bytes.data(), base_).offset;
    (offset < below_ ? begin_ : end_) = offset < below_ ? middle() + 1 : middle();
}

Token Cutting::ask(Cut& cut, LogParts& log) {
    const Token token = log.ids.next(Purpose::cut);
    cut.under_way.insert(token);
    return token;
}

void Cutting::begin(Offset to, bool is_all, LogParts& log, Turn& turn) {
    CHECK(log.state == LogState::open);
    CHECK(is_all || to <= log.end);
    log.state = LogState::cutting;
    box_.emplace(Cut{.to = to, .is_all = is_all});
    turn.note(Occurrence::Kind::truncated, log.partition.text(),
              (is_all ? "all of it goes: it begins anew at " : "its end goes, from ") +
                  std::to_string(to.value()) + (is_all ? "" : " on"));
    log.closing.begin_rest(log, turn);
}

void Cutting::on_closed(LogParts& log, Turn& turn) {
    Segment& active = log.active();
    active.offset_bytes = log.tail.index().offsets.written;
    active.time_bytes = log.tail.index().times.written;
    Cut& cut = box_->edit();
    cut.is_all = cut.is_all || cut.to <= log.segments.front().base;
    if (cut.is_all) return remove_next(log, turn);
    open_files(log, turn);
}

// A segment that begins where the log is to end stays, without a batch.
void Cutting::open_files(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    const Segment& segment = log.segments[find_segment(log.segments, cut.to)];
    cut.stage = Stage::opening;
    cut.slot = log.free_slot();
    for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex})
        turn.ask(effect::Open{ask(cut, log), log.ids.file(cut.slot, kind),
                              log.path(file_name(segment.base, kind)), OpenMode::create});
    // What was found before a step found no room holds: files may be shorter by now.
    if (cut.is_batch_known && !wanted(cut)) return;
    cut.index = IndexSearch(FileKind::index, segment.base, segment.offset_bytes, cut.to.value(),
                            log.end.value());
    cut.batch.reset();
    cut.offsets = cut.times = EntryCount();
    cut.is_index_doubted = cut.is_batch_known = false;
}

void Cutting::close_files(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    const std::uint32_t slot = std::exchange(cut.slot, 0);
    if (slot == 0) return;
    for (const FileKind kind : {FileKind::log, FileKind::index, FileKind::timeindex})
        turn.ask(effect::Close{log.ids.file(slot, kind)});
}

std::optional<Want> Cutting::wanted(const Cut& cut) {
    if (const auto want = cut.index.wanted()) return want;
    if (!cut.batch) return std::nullopt;
    if (const auto want = cut.batch->wanted()) return want;
    if (const auto want = cut.offsets.wanted()) return want;
    return cut.times.wanted();
}

// Asks for the bytes that are wanted next; when there are none, all is known.
void Cutting::search(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    cut.stage = Stage::searching;
    go_on_searching(cut, log);
    const auto want = wanted(cut);
    if (!want && cut.batch->is_broken())
        return log.fail("cutting it failed: its batches cannot be followed", turn);
    if (!want) return remove_next(log, turn);
    turn.ask(effect::Read{ask(cut, log), log.ids.file(cut.slot, want->file), want->position,
                          want->length});
}

void Cutting::on_read(const Bytes& bytes, LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    if (cut.index.wanted()) {
        cut.index.feed(bytes);
    } else if (cut.batch->wanted()) {
        cut.batch->feed(bytes);
    } else {
        (cut.offsets.wanted() ? cut.offsets : cut.times).feed(bytes);
    }
    search(log, turn);
}

// Once it is known near which batch the log is to end, that is looked for; then what the indexes
// hold of the batches before it.
void Cutting::go_on_searching(Cut& cut, const LogParts& log) {
    if (cut.index.wanted()) return;
    const std::size_t at = find_segment(log.segments, cut.to);
    const Segment& segment = log.segments[at];
    if (!cut.batch) {
        const auto& entry = cut.index.offset_entry();
        const bool is_usable = entry && entry->position < segment.size;
        cut.batch = BatchSearch(is_usable ? entry->position : 0, segment.size, cut.to);
    }
    // An index that leads astray costs a walk from the start of its segment, no more.
    if (cut.batch->is_broken() && !std::exchange(cut.is_index_doubted, true))
        cut.batch = BatchSearch(0, segment.size, cut.to);
    if (cut.batch->wanted() || cut.batch->is_broken() || cut.is_batch_known) return;
    cut.is_batch_known = true;
    const bool is_found = cut.batch->is_found();
    const Offset below = is_found ? cut.batch->header().base_offset : log.end_of(at);
    cut.end_position = is_found ? cut.batch->position() : segment.size;
    cut.offsets = EntryCount(FileKind::index, segment.base, segment.offset_bytes, below);
    cut.times = EntryCount(FileKind::timeindex, segment.base, segment.time_bytes, below);
}

// The newest segment goes for good before the next one: no crash leaves a hole.
void Cutting::remove_next(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    const std::size_t kept = cut.is_all ? 0 : find_segment(log.segments, cut.to) + 1;
    if (log.segments.size() == kept) return cut.is_all ? load(log, turn) : shorten(log, turn);
    cut.stage = Stage::removing;
    const std::uint32_t slot = log.free_slot();
    const auto remove = [&](FileId file, const std::string& name) {
        turn.ask(effect::Open{ask(cut, log), file, log.path(name), OpenMode::existing});
        turn.ask(effect::Remove{ask(cut, log), file});
    };
    for (const FileKind kind : all_file_kinds)
        remove(log.ids.file(slot, kind), file_name(log.active().base, kind));
    // A log that begins anew has no epoch.
    if (cut.is_all)
        remove(log.ids.file(log.free_slot(), FileKind::log), "leader-epoch-checkpoint");
}

void Cutting::shorten(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    cut.stage = Stage::shortening;
    const auto shorten_to = [&](FileKind kind, std::uint32_t bytes) {
        const FileId file = log.ids.file(cut.slot, kind);
        turn.ask(effect::Truncate{ask(cut, log), file, bytes});
        turn.ask(effect::Flush{ask(cut, log), file});
    };
    shorten_to(FileKind::log, cut.end_position);
    shorten_to(FileKind::index, cut.offsets.bytes());
    shorten_to(FileKind::timeindex, cut.times.bytes());
}

void Cutting::load(LogParts& log, Turn& turn) {
    close_files(log, turn);
    Cut& cut = box_->edit();
    cut.stage = Stage::loading;
    log.opening.begin_after_cut(cut.is_all ? cut.to : std::min(cut.to, log.start), log, turn);
}

void Cutting::on(const event::StorageDone& done, LogParts& log, Turn& turn) {
    if (!box_) return;
    Cut& cut = box_->edit();
    if (cut.under_way.erase(done.operation) == 0) return;
    const bool may_be_gone =
        cut.stage == Stage::removing && done.status == StorageStatus::not_found;
    if (done.status != StorageStatus::ok && !may_be_gone)
        return on_trouble(done.status, log, turn);
    if (cut.stage == Stage::searching) return on_read(done.bytes, log, turn);
    if (!cut.under_way.empty()) return;
    switch (cut.stage) {
        case Stage::opening: return search(log, turn);
        case Stage::removing:
            cut.stage = Stage::settling;
            return turn.ask(effect::FlushDirectory{ask(cut, log), log.directory});
        case Stage::settling:
            log.segments.pop_back();
            return remove_next(log, turn);
        case Stage::shortening: return load(log, turn);
        case Stage::closing:
        case Stage::searching:
        case Stage::loading: break;
    }
    CHECK(!"an answer to nothing");
}

// Without room the step is begun again later. What was asked for beside it counts for nothing.
void Cutting::on_trouble(StorageStatus status, LogParts& log, Turn& turn) {
    if (status != StorageStatus::no_space)
        return log.fail("cutting it failed", status, turn);
    Cut& cut = box_->edit();
    cut.under_way.clear();
    close_files(log, turn);
    cut.is_refused = true;
    turn.note(Occurrence::Kind::storage, log.partition.text(),
              "the disk is full: its end is cut off when there is room", Severity::warning);
}

void Cutting::try_again(LogParts& log, Turn& turn) {
    Cut& cut = box_->edit();
    if (!std::exchange(cut.is_refused, false)) return;
    if (cut.stage == Stage::loading) return load(log, turn);
    if (cut.is_all) return remove_next(log, turn);
    open_files(log, turn);
}

void Cutting::drop(LogParts& log, Turn& turn) {
    if (box_) close_files(log, turn);
    box_.reset();
}

void Cutting::stop(LogParts& log, Turn& turn) {
    if ((*box_)->stage == Stage::closing) {
        box_.reset();
        log.state = LogState::closing;
        return log.closing.go_on(log, turn);
    }
    drop(log, turn);
    log.opening.drop(log, turn);
    log.segments.clear();
    log.state = LogState::closed;
}

}  // namespace barnabas::log
