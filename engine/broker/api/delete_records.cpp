// DeleteRecords: moves a log's start up to an offset, at most the high watermark.

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
    // A log that is only compacted loses nothing by age.
    if (!replica->settings->is_deleted) return ErrorCode::policy_violation;
    const Offset high_watermark = replica->high_watermark();
    const Offset start = wanted == up_to_high_watermark ? high_watermark : Offset(wanted);
    if (start < Offset(0) || start > high_watermark) return ErrorCode::offset_out_of_range;
    node.replicas.raise_log_start(*replica, start, turn);
    result.low_watermark = replica->log.log_start_offset().value();
    return ErrorCode::none;
}

}  // namespace

void delete_records(Node& node, const Call& call, const DeleteRecordsRequest& request, Turn& turn) {
    DeleteRecordsResponse response;
    for (const auto& topic : request.topics) {
        auto& results = response.topics.emplace_back();
        results.name = topic.name;
        for (const auto& wanted : topic.partitions) {
            DeletionResult& result = results.partitions.emplace_back();
            const PartitionIndex index(wanted.partition_index);
            result.partition_index = wanted.partition_index;
            result.low_watermark = unknown_watermark;
            result.error_code = delete_below(node, node.replicas.find(topic.name, index),
                                             wanted.offset, result, turn);
        }
    }
    node.reply(call.to, response, turn);
}

}  // namespace barnabas::broker::api
