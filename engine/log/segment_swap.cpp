#include "engine/log/segment_swap.h"

#include <array>

#include "engine/runtime/visit.h"

namespace barnabas::log {

namespace {}  // namespace

std::string SegmentSwap::path(Offset base, FileKind kind, std::string_view suffix) const {
    return directory_ + '/' + file_name(base, kind) + std::string(suffix);
}

Token SegmentSwap::ask(Ids& ids) {
    const Token token = ids.next(Purpose::clean);
    under_way_.insert(token);
    return token;
}

void SegmentSwap::start(Ids& ids, Turn& turn) { rename_fresh(".swap", ids, turn); }

void SegmentSwap::rename_fresh(std::string_view suffix, Ids& ids, Turn& turn) {
    for (const FileKind kind : all_file_kinds) {
        if (kind == FileKind::txnindex && !fresh_.has_transactions) continue;
        turn.ask(effect::Rename{ask(ids), ids.file(fresh_.segment.slot, kind),
                                path(fresh_.segment.base, kind, suffix)});
    }
}

void SegmentSwap::retire_old(Ids& ids, Turn& turn) {
    for (const Old& old : old_) {
        for (const FileKind kind : all_file_kinds) {
            const FileId file = ids.file(old.slot, kind);
            if (kind == FileKind::txnindex)
                turn.ask(
                    effect::Open{ask(ids), file, path(old.base, kind, {}), OpenMode::existing});
            turn.ask(effect::Rename{ask(ids), file, path(old.base, kind, ".deleted")});
        }
    }
}

void SegmentSwap::flush_directory(Stage stage, Ids& ids, Turn& turn) {
    stage_ = stage;
    turn.ask(effect::FlushDirectory{ask(ids), directory_});
}

void SegmentSwap::on(const event::StorageDone& done, Ids& ids, Turn& turn) {
    if (under_way_.erase(done.operation) == 0 || status_ != StorageStatus::ok) return;
    // Few segments have a .txnindex.
    const bool may_be_missing =
        stage_ == Stage::retiring && done.status == StorageStatus::not_found;
    if (done.status == StorageStatus::no_space) {
        is_refused_ = true;
    } else if (done.status != StorageStatus::ok && !may_be_missing) {
        status_ = done.status;
        return;
    }
    if (under_way_.empty() && !is_refused_) go_on(ids, turn);
}

// What was renamed before has its new name already, and gets it once more.
void SegmentSwap::try_again(Ids& ids, Turn& turn) {
    is_refused_ = false;
    switch (stage_) {
        case Stage::announcing: return rename_fresh(".swap", ids, turn);
        case Stage::retiring: return retire_old(ids, turn);
        case Stage::naming: return rename_fresh({}, ids, turn);
        case Stage::settling_announcement:
        case Stage::settling_retirement:
        case Stage::settling_names: return flush_directory(stage_, ids, turn);
        case Stage::done: return;
    }
}

// All that the stage asked for is done.
void SegmentSwap::go_on(Ids& ids, Turn& turn) {
    switch (stage_) {
        case Stage::announcing: return flush_directory(Stage::settling_announcement, ids, turn);
        case Stage::settling_announcement:
            stage_ = Stage::retiring;
            is_commit_due_ = true;
            return retire_old(ids, turn);
        case Stage::retiring: return flush_directory(Stage::settling_retirement, ids, turn);
        case Stage::settling_retirement: stage_ = Stage::naming; return rename_fresh({}, ids, turn);
        case Stage::naming: return flush_directory(Stage::settling_names, ids, turn);
        case Stage::settling_names:
            stage_ = Stage::done;
            if (fresh_.has_transactions)
                turn.ask(effect::Close{ids.file(fresh_.segment.slot, FileKind::txnindex)});
            return;
        case Stage::done: return;
    }
}

}  // namespace barnabas::log
