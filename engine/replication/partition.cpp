#include "engine/replication/partition.h"

#include "engine/base/digest.h"

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

constexpr std::int16_t acks_all = -1;

std::optional<records::Compression> compression_of(const settings::TopicSettings& topic) {
    records::Compression compression;
    compression.levels = {topic.gzip_level, topic.lz4_level, topic.zstd_level};
    if (topic.compression == "uncompressed") return compression;
    if (topic.compression == "gzip") compression.codec = records::Codec::gzip;
    if (topic.compression == "snappy") compression.codec = records::Codec::snappy;
    if (topic.compression == "lz4") compression.codec = records::Codec::lz4;
    if (topic.compression == "zstd") compression.codec = records::Codec::zstd;
    if (compression.codec == records::Codec::none) return std::nullopt;
    return compression;
}

}  // namespace

void Leader::wait(Unacknowledged batch) {
    std::size_t at = unacknowledged.size();
    while (at > 0 && unacknowledged[at - 1].until > batch.until) --at;
    unacknowledged.insert(at, std::move(batch));
}

ErrorCode Leader::check_epoch(std::int32_t epoch_of_client) const {
    if (epoch_of_client < 0 || LeaderEpoch(epoch_of_client) == epoch) return ErrorCode::none;
    return LeaderEpoch(epoch_of_client) < epoch ? ErrorCode::fenced_leader_epoch
                                                : ErrorCode::unknown_leader_epoch;
}

Partition::Partition(TopicPartition name, const TopicId& topic_id,
                     Cow<settings::TopicSettings> settings, log::PartitionLog log)
    : name(std::move(name)),
      topic_id(topic_id),
      settings(std::move(settings)),
      compression(compression_of(*this->settings)),
      log(std::move(log)) {}

void Partition::set_settings(Cow<settings::TopicSettings> wanted) {
    settings = std::move(wanted);
    compression = compression_of(*settings);
}

ErrorCode Partition::standing() const {
    using log::LogState;
    const bool is_closed_for_room = log.state() == LogState::closed && log.waits_for_room();
    if (log.state() == LogState::failed || is_closed_for_room)
        return ErrorCode::kafka_storage_error;
    if (!leader() || log.state() != LogState::open) return ErrorCode::not_leader_or_follower;
    return ErrorCode::none;
}

ErrorCode Partition::standing(std::int16_t acks) const {
    const ErrorCode code = standing();
    if (code != ErrorCode::none || acks != acks_all) return code;
    const bool has_enough = leader()->isr_size >= settings->insync_replicas_min;
    return has_enough ? ErrorCode::none : ErrorCode::not_enough_replicas;
}

Offset Partition::high_watermark() const {
    return leader() ? leader()->high_watermark : log.acknowledged_end();
}

std::optional<bool> Partition::move_high_watermark() {
    Leader& leader = std::get<Leader>(role);
    if (log.acknowledged_end() == leader.high_watermark) return std::nullopt;
    leader.high_watermark = log.acknowledged_end();
    log.settle_transactions(leader.high_watermark);
    const Offset stable = log.last_stable_offset(leader.high_watermark);
    return std::exchange(leader.last_stable, stable) != stable;
}

Offset Partition::visible_end(bool is_committed_only) const {
    const Offset high_watermark = leader()->high_watermark;
    return is_committed_only ? log.last_stable_offset(high_watermark) : high_watermark;
}

void Partition::digest(Hasher& hasher) const {
    digest_all(hasher, name, topic_id, settings, compression, log, role);
}

}  // namespace barnabas::replication
