// ListOffsets: the log's ends at once, timestamps by a look into its files.

#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using OffsetsResult = ListOffsetsResponse::ListOffsetsPartitionResponse;

// Timestamps that are questions, by the version that asks them first.
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t largest_timestamp = -3;
constexpr std::int64_t earliest_local = -4;
constexpr std::int64_t latest_tiered = -5;
constexpr std::int64_t earliest_pending_upload = -6;

constexpr std::int16_t first_version_of(std::int64_t timestamp) {
    switch (timestamp) {
        case largest_timestamp: return 7;
        case earliest_local: return 8;
        case latest_tiered: return 9;
        case earliest_pending_upload: return 11;
        default: return 0;
    }
}

// The epoch is no ignorable field: version 4 is the first that has it.
void put(OffsetsResult& result, Offset offset, LeaderEpoch epoch, const ReturnAddress& to) {
    result.offset = offset.value();
    if (to.api_version >= 4) result.leader_epoch = epoch.value();
}

// Up to where the client sees records.
Offset end_for(bool is_committed_only, const Replica& replica) {
    return is_committed_only ? replica.log.last_stable_offset(replica.high_watermark())
                             : replica.high_watermark();
}

// The epoch that the log begins with. An empty one begins with its leader's.
LeaderEpoch first_epoch(const Replica& replica) {
    const auto& epochs = replica.log.leader_epochs();
    return epochs.epoch_of(replica.log.log_start_offset()).value_or(replica.leader_epoch);
}

// True when the answer is on its way.
bool look_up(Node& node, Replica& replica, std::int64_t timestamp, OffsetsResult& result,
             bool is_committed_only, const ReturnAddress& to, const LookupRow& place, Turn& turn) {
    const auto give = [&](Offset offset, LeaderEpoch epoch) {
        put(result, offset, epoch, to);
        return false;
    };
    switch (timestamp) {
        case latest: return give(end_for(is_committed_only, replica), replica.leader_epoch);
        case earliest:
        case earliest_local: return give(replica.log.log_start_offset(), first_epoch(replica));
        case latest_tiered:
        case earliest_pending_upload: return false;  // nothing is tiered: offset -1
        case largest_timestamp:
            replica.log.find_largest_timestamp(node.next_lookup(place), turn);
            return true;
        default:
            if (timestamp < 0) {
                result.error_code = ErrorCode::unsupported_version;
                return false;
            }
            replica.log.find_timestamp(timestamp, node.next_lookup(place), turn);
            return true;
    }
}

void put(OffsetsResult& result, const log::Found& found, Offset end, const ReturnAddress& to) {
    const auto* at = std::get_if<log::TimestampOffset>(&found.what);
    if (at == nullptr) {
        result.error_code = ErrorCode::kafka_storage_error;
        return;
    }
    if (at->offset >= end) return;  // the client does not see it: no record is that late
    result.timestamp = at->timestamp;
    put(result, at->offset, at->epoch, to);
}

// Lookups that needed no look into a file have their answers already.
void answer_offsets_at_once(Node& node, const ListOffsetsRequest& request, Turn& turn) {
    for (const auto& topic : request.topics) {
        for (const auto& wanted : topic.partitions) {
            const PartitionIndex index(wanted.partition_index);
            Replica* replica = node.replicas.find(topic.name, index);
            if (replica) answer_lookups(node, *replica, turn);
        }
    }
}

}  // namespace

void list_offsets(Node& node, const Call& call, const ListOffsetsRequest& request, Turn& turn) {
    OffsetsRow& row = node.offsets[call.to.address];
    row.to = call.to;
    row.is_committed_only = request.isolation_level == 1;
    for (std::uint32_t t = 0; t < request.topics.size(); ++t) {
        const auto& topic = request.topics[t];
        auto& results = row.response.topics.emplace_back();
        results.name = topic.name;
        results.partitions.resize(topic.partitions.size());
        for (std::uint32_t p = 0; p < topic.partitions.size(); ++p) {
            const auto& wanted = topic.partitions[p];
            OffsetsResult& result = results.partitions[p];
            result.partition_index = wanted.partition_index;
            Replica* replica =
                node.replicas.find(topic.name, PartitionIndex(wanted.partition_index));
            result.error_code = node.standing(replica);
            if (result.error_code == ErrorCode::none)
                result.error_code = replica->check_epoch(wanted.current_leader_epoch);
            if (result.error_code == ErrorCode::none &&
                call.to.api_version < first_version_of(wanted.timestamp)) {
                result.error_code = ErrorCode::unsupported_version;
            }
            if (result.error_code != ErrorCode::none) continue;
            const LookupRow place{call.to.address, t, p};
            if (look_up(node, *replica, wanted.timestamp, result, row.is_committed_only, call.to,
                        place, turn))
                ++row.lookups;
        }
    }
    if (row.lookups > 0) return answer_offsets_at_once(node, request, turn);
    node.reply(row.to, row.response, turn);
    node.offsets.erase(call.to.address);
}

void on_offset_found(Node& node, const Replica& replica, const LookupRow& place,
                     const log::Found& found, Turn& turn) {
    const auto row = node.offsets.find(place.row);
    if (row == node.offsets.end()) return;
    put(row->second.response.topics[place.topic].partitions[place.partition], found,
        end_for(row->second.is_committed_only, replica), row->second.to);
    if (--row->second.lookups > 0) return;
    node.reply(row->second.to, row->second.response, turn);
    node.offsets.erase(row);
}

}  // namespace barnabas::broker::api
