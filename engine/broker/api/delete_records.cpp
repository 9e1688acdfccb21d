// DeleteRecords: moves a log's start up to an offset, at most the high watermark.

#include <map>

#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;
using DeletionResult = DeleteRecordsResponse::DeleteRecordsPartitionResult;

constexpr std::int64_t up_to_high_watermark = -1;
constexpr std::int64_t unknown_watermark = -1;

ErrorCode delete_below(Node& node, Replica* replica, std::int64_t wanted, DeletionResult& result,
                       Turn& turn) {
    const ErrorCode trouble = node.standing(replica);
    if (trouble != ErrorCode::none) return trouble;
    // Of a log that is only compacted each key keeps its last record.
    const settings::TopicSettings& topic = *replica->settings;
    if (topic.is_compacted && !topic.is_deleted) return ErrorCode::policy_violation;
    const Offset high_watermark = replica->high_watermark();
    const Offset start = wanted == up_to_high_watermark ? high_watermark : Offset(wanted);
    if (start < Offset(0) || start > high_watermark) return ErrorCode::offset_out_of_range;
    node.replicas.raise_log_start(*replica, start, turn);
    result.low_watermark = replica->log.log_start_offset().value();
    return ErrorCode::none;
}

}  // namespace

// Each partition once, wherever and however often it is named: what is wanted last counts.
void delete_records(Node& node, const Call& call, const DeleteRecordsRequest& request, Turn& turn) {
    std::map<std::string_view, std::map<std::int32_t, std::int64_t>> wanted;
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions)
            wanted[topic.name][partition.partition_index] = partition.offset;
    DeleteRecordsResponse response;
    for (const auto& [topic, offsets] : wanted) {
        auto& results = response.topics.emplace_back();
        results.name = topic;
        for (const auto& [index, offset] : offsets) {
            DeletionResult& result = results.partitions.emplace_back();
            result.partition_index = index;
            result.low_watermark = unknown_watermark;
            Replica* replica = node.replicas.find(topic, PartitionIndex(index));
            result.error_code = delete_below(node, replica, offset, result, turn);
        }
    }
    node.reply(call.to, response, turn);
}

}  // namespace barnabas::broker::api
