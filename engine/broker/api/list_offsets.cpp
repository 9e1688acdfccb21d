// ListOffsets: the log's ends at once, timestamps by a look into its files.

#include <map>
#include <utility>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"

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

using Question = ListOffsetsRequest::ListOffsetsPartition;

// Before the partition is looked for: a question that this version does not know has no answer
// anywhere.
ErrorCode check_question(const Question& wanted, std::int8_t isolation, std::int16_t version) {
    if (isolation < 0 || isolation > 1) return ErrorCode::unknown_server_error;
    if (version < first_version_of(wanted.timestamp)) return ErrorCode::unsupported_version;
    return ErrorCode::none;
}

// A topic stands in the answer once, however often it is named, and so does a partition. One that
// is asked for more than once is refused.
struct ListOffsetsWork {
    using Request = ListOffsetsRequest;
    struct Asked {
        Question question;
        bool is_doubled = false;
    };

    explicit ListOffsetsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        const auto ask = [&](const auto& topic, const Question& question) {
            const auto [asked, is_new] =
                asked_for[topic.name].try_emplace(question.partition_index, Asked{question});
            asked->second.is_doubled = !is_new;
        };
        if (!visit_some(request.topics, &Request::ListOffsetsTopic::partitions, at, slice,
                        [&](const auto& topic) { asked_for[topic.name]; }, ask))
            return false;
        if (!is_begun) {
            OffsetsRow& row = node.offsets[to.address];
            row.to = to;
            row.is_committed_only = request.isolation_level == 1;
            row.lookups = 1;  // until all are asked for
            is_begun = true;
        }
        for (; !asked_for.empty(); slice.take()) {
            if (slice.is_over()) return false;
            answer_next(node, turn);
        }
        conclude(node, to.address, turn);
        return true;
    }

    bool discard(std::size_t elements) { return let_go(asked_for, elements); }

    void answer_next(Node& node, Turn& turn) {
        OffsetsRow& row = node.offsets.at(to.address);
        auto& topics = row.response.topics;
        auto& [name, partitions] = *asked_for.begin();
        if (topics.empty() || topics.back().name != name) {
            auto& results = topics.emplace_back();
            results.name = name;
            results.partitions.reserve(partitions.size());
        }
        if (!partitions.empty()) {
            const auto [index, asked] = *partitions.begin();
            OffsetsResult& result = topics.back().partitions.emplace_back();
            answer_bytes += sizeof(result);
            result.partition_index = index;
            Replica* replica = node.replicas.find(name, PartitionIndex(index));
            result.error_code = check(node, replica, asked);
            const LookupRow place{to.address, static_cast<std::uint32_t>(topics.size() - 1),
                                  static_cast<std::uint32_t>(topics.back().partitions.size() - 1)};
            if (result.error_code == ErrorCode::none &&
                look_up(node, *replica, asked.question.timestamp, result, row.is_committed_only, to,
                        place, turn)) {
                ++row.lookups;
                answer_lookups(node, *replica, turn);  // where no look into a file was needed
            }
            partitions.erase(partitions.begin());
        }
        if (partitions.empty()) asked_for.erase(asked_for.begin());
    }

    ErrorCode check(const Node& node, const Replica* replica, const Asked& asked) const {
        if (asked.is_doubled) return ErrorCode::invalid_request;
        ErrorCode code = check_question(asked.question, request.isolation_level, to.api_version);
        if (code == ErrorCode::none) code = node.standing(replica);
        if (code == ErrorCode::none)
            code = replica->check_epoch(asked.question.current_leader_epoch);
        return code;
    }

    // One of those that the answer waits for is there.
    static void conclude(Node& node, Address address, Turn& turn) {
        const auto row = node.offsets.find(address);
        if (row == node.offsets.end() || --row->second.lookups > 0) return;
        node.reply(row->second.to, std::move(row->second.response), turn);
        node.offsets.erase(row);
    }

    ReturnAddress to;
    Request request;
    Place at;  // in the request
    std::map<std::string, std::map<std::int32_t, Asked>> asked_for;
    bool is_begun = false;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void list_offsets(Node& node, const Call& call, Turn& turn) {
    begin_work<ListOffsetsWork>(node, call, turn);
}

void on_offset_found(Node& node, const Replica& replica, const LookupRow& place,
                     const log::Found& found, Turn& turn) {
    const auto row = node.offsets.find(place.row);
    if (row == node.offsets.end()) return;
    put(row->second.response.topics[place.topic].partitions[place.partition], found,
        end_for(row->second.is_committed_only, replica), row->second.to);
    ListOffsetsWork::conclude(node, place.row, turn);
}

}  // namespace barnabas::broker::api
