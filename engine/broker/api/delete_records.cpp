// DeleteRecords: moves a log's start up to an offset, at most the high watermark.

#include <map>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/messages/delete_records.h"

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

// Each partition once, wherever and however often it is named: what is wanted last counts.
struct DeleteRecordsWork {
    using Request = DeleteRecordsRequest;

    explicit DeleteRecordsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        if (!visit_some(request.topics, &Request::DeleteRecordsTopic::partitions, at, slice,
                        [&](const auto& topic) { wanted[topic.name]; },
                        [&](const auto& topic, const auto& partition) {
                            wanted[topic.name][partition.partition_index] = partition.offset;
                        }))
            return false;
        for (; !wanted.empty(); slice.take()) {
            if (slice.is_over()) return false;
            answer_next(node, turn);
        }
        node.reply(to, std::move(response), turn);
        return true;
    }

    bool discard(std::size_t elements) {
        return let_go(wanted, elements) && protocol::Discarder::discard(response, elements);
    }

    void answer_next(Node& node, Turn& turn) {
        auto& [topic, offsets] = *wanted.begin();
        if (response.topics.empty() || response.topics.back().name != topic) {
            auto& results = response.topics.emplace_back();
            results.name = topic;
            results.partitions.reserve(offsets.size());
        }
        if (!offsets.empty()) {
            const auto [index, offset] = *offsets.begin();
            DeletionResult& result = response.topics.back().partitions.emplace_back();
            result.partition_index = index;
            result.low_watermark = unknown_watermark;
            Replica* replica = node.replicas.find(topic, PartitionIndex(index));
            result.error_code = delete_below(node, replica, offset, result, turn);
            answer_bytes += sizeof(result);
            offsets.erase(offsets.begin());
        }
        if (offsets.empty()) wanted.erase(wanted.begin());
    }

    ReturnAddress to;
    Request request;
    Place at;  // in the request
    std::map<std::string, std::map<std::int32_t, std::int64_t>> wanted;
    DeleteRecordsResponse response;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void delete_records(Node& node, const Call& call, Turn& turn) {
    begin_work<DeleteRecordsWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
