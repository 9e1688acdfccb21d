#include "engine/log_manager/checkpoints.h"

#include <algorithm>

#include "engine/base/digest.h"
#include "engine/log/checkpoint.h"
#include "engine/runtime/visit.h"

namespace barnabas::log_manager {
namespace {

void keep(const log::PartitionOffsets& from, const TopicPartition& name, auto& to) {
    const auto old = from.find(name);
    if (old != from.end()) to.add(name, old->second);
}

std::string_view loss_of(Checkpoints::What what) {
    return what == Checkpoints::What::log_starts
               ? "could not be written: records that were deleted since the last time may come "
                 "back with the next start"
               : "could not be written: the next start checks more than it need";
}

}  // namespace

void Checkpoints::Rows::add(const TopicPartition& name, Offset offset) {
    ++count;
    text += log::format_offset(name, offset);
}

void Checkpoints::gather(const ManagedLog& managed, const log::PartitionLog& log,
                         Offset high_watermark, const LogDirectory& directory,
                         OfDirectory& rows) {
    rows.are_all_whole = rows.are_all_whole && is_whole(managed, log);
    if (!log.is_loaded()) {
        keep(directory.recovery_points, log.partition(), rows.recovery_points);
        keep(directory.log_starts, log.partition(), rows.log_starts);
        return;
    }
    // One that failed since it was open still knows what is flushed, and where it starts.
    rows.recovery_points.add(log.partition(), log.recovery_point());
    rows.high_watermarks.add(log.partition(), high_watermark);
    if (log.log_start_offset() > Offset(0))
        rows.log_starts.add(log.partition(), log.log_start_offset());
}

void Checkpoints::start(What what, const LogManager& manager, const log::LogSlots& logs,
                        const std::vector<LogDirectory>& directories,
                        std::optional<BrokerEpoch> stopped_cleanly, Turn& turn) {
    CHECK(is_done());
    Gathering begun;
    begun.what = what;
    begun.stopped_cleanly = stopped_cleanly;
    begun.rows.resize(directories.size());
    gathering_ = std::move(begun);
    go_on(manager, logs, directories, turn);
}

// What a log says in an earlier turn than another one's holds as well: offsets only rise.
void Checkpoints::go_on(const LogManager& manager, const log::LogSlots& logs,
                        const std::vector<LogDirectory>& directories, Turn& turn) {
    if (!gathering_) return;
    const std::uint32_t end = logs.slot_count();
    const std::uint32_t stop = std::min(end, gathering_->next_slot + visited_at_once);
    for (; gathering_->next_slot < stop; ++gathering_->next_slot) {
        const std::uint32_t slot = gathering_->next_slot;
        const log::PartitionLog& log = *logs.log_in(slot);
        const ManagedLog& managed = manager.at(slot);
        gather(managed, log, logs.high_watermark_in(slot), directories[managed.directory],
               gathering_->rows[managed.directory]);
    }
    if (stop < end) return turn.ask(effect::Continue{token_});
    list_files(directories);
    next(turn);
}

void Checkpoints::list_files(const std::vector<LogDirectory>& directories) {
    const Gathering gathered = *std::exchange(gathering_, std::nullopt);
    for (std::size_t index = 0; index < directories.size(); ++index) {
        const LogDirectory& directory = directories[index];
        if (!directory.is_online) continue;
        const auto add = [&](What which, std::string_view name, const std::string& text) {
            files_.push_back(
                {index, directory.path + '/' + std::string(name), Bytes::copy(text), which});
        };
        const auto add_rows = [&](What which, std::string_view name, const Rows& rows) {
            add(which, name, log::checkpoint_head(rows.count) + rows.text);
        };
        const OfDirectory& rows = gathered.rows[index];
        if (gathered.what != What::log_starts) {
            add_rows(What::recovery_points, "recovery-point-offset-checkpoint",
                     rows.recovery_points);
            add_rows(What::recovery_points, "replication-offset-checkpoint",
                     rows.high_watermarks);
        }
        if (gathered.what != What::recovery_points)
            add_rows(What::log_starts, "log-start-offset-checkpoint", rows.log_starts);
        if (gathered.stopped_cleanly && rows.are_all_whole)
            add(What::all, ".kafka_cleanshutdown",
                log::format_clean_shutdown(*gathered.stopped_cleanly));
    }
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
    write_ = ReplaceFile(token_, file_, files_.front().path, files_.front().bytes);
    write_.start(turn);
}

void Checkpoints::digest(Hasher& hasher) const {
    digest_all(hasher, gathering_, files_, write_, unwritten_, broken_directory_);
}

}  // namespace barnabas::log_manager
