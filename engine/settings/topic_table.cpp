#include "engine/settings/table.h"

namespace barnabas::settings {
namespace {

using enum Type;

constexpr Valid throttled{Valid::Rule::throttled_replicas};

// clang-format off
constexpr Setting topic_settings[] = {
    {"cleanup.policy", list, "delete", one_of("compact, delete")},
    {"compression.gzip.level", integer, "-1", {Valid::Rule::range_or_minus1, 1, 9}},
    {"compression.lz4.level", integer, "9", between(1, 17)},
    {"compression.type", text, "producer",
     one_of("uncompressed, zstd, lz4, snappy, gzip, producer")},
    {"compression.zstd.level", integer, "3", between(-131072, 22)},
    {"delete.retention.ms", long_integer, "86400000", at_least(0)},
    {"file.delete.delay.ms", long_integer, "60000", at_least(0)},
    {"flush.messages", long_integer, "9223372036854775807", at_least(1)},
    {"flush.ms", long_integer, "9223372036854775807", at_least(0)},
    {"follower.replication.throttled.replicas", list, "", throttled},
    {"index.interval.bytes", integer, "4096", at_least(0)},
    {"internal.segment.bytes", integer, null, {}, Change::read_only, true},
    {"leader.replication.throttled.replicas", list, "", throttled},
    {"local.retention.bytes", long_integer, "-2", at_least(-2)},
    {"local.retention.ms", long_integer, "-2", at_least(-2)},
    {"max.compaction.lag.ms", long_integer, "9223372036854775807", at_least(1)},
    {"max.decompressed.message.bytes", integer, "2147483639", between(1, 2147483639)},
    {"max.message.bytes", integer, "1048588", at_least(0)},
    {"message.timestamp.after.max.ms", long_integer, "3600000", at_least(0)},
    {"message.timestamp.before.max.ms", long_integer, "9223372036854775807", at_least(0)},
    {"message.timestamp.type", text, "CreateTime", one_of("CreateTime, LogAppendTime")},
    {"min.cleanable.dirty.ratio", real, "0.5", between(0, 1'000'000)},
    {"min.compaction.lag.ms", long_integer, "0", at_least(0)},
    {"min.insync.replicas", integer, "1", at_least(1)},
    {"preallocate", boolean, "false"},
    {"remote.log.copy.disable", boolean, "false"},
    {"remote.log.delete.on.disable", boolean, "false"},
    {"remote.storage.enable", boolean, "false"},
    {"retention.bytes", long_integer, "-1"},
    {"retention.ms", long_integer, "604800000", at_least(-1)},
    {"segment.bytes", integer, "1073741824", at_least(1048576)},
    {"segment.index.bytes", integer, "10485760", at_least(4)},
    {"segment.jitter.ms", long_integer, "0", at_least(0)},
    {"segment.ms", long_integer, "604800000", at_least(1)},
    {"unclean.leader.election.enable", boolean, "false"},
};
// clang-format on

}  // namespace

std::span<const Setting> topic_table() { return topic_settings; }

}  // namespace barnabas::settings
