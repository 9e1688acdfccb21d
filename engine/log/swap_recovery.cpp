#include "engine/log/swap_recovery.h"

#include <algorithm>

#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {

constexpr std::string_view swap_suffix = ".swap";

}  // namespace

bool SwapRecovery::is_needed(const std::vector<DirectoryEntry>& entries) {
    return std::ranges::any_of(entries, [](const DirectoryEntry& entry) {
        const auto meaning = meaning_of(entry.name);
        return entry.kind == EntryKind::file && meaning &&
               meaning->what == NameMeaning::What::swap;
    });
}

SwapRecovery::SwapRecovery(std::string subject, std::string directory,
                           const std::vector<DirectoryEntry>& entries)
    : subject_(std::move(subject)), directory_(std::move(directory)) {
    std::optional<Offset> first_cleaned;
    for (const DirectoryEntry& entry : entries) {
        const auto meaning = meaning_of(entry.name);
        if (!meaning || entry.kind != EntryKind::file) continue;
        Swap file{entry.name, meaning->base, meaning->kind, entry.size};
        switch (meaning->what) {
            case NameMeaning::What::swap:
                file.name.resize(file.name.size() - swap_suffix.size());
                swaps_.push_back(std::move(file));
                break;
            case NameMeaning::What::segment: segments_.push_back(std::move(file)); break;
            case NameMeaning::What::cleaned:
                first_cleaned = std::min(first_cleaned.value_or(meaning->base), meaning->base);
                break;
            case NameMeaning::What::snapshot:
            case NameMeaning::What::left_over: break;
        }
    }
    std::erase_if(swaps_, [&](const Swap& swap) {
        const bool is_unfinished = first_cleaned && swap.base >= *first_cleaned;
        if (is_unfinished) removed_.push_back(swap.name + std::string(swap_suffix));
        return is_unfinished;
    });
}

Token SwapRecovery::ask(Ids& ids) {
    const Token token = ids.next(Purpose::load);
    asked_.push_back(token);
    ++under_way_;
    return token;
}

void SwapRecovery::start(Ids& ids, Turn& turn) { next_scan(ids, turn); }

void SwapRecovery::next_scan(Ids& ids, Turn& turn) {
    while (at_ < swaps_.size() && swaps_[at_].kind != FileKind::log) ++at_;
    if (at_ == swaps_.size()) return remove(ids, turn);
    const Swap& swap = swaps_[at_];
    scanned_ = ids.file(ids.next_slot(), FileKind::log);
    scan_ = SegmentScan(swap.base, swap.size, SegmentScan::Trust::heads, SegmentIndex());
    turn.ask(effect::Open{ask(ids), scanned_, path(swap.name + std::string(swap_suffix)),
                          OpenMode::existing});
    read_on(ids, turn);
}

void SwapRecovery::read_on(Ids& ids, Turn& turn) {
    if (scan_.is_done()) return;
    turn.ask(effect::Read{ask(ids), scanned_, scan_.position(), scan_.bytes_wanted()});
}

void SwapRecovery::on_scan(const event::StorageDone& done, Ids& ids, Turn& turn) {
    if (under_way_ > 0) return;  // the file is open, and being read
    const std::uint64_t left = swaps_[at_].size - scan_.position();
    if (done.bytes.size() < std::min<std::uint64_t>(scan_.bytes_wanted(), left)) {
        failure_ = swaps_[at_].name + ".swap became shorter while it was read";
        return;
    }
    if (left > 0) scan_.feed(done.bytes);
    if (!scan_.is_done()) return read_on(ids, turn);
    const Swap& swap = swaps_[at_];
    if (scan_.is_cut()) {
        failure_ = swap.name + ".swap is damaged at position " + std::to_string(scan_.position()) +
                   " (" + scan_.why() +
                   "): the compaction that it is of cannot be completed; where no segment is named "
                   ".deleted yet, the log is whole without the .swap files";
        return;
    }
    begin_ = std::min(begin_.value_or(swap.base), swap.base);
    end_ = std::max(end_, scan_.next_offset());
    turn.ask(effect::Close{scanned_});
    ++at_;
    next_scan(ids, turn);
}

void SwapRecovery::on(const event::StorageDone& done, Ids& ids, Turn& turn) {
    CHECK(under_way_ > 0);
    --under_way_;
    // What is to be removed may be gone already.
    const bool may_be_missing =
        stage_ == Stage::removing && done.status == StorageStatus::not_found;
    if (done.status != StorageStatus::ok && !may_be_missing) {
        status_ = done.status;
        failure_ = std::string(name_of(done.status));
    }
    if (!failure_.empty()) return;
    switch (stage_) {
        case Stage::scanning: return on_scan(done, ids, turn);
        case Stage::removing:
            if (under_way_ == 0) settle(Stage::settling_removal, ids, turn);
            return;
        case Stage::settling_removal: return rename(ids, turn);
        case Stage::renaming:
            if (under_way_ == 0) settle(Stage::settling_names, ids, turn);
            return;
        case Stage::settling_names: stage_ = Stage::done; return;
        case Stage::done: return;
    }
}

void SwapRecovery::remove(Ids& ids, Turn& turn) {
    stage_ = Stage::removing;
    for (const Swap& file : segments_)
        if (begin_ && file.base >= *begin_ && file.base < end_) removed_.push_back(file.name);
    for (const std::string& name : removed_) {
        const FileId file = ids.file(ids.next_slot(), FileKind::log);
        turn.ask(effect::Open{ask(ids), file, path(name), OpenMode::existing});
        turn.ask(effect::Remove{ask(ids), file});
    }
    if (!swaps_.empty())
        turn.note(Occurrence::Kind::recovered, subject_,
                  "a compaction that was interrupted while it swapped segments in is completed");
    if (under_way_ == 0) settle(Stage::settling_removal, ids, turn);
}

void SwapRecovery::rename(Ids& ids, Turn& turn) {
    stage_ = Stage::renaming;
    for (const Swap& swap : swaps_) {
        const FileId file = ids.file(ids.next_slot(), FileKind::log);
        turn.ask(effect::Open{ask(ids), file, path(swap.name + std::string(swap_suffix)),
                              OpenMode::existing});
        turn.ask(effect::Rename{ask(ids), file, path(swap.name)});
        turn.ask(effect::Close{file});
    }
    if (under_way_ == 0) settle(Stage::settling_names, ids, turn);
}

void SwapRecovery::settle(Stage stage, Ids& ids, Turn& turn) {
    stage_ = stage;
    turn.ask(effect::FlushDirectory{ask(ids), directory_});
}

}  // namespace barnabas::log
