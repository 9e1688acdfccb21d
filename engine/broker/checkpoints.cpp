#include "engine/broker/checkpoints.h"

#include "engine/broker/names.h"
#include "engine/log/checkpoint.h"

namespace barnabas::broker {
namespace {

constexpr Token token{names::checkpoints};
constexpr FileId file{names::checkpoints};

}  // namespace

void Checkpoints::start(What what, const Replicas& replicas,
                        const std::vector<LogDirectory>& directories,
                        std::optional<BrokerEpoch> stopped_cleanly, Turn& turn) {
    CHECK(is_done());
    for (std::size_t index = 0; index < directories.size(); ++index) {
        const LogDirectory& directory = directories[index];
        if (!directory.is_online) continue;
        log::PartitionOffsets recovery_points, log_starts, high_watermarks;
        for (const auto& replica : replicas.all()) {
            if (!replica || !replica->is_loaded()) continue;
            if (replica->directory != index) continue;
            recovery_points[replica->name] = replica->log.recovery_point();
            high_watermarks[replica->name] = replica->high_watermark();
            if (replica->log.log_start_offset() > Offset(0)) {
                log_starts[replica->name] = replica->log.log_start_offset();
            }
        }
        const auto add = [&](std::string_view name, const std::string& text) {
            files_.push_back({index, directory.path + '/' + std::string(name), Bytes::copy(text)});
        };
        if (what != What::log_starts) {
            add("recovery-point-offset-checkpoint", log::format_offsets(recovery_points));
            add("replication-offset-checkpoint", log::format_offsets(high_watermarks));
        }
        if (what != What::recovery_points)
            add("log-start-offset-checkpoint", log::format_offsets(log_starts));
        if (stopped_cleanly) {
            add(".kafka_cleanshutdown", log::format_clean_shutdown(*stopped_cleanly));
        }
    }
    next(turn);
}

void Checkpoints::on(const event::StorageDone& done, Turn& turn) {
    write_.on(done, turn);
    if (!write_.is_done()) return;
    if (write_.status() != StorageStatus::ok) {
        turn.note(Occurrence::Kind::storage, files_.front().path,
                  "could not be written: the next start checks more than it need",
                  Severity::warning);
        // A mark of a clean stop over a checkpoint that is missing would be a lie.
        const std::size_t directory = files_.front().directory;
        if (write_.status() == StorageStatus::io_error) broken_directory_ = directory;
        std::erase_if(files_, [&](const File& file) { return file.directory == directory; });
        return next(turn);
    }
    files_.pop_front();
    next(turn);
}

void Checkpoints::next(Turn& turn) {
    if (files_.empty()) return;
    write_ = ReplaceFile(token, file, files_.front().path, files_.front().bytes);
    write_.start(turn);
}

}  // namespace barnabas::broker
