// MetadataLog: the snapshots that it makes, and what may go when they are there.
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/quorum/metadata_log.h"
#include "engine/runtime/visit.h"

namespace barnabas::quorum {

bool MetadataLog::begin_snapshot(const SnapshotId& id, std::int64_t timestamp, Turn& turn) {
    CHECK(is_loaded());
    const bool is_news = snapshots_.empty() || snapshots_.back().id < id;
    const bool is_committed = id.end <= high_watermark_;
    if (writer_ || !is_news || !is_committed || !failure_.empty()) return false;
    writer_.emplace(SnapshotWriter(token_of(Job::writer), file_of(Job::writer), directory_,
                                   {id, timestamp, control_}));
    writer_->edit().start(turn);
    return true;
}

void MetadataLog::add_to_snapshot(const std::vector<Bytes>& values, Turn& turn) {
    writer_->edit().append(values, turn);
}

void MetadataLog::finish_snapshot(Turn& turn) { writer_->edit().finish(turn); }

void MetadataLog::on_snapshot_written(const event::StorageDone& done, Turn& turn) {
    if (!writer_) return;  // the removal of one that failed
    SnapshotWriter& writer = writer_->edit();
    writer.on(done, turn);
    if (!writer.is_done()) return;
    const std::string name = file_name(writer.id());
    if (writer.status() == StorageStatus::ok) {
        turn.note(Occurrence::Kind::metadata, "__cluster_metadata-0",
                  fmt::format("snapshot {} is written, {} bytes", name, writer.size()));
        snapshots_.push_back({writer.id(), writer.size(), writer.timestamp()});
    } else {
        turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
                  fmt::format("{} could not be written: {}: the log keeps all that it would hold",
                              name, name_of(writer.status())),
                  Severity::warning);
    }
    writer_.reset();
    clean_up(turn);
}

// The oldest goes when it is beyond retention, and only behind a newer one. A snapshot whose header
// nobody has read is at least as old as the next.
bool MetadataLog::is_oldest_due(const Turn& turn) const {
    if (snapshots_.size() < 2) return false;
    if (snapshots_.front().id.end < log_.log_start_offset()) return true;
    std::uint64_t bytes = log_.size_bytes();
    for (const SnapshotRow& row : snapshots_) bytes += row.size;
    if (retention_.bytes >= 0 && bytes > static_cast<std::uint64_t>(retention_.bytes)) return true;
    const auto known = std::ranges::find_if(
        snapshots_, [](const SnapshotRow& row) { return row.timestamp.has_value(); });
    if (retention_.ms < 0 || known == snapshots_.end()) return false;
    return saturating_minus(turn.wall.time_since_epoch().count(), *known->timestamp) >
           retention_.ms;
}

// The log then begins where the oldest that is left ends.
void MetadataLog::clean_up(Turn& turn) {
    if (log_.state() != log::PartitionLog::State::open || !is_loaded()) return;
    while (is_oldest_due(turn)) {
        const std::string path = directory_ + '/' + file_name(snapshots_.front().id);
        const Token token = token_of(Job::remover);
        turn.ask(effect::Open{token, file_of(Job::remover), path, OpenMode::existing});
        turn.ask(effect::Remove{token, file_of(Job::remover)});
        snapshots_.erase(snapshots_.begin());
        log_.raise_log_start(snapshots_.front().id.end, turn);
    }
    log_.clean_up(high_watermark_, turn);
}

}  // namespace barnabas::quorum
