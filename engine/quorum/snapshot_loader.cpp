#include "engine/quorum/snapshot_loader.h"

#include <algorithm>

#include "engine/runtime/visit.h"

namespace barnabas::quorum {

void SnapshotLoader::start(Turn& turn) { turn.ask(effect::List{token_, directory_}); }

void SnapshotLoader::on(const event::StorageDone& done, Turn& turn) {
    CHECK(done.operation == token_);
    switch (stage_) {
        case Stage::listing: return on_listed(done, turn);
        case Stage::opening_left_over:
            if (done.status != StorageStatus::ok) return next_left_over(turn);
            stage_ = Stage::removing_left_over;
            return turn.ask(effect::Remove{token_, file_});
        case Stage::removing_left_over: return next_left_over(turn);
        case Stage::checking:
        case Stage::reading: return on_bytes(done, turn);
        case Stage::chosen:
        case Stage::read: CHECK(!"an answer to nothing");
    }
}

void SnapshotLoader::on_listed(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok && done.status != StorageStatus::not_found) {
        failure_ = "it cannot be listed";
        status_ = done.status;
        return;
    }
    for (const DirectoryEntry& entry : done.entries) {
        const auto name = snapshot_name(entry.name);
        if (!name || entry.kind != EntryKind::file) continue;
        if (name->what == SnapshotName::What::part) {
            left_overs_.push_back(entry.name);
        } else {
            rows_.push_back({name->id, entry.size, std::nullopt});
        }
    }
    std::ranges::sort(rows_, {}, &SnapshotRow::id);
    to_try_.assign(rows_.rbegin(), rows_.rend());
    next_left_over(turn);
}

// What cannot be removed stays: it is in nobody's way.
void SnapshotLoader::next_left_over(Turn& turn) {
    if (left_overs_.empty()) return next_candidate(turn);
    const std::string name = std::move(left_overs_.back());
    left_overs_.pop_back();
    stage_ = Stage::opening_left_over;
    turn.ask(effect::Open{token_, file_, directory_ + '/' + name, OpenMode::existing});
}

void SnapshotLoader::next_candidate(Turn& turn) {
    if (to_try_.empty()) {
        stage_ = Stage::chosen;
        return;
    }
    chosen_ = to_try_.front();
    to_try_.pop_front();
    stage_ = Stage::checking;
    open(turn);
}

void SnapshotLoader::read(Turn& turn) {
    CHECK(has_chosen() && chosen_);
    stage_ = Stage::reading;
    open(turn);
}

void SnapshotLoader::open(Turn& turn) {
    is_open_ = false;
    turn.ask(effect::Open{token_, file_, directory_ + '/' + file_name(chosen_->id),
                          OpenMode::existing});
}

void SnapshotLoader::ask_for_bytes(Turn& turn) {
    turn.ask(effect::Read{token_, file_, scan_.position(), scan_.bytes_wanted()});
}

void SnapshotLoader::on_bytes(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok) {
        if (is_open_) turn.ask(effect::Close{file_});
        status_ = done.status;
        return give_up_candidate("cannot be read: " + std::string(name_of(done.status)), turn);
    }
    if (!is_open_) {
        is_open_ = true;
        scan_ = SnapshotScan(done.size);
        return ask_for_bytes(turn);
    }
    scan_.feed(done.bytes);
    if (stage_ == Stage::checking) scan_.take();
    if (!scan_.is_done()) return ask_for_bytes(turn);
    turn.ask(effect::Close{file_});
    if (!scan_.why().empty()) return give_up_candidate(scan_.why(), turn);
    if (stage_ == Stage::reading) {
        stage_ = Stage::read;
        return;
    }
    stage_ = Stage::chosen;
    chosen_->timestamp = scan_.control().header_timestamp;
    std::ranges::find(rows_, chosen_->id, &SnapshotRow::id)->timestamp = chosen_->timestamp;
}

void SnapshotLoader::give_up_candidate(const std::string& why, Turn& turn) {
    const std::string what = file_name(chosen_->id) + ' ' + why;
    // It was good when it was chosen; or nothing says that it is not.
    if (stage_ == Stage::reading || status_ == StorageStatus::no_space) {
        failure_ = what;
        return;
    }
    turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
              what + ": an older snapshot, or the log alone, is tried instead", Severity::warning);
    if (complaint_.empty()) complaint_ = what;
    std::erase_if(rows_, [this](const SnapshotRow& row) { return row.id == chosen_->id; });
    chosen_.reset();
    next_candidate(turn);
}

}  // namespace barnabas::quorum
