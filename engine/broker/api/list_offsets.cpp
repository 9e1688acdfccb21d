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

// What is asked of the partition.
replication::FindOffset question_of(const ListOffsetsRequest::ListOffsetsPartition& wanted,
                                    bool is_committed_only) {
    using What = replication::FindOffset::What;
    What what = What::timestamp;
    switch (wanted.timestamp) {
        case latest: what = What::latest; break;
        case earliest:
        case earliest_local: what = What::earliest; break;
        case latest_tiered:
        case earliest_pending_upload: what = What::nothing; break;  // nothing is tiered
        case largest_timestamp: what = What::largest_timestamp; break;
        default: break;
    }
    return {what, wanted.timestamp, wanted.current_leader_epoch, is_committed_only};
}

void put(OffsetsResult& result, const replication::FoundOffset& found, const ReturnAddress& to) {
    result.error_code = found.code;
    if (!found.epoch) return;
    result.timestamp = found.timestamp;
    put(result, found.offset, *found.epoch, to);
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
        if (!std::exchange(is_begun, true)) {
            Gather& gather = node.gathers.add(to.address);
            gather.to = to;
            gather.unanswered = 1;  // until all are asked for
            gather.of.emplace<OffsetsGather>();
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
        Gather& gather = node.gathers.at(to.address);
        auto& topics = std::get<OffsetsGather>(gather.of).response.topics;
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
            result.error_code = asked.is_doubled
                                    ? ErrorCode::invalid_request
                                    : check_question(asked.question, request.isolation_level,
                                                     to.api_version);
            if (result.error_code == ErrorCode::none) ask(node, name, asked, topics.size(), turn);
            partitions.erase(partitions.begin());
        }
        if (partitions.empty()) asked_for.erase(asked_for.begin());
    }

    void ask(Node& node, std::string_view topic, const Asked& asked, std::size_t topics,
             Turn& turn) {
        Gather& gather = node.gathers.at(to.address);
        auto& results = std::get<OffsetsGather>(gather.of).response.topics.back().partitions;
        const Place place{static_cast<std::uint32_t>(topics - 1),
                          static_cast<std::uint32_t>(results.size() - 1)};
        records::Effort none(0);
        const auto answer = node.partitions.ask(
            asker_of(to.address, place, 0),
            place_of(node, topic, {}).slot(asked.question.partition_index),
            question_of(asked.question, request.isolation_level == 1), none, turn);
        if (answer) return put(results.back(), std::get<replication::FoundOffset>(*answer), to);
        ++gather.unanswered;
        deliver(node, turn);  // where no look into a file was needed
    }

    // One of those that the answer waits for is there.
    static void conclude(Node& node, Address address, Turn& turn) {
        const auto row = node.gathers.find(address);
        if (row == node.gathers.end() || --row->second.unanswered > 0) return;
        auto& of = std::get<OffsetsGather>(row->second.of);
        node.reply(row->second.to, std::move(of.response), turn);
        node.gathers.erase(row);
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

void on_offset_found(Node& node, const replication::Asker& asker,
                     const replication::FoundOffset& found, Turn& turn) {
    const auto row = node.gathers.find(address_of(asker));
    if (row == node.gathers.end()) return;
    auto& topics = std::get<OffsetsGather>(row->second.of).response.topics;
    put(topics[asker.topic].partitions[asker.partition], found, row->second.to);
    ListOffsetsWork::conclude(node, row->first, turn);
}

void forget_offsets(Node& node, ConnectionId connection, Turn& turn) {
    auto at = node.gathers.lower_bound({connection, 0});
    while (at != node.gathers.end() && at->first.connection == connection) {
        auto* of = std::get_if<OffsetsGather>(&at->second.of);
        if (of) let_go(node, std::move(of->response), turn);
        at = of ? node.gathers.erase(at) : std::next(at);
    }
}

}  // namespace barnabas::broker::api
