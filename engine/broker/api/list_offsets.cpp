// ListOffsets: the log's ends at once, timestamps by a look into its files.

#include <map>
#include <utility>

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
        default: return timestamp < earliest_pending_upload ? INT16_MAX : 0;
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

using OffsetQuestion = ListOffsetsRequest::ListOffsetsPartition;

// Before the partition is looked for: a question that this version does not know has no answer
// anywhere.
ErrorCode check_question(const ListOffsetsRequest& request, const OffsetQuestion& wanted,
                         std::int16_t version) {
    if (request.isolation_level < 0 || request.isolation_level > 1)
        return ErrorCode::unknown_server_error;
    if (version < first_version_of(wanted.timestamp)) return ErrorCode::unsupported_version;
    return ErrorCode::none;
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
            replica.log.find_timestamp(timestamp, node.next_lookup(place), turn);
            return true;
    }
}

void put(OffsetsResult& result, const log::Found& found, Offset end, const ReturnAddress& to) {
    const auto* at = std::get_if<log::TimestampOffset>(&found.what);
    if (at == nullptr) {
        const auto* why = std::get_if<log::Unreadable>(&found.what);
        result.error_code = why && why->is_record_too_large ? ErrorCode::invalid_record
                                                            : ErrorCode::kafka_storage_error;
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

// The rows of an answer: a topic stands in it once, however often it is named, and so does a
// partition. One that is asked for more than once is refused.
class OffsetRows {
  public:
    OffsetRows(const ListOffsetsRequest& request, ListOffsetsResponse& response)
        : response_(response) {
        for (const auto& topic : request.topics)
            for (const OffsetQuestion& wanted : topic.partitions)
                ++mentions_[{topic.name, wanted.partition_index}];
    }

    // Where the answer goes, in a row that is new; nothing for a mention that is not the first.
    std::optional<Place> add(const std::string& topic, const OffsetQuestion& wanted) {
        std::uint32_t& mentions = mentions_.at({topic, wanted.partition_index});
        if (mentions == told) return std::nullopt;
        const bool is_doubled = std::exchange(mentions, told) > 1;
        const auto [known, is_new] =
            topics_.emplace(topic, static_cast<std::uint32_t>(response_.topics.size()));
        if (is_new) response_.topics.emplace_back().name = topic;
        auto& results = response_.topics[known->second].partitions;
        OffsetsResult& result = results.emplace_back();
        result.partition_index = wanted.partition_index;
        if (is_doubled) result.error_code = ErrorCode::invalid_request;
        return Place{known->second, static_cast<std::uint32_t>(results.size() - 1)};
    }

  private:
    static constexpr std::uint32_t told = 0;

    ListOffsetsResponse& response_;
    std::map<std::pair<std::string_view, std::int32_t>, std::uint32_t> mentions_;
    std::map<std::string_view, std::uint32_t> topics_;
};

}  // namespace

void list_offsets(Node& node, const Call& call, const ListOffsetsRequest& request, Turn& turn) {
    OffsetsRow& row = node.offsets[call.to.address];
    row.to = call.to;
    row.is_committed_only = request.isolation_level == 1;
    OffsetRows rows(request, row.response);
    for (const auto& topic : request.topics) {
        for (const OffsetQuestion& wanted : topic.partitions) {
            const auto place = rows.add(topic.name, wanted);
            if (!place) continue;
            OffsetsResult& result = row.response.topics[place->topic].partitions[place->partition];
            if (result.error_code == ErrorCode::none)
                result.error_code = check_question(request, wanted, call.to.api_version);
            if (result.error_code != ErrorCode::none) continue;
            Replica* replica =
                node.replicas.find(topic.name, PartitionIndex(wanted.partition_index));
            result.error_code = node.standing(replica);
            if (result.error_code == ErrorCode::none)
                result.error_code = replica->check_epoch(wanted.current_leader_epoch);
            if (result.error_code != ErrorCode::none) continue;
            const LookupRow back{call.to.address, place->topic, place->partition};
            if (look_up(node, *replica, wanted.timestamp, result, row.is_committed_only, call.to,
                        back, turn))
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
