#include "engine/settings/table.h"

#include <algorithm>

namespace barnabas::settings {
namespace {

constexpr std::int64_t hours = 3'600'000;  // in milliseconds
constexpr std::int64_t minutes = 60'000;

// Sorted by name; where a name has several rows, the first that is given wins.
constexpr Fallback topic_rows[] = {
    {"cleanup.policy", "log.cleanup.policy"},
    {"compression.gzip.level", "compression.gzip.level"},
    {"compression.lz4.level", "compression.lz4.level"},
    {"compression.type", "compression.type"},
    {"compression.zstd.level", "compression.zstd.level"},
    {"delete.retention.ms", "log.cleaner.delete.retention.ms"},
    {"file.delete.delay.ms", "log.segment.delete.delay.ms"},
    {"flush.messages", "log.flush.interval.messages"},
    {"flush.ms", "log.flush.interval.ms"},
    {"flush.ms", "log.flush.scheduler.interval.ms"},
    {"index.interval.bytes", "log.index.interval.bytes"},
    {"local.retention.bytes", "log.local.retention.bytes"},
    {"local.retention.ms", "log.local.retention.ms"},
    {"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"max.decompressed.message.bytes", "max.decompressed.message.bytes"},
    {"max.message.bytes", "message.max.bytes"},
    {"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"},
    {"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"},
    {"message.timestamp.type", "log.message.timestamp.type"},
    {"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"},
    {"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"},
    {"min.insync.replicas", "min.insync.replicas"},
    {"preallocate", "log.preallocate"},
    {"retention.bytes", "log.retention.bytes"},
    {"retention.ms", "log.retention.ms"},
    {"retention.ms", "log.retention.minutes", minutes},
    {"retention.ms", "log.retention.hours", hours},
    {"segment.bytes", "log.segment.bytes"},
    {"segment.index.bytes", "log.index.size.max.bytes"},
    {"segment.jitter.ms", "log.roll.jitter.ms"},
    {"segment.jitter.ms", "log.roll.jitter.hours", hours},
    {"segment.ms", "log.roll.ms"},
    {"segment.ms", "log.roll.hours", hours},
    {"unclean.leader.election.enable", "unclean.leader.election.enable"},
};

constexpr Fallback broker_rows[] = {
    {"advertised.listeners", "listeners"},
    {"log.dirs", "log.dir"},
    {"log.flush.interval.ms", "log.flush.scheduler.interval.ms"},
    {"log.retention.minutes", "log.retention.hours", 60},
    {"log.retention.ms", "log.retention.minutes", minutes},
    {"log.retention.ms", "log.retention.hours", hours},
    {"log.roll.jitter.ms", "log.roll.jitter.hours", hours},
    {"log.roll.ms", "log.roll.hours", hours},
};

// A room that makes a setting work adds its line here.
constexpr std::string_view effect_on_broker[] = {
    "advertised.listeners",
    "auto.create.topics.enable",
    "broker.rack",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "controller.listener.names",
    "controller.quorum.bootstrap.servers",
    "controller.quorum.voters",
    "default.replication.factor",
    "fetch.max.bytes",
    "listener.security.protocol.map",
    "listeners",
    "log.cleaner.backoff.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.delete.retention.ms",
    "log.cleaner.enable",
    "log.cleaner.io.buffer.load.factor",
    "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.max.compaction.lag.ms",
    "log.cleaner.min.cleanable.ratio",
    "log.cleaner.min.compaction.lag.ms",
    "log.cleanup.policy",
    "log.dir",
    "log.dirs",
    "log.flush.interval.messages",
    "log.flush.interval.ms",
    "log.flush.offset.checkpoint.interval.ms",
    "log.flush.scheduler.interval.ms",
    "log.flush.start.offset.checkpoint.interval.ms",
    "log.index.interval.bytes",
    "log.index.size.max.bytes",
    "log.message.timestamp.after.max.ms",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.type",
    "log.preallocate",
    "log.retention.bytes",
    "log.retention.check.interval.ms",
    "log.retention.hours",
    "log.retention.minutes",
    "log.retention.ms",
    "log.roll.hours",
    "log.roll.jitter.hours",
    "log.roll.jitter.ms",
    "log.roll.ms",
    "log.segment.bytes",
    "log.segment.delete.delay.ms",
    "max.connections",
    "max.connections.per.ip",
    "max.decompressed.message.bytes",
    "message.max.bytes",
    "metadata.log.dir",
    "metadata.log.max.record.bytes.between.snapshots",
    "metadata.log.max.snapshot.interval.ms",
    "metadata.log.segment.bytes",
    "metadata.log.segment.ms",
    "metadata.max.retention.bytes",
    "metadata.max.retention.ms",
    "min.insync.replicas",
    "node.id",
    "num.partitions",
    "process.roles",
    "producer.id.expiration.check.interval.ms",
    "producer.id.expiration.ms",
    "queued.max.request.bytes",
    "socket.request.max.bytes",
    "transaction.partition.verification.enable",
};
constexpr std::string_view effect_on_topic[] = {
    "cleanup.policy",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "index.interval.bytes",
    "internal.segment.bytes",
    "max.compaction.lag.ms",
    "max.decompressed.message.bytes",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.index.bytes",
    "segment.jitter.ms",
    "segment.ms",
};

const Setting* find(std::span<const Setting> table, std::string_view name) {
    const auto at = std::ranges::lower_bound(table, name, {}, &Setting::name);
    return at != table.end() && at->name == name ? &*at : nullptr;
}

std::span<const Fallback> find(std::span<const Fallback> table, std::string_view name) {
    const auto found = std::ranges::equal_range(table, name, {}, &Fallback::name);
    return {found.begin(), found.end()};
}

}  // namespace

const Setting* find_broker_setting(std::string_view name) { return find(broker_table(), name); }
const Setting* find_topic_setting(std::string_view name) { return find(topic_table(), name); }

bool has_effect_on_broker(std::string_view name) {
    return std::ranges::binary_search(effect_on_broker, name);
}
bool has_effect_on_topic(std::string_view name) {
    return std::ranges::binary_search(effect_on_topic, name);
}

std::span<const Fallback> topic_fallbacks(std::string_view name) { return find(topic_rows, name); }
std::span<const Fallback> broker_fallbacks(std::string_view name) {
    return find(broker_rows, name);
}

}  // namespace barnabas::settings
