#include "engine/broker/checkpoints.h"

#include "engine/broker/names.h"
#include "engine/log/checkpoint.h"

namespace barnabas::broker {
namespace {

constexpr Token checkpoints_token{names::checkpoints};
constexpr FileId checkpoints_file{names::checkpoints};

struct Rows {
    log::PartitionOffsets recovery_points, log_starts, high_watermarks;
    bool are_all_whole = true;
};

void keep(const log::PartitionOffsets& from, const TopicPartition& name,
          log::PartitionOffsets& to) {
    const auto old = from.find(name);
    if (old != from.end()) to[name] = old->second;
}

Rows rows_of(std::size_t index, const LogDirectory& directory, const Replicas& replicas) {
    Rows rows;
    for (const auto& replica : replicas.all()) {
        if (!replica || replica->directory != index) continue;
        rows.are_all_whole = rows.are_all_whole && replica->is_whole();
        if (!replica->log.is_loaded()) {
            keep(directory.recovery_points, replica->name, rows.recovery_points);
            keep(directory.log_starts, replica->name, rows.log_starts);
            continue;
        }
        // One that failed since it was open still knows what is flushed, and where it starts.
        rows.recovery_points[replica->name] = replica->log.recovery_point();
        rows.high_watermarks[replica->name] = replica->high_watermark();
        if (replica->log.log_start_offset() > Offset(0))
            rows.log_starts[replica->name] = replica->log.log_start_offset();
    }
    return rows;
}

std::string_view loss_of(Checkpoints::What what) {
    return what == Checkpoints::What::log_starts
               ? "could not be written: records that were deleted since the last time may come "
                 "back with the next start"
               : "could not be written: the next start checks more than it need";
}

}  // namespace

void Checkpoints::start(What what, const Replicas& replicas,
                        const std::vector<LogDirectory>& directories,
                        std::optional<BrokerEpoch> stopped_cleanly, Turn& turn) {
    CHECK(is_done());
    for (std::size_t index = 0; index < directories.size(); ++index) {
        const LogDirectory& directory = directories[index];
        if (!directory.is_online) continue;
        const Rows rows = rows_of(index, directory, replicas);
        const auto add = [&](What which, std::string_view name, const std::string& text) {
            files_.push_back(
                {index, directory.path + '/' + std::string(name), Bytes::copy(text), which});
        };
        if (what != What::log_starts) {
            add(What::recovery_points, "recovery-point-offset-checkpoint",
                log::format_offsets(rows.recovery_points));
            add(What::recovery_points, "replication-offset-checkpoint",
                log::format_offsets(rows.high_watermarks));
        }
        if (what != What::recovery_points)
            add(What::log_starts, "log-start-offset-checkpoint",
                log::format_offsets(rows.log_starts));
        if (stopped_cleanly && rows.are_all_whole)
            add(What::all, ".kafka_cleanshutdown", log::format_clean_shutdown(*stopped_cleanly));
    }
    next(turn);
}

void Checkpoints::on(const event::StorageDone& done, Turn& turn) {
    write_.on(done, turn);
    if (!write_.is_done()) return;
    if (write_.status() != StorageStatus::ok) {
        turn.note(Occurrence::Kind::storage, files_.front().path,
                  std::string(loss_of(files_.front().what)), Severity::warning);
        // A mark of a clean stop over a checkpoint that is missing would be a lie.
        const std::size_t directory = files_.front().directory;
        if (is_of_medium(write_.status())) broken_directory_ = directory;
        std::erase_if(files_, [&](const File& file) {
            if (file.directory != directory) return false;
            unwritten_ = unwritten_.value_or(file.what) == file.what ? file.what : What::all;
            return true;
        });
        return next(turn);
    }
    files_.pop_front();
    next(turn);
}

void Checkpoints::next(Turn& turn) {
    if (files_.empty()) return;
    write_ =
        ReplaceFile(checkpoints_token, checkpoints_file, files_.front().path, files_.front().bytes);
    write_.start(turn);
}

}  // namespace barnabas::broker
