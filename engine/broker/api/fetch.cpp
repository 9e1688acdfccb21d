// Fetch: committed batches, as they lie in the log, out of the file. A fetch that finds less than
// min_bytes waits, as a row, until more is committed or its time is up.
//
// Sessions (KIP-227) are not kept: every request is answered as a full one, with session id 0,
// which tells the client not to shorten the next.

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/names.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::FetchRequest;
using protocol::FetchResponse;
using PartitionData = FetchResponse::PartitionData;

bool is_committed_only(const FetchRequest& request) { return request.isolation_level == 1; }

void put_aborted(PartitionData& result, const std::vector<log::AbortedTransaction>& aborted) {
    for (const log::AbortedTransaction& one : aborted)
        result.aborted_transactions->push_back({one.producer.value(), one.first.value(), {}});
}

// A reader of committed records leaves out what was aborted: it is told of it.
void add_aborted(Node& node, FetchRow& row, Replica& replica, PartitionData& result, Offset below,
                 const LookupRow& place, Turn& turn) {
    if (!is_committed_only(row.request)) return;
    const auto& wanted = row.request.topics[place.topic].partitions[place.partition];
    const log::LookupId id = node.next_lookup({place.row, place.topic, place.partition});
    const auto aborted = replica.log.find_aborted(Offset(wanted.fetch_offset), below, id, turn);
    if (!aborted) {
        ++row.lookups;
        return;
    }
    node.lookups.erase(id);
    put_aborted(result, *aborted);
}

std::uint64_t bytes_max(const Node& node, const FetchRow& row) {
    return std::min<std::uint64_t>(std::max(row.request.max_bytes, 0), node.fetch_bytes_max);
}

// What a partition may still give out.
std::uint32_t bytes_left(const Node& node, const FetchRow& row, std::int32_t partition_max) {
    const std::uint64_t max = bytes_max(node, row);
    if (row.bytes >= max) return 0;
    return std::min(static_cast<std::uint32_t>(max - row.bytes),
                    static_cast<std::uint32_t>(std::max(partition_max, 0)));
}

// It may get its turn when it is known what the lookups under way have left.
void pass_over(FetchRow& row, const LookupRow& place) {
    const Place here{place.topic, place.partition};
    if (!row.passed_over || here < *row.passed_over) row.passed_over = here;
}

// Gives out as much of the range as there may be, of the first partition a whole batch even above
// that. A part of a batch without a whole one before it is nothing that a client can read.
void add_range(Node& node, FetchRow& row, Replica& replica, PartitionData& result,
               const log::FileRange& range, const LookupRow& place, Turn& turn) {
    if (range.length == 0) return;
    const std::uint32_t most =
        place.is_first ? std::max(place.bytes, range.first_length) : place.bytes;
    if (range.first_length > most) {
        // Where something is given out nobody waits for it, and the rest is left to the next fetch.
        if (row.ranges.empty()) return pass_over(row, place);
        return row.passed_over.reset();
    }
    const std::uint32_t length = std::min(range.length, most);
    result.records = protocol::External{row.ranges.size(), length};
    row.ranges.push_back({range.file, range.position, length});
    row.bytes += length;
    add_aborted(node, row, replica, result, range.below, place, turn);
}

// What stands in the answer whether there are records or not.
void describe_log(const FetchRow& row, const Replica& replica, Offset from, PartitionData& result) {
    const log::PartitionLog& log = replica.log;
    result.high_watermark = replica.high_watermark().value();
    result.last_stable_offset = log.last_stable_offset(replica.high_watermark()).value();
    result.log_start_offset = log.log_start_offset().value();
    if (!is_committed_only(row.request)) result.aborted_transactions.reset();
    // Between the high watermark and the log's end there is nothing to be seen yet.
    if (from >= log.log_start_offset() && from <= log.log_end_offset()) return;
    result.error_code = ErrorCode::offset_out_of_range;
    result.high_watermark = result.last_stable_offset = -1;
}

// Looks for records. Needs: the partition was described, without an error.
void read_partition(Node& node, FetchRow& row, Replica& replica,
                    const FetchRequest::FetchPartition& wanted, PartitionData& result,
                    LookupRow place, Turn& turn) {
    const bool is_committed = is_committed_only(row.request);
    const Offset from(wanted.fetch_offset);
    const Offset below(is_committed ? result.last_stable_offset : result.high_watermark);
    if (from >= below) return;
    // The first partition with data gives at least one whole batch; the others keep to the bounds.
    place.bytes = bytes_left(node, row, wanted.partition_max_bytes);
    place.is_first = row.bytes == 0;
    if (place.bytes == 0 && !place.is_first) {
        if (wanted.partition_max_bytes > 0) pass_over(row, place);
        return;
    }
    const log::LookupId id = node.next_lookup(place);
    const auto found = replica.log.locate(from, below, place.bytes, id, turn, is_committed);
    if (std::holds_alternative<log::Pending>(found)) {
        LookupRow& kept = node.lookups.at(id);
        kept.bytes = std::max(kept.bytes, 1u);  // or the next one would be the first, too
        row.bytes += kept.bytes;
        ++row.lookups;
        return;
    }
    node.lookups.erase(id);
    if (const auto* range = std::get_if<log::FileRange>(&found)) {
        add_range(node, row, replica, result, *range, place, turn);
    } else {
        result.error_code = ErrorCode::offset_out_of_range;
    }
}

template <class Visit>
void for_each_replica(Node& node, const FetchRequest& request, Visit visit) {
    for (std::uint32_t t = 0; t < request.topics.size(); ++t) {
        const auto& topic = request.topics[t];
        const metadata::Topic* known = node.find_topic(topic.topic, topic.topic_id);
        for (std::uint32_t p = 0; p < topic.partitions.size(); ++p) {
            const PartitionIndex index(topic.partitions[p].partition);
            visit(t, p, known, known ? node.replicas.find(known->name, index) : nullptr);
        }
    }
}

void unpark(Node& node, Address address, FetchRow& row) {
    if (!row.is_parked) return;
    row.is_parked = false;
    node.fetch_deadlines.erase({row.deadline, address});
    for_each_replica(node, row.request, [&](auto, auto, auto, Replica* replica) {
        if (replica) std::erase(replica->fetch_waits, address);
    });
}

void park(Node& node, Address address, FetchRow& row, Turn& turn) {
    row.is_parked = true;
    row.response = {};
    row.ranges.clear();
    const bool is_next =
        node.fetch_deadlines.empty() || row.deadline < node.fetch_deadlines.begin()->first;
    node.fetch_deadlines.insert({row.deadline, address});
    if (is_next) turn.ask(effect::ArmTimer{names::fetch_deadline, row.deadline});
    for_each_replica(node, row.request, [&](auto, auto, auto, Replica* replica) {
        if (replica) replica->fetch_waits.push_back(address);
    });
}

// Lookups that needed no look into a file have their answers already; the last one concludes.
void answer_fetch_at_once(Node& node, const FetchRequest& request, Turn& turn) {
    std::vector<Replica*> asked;
    for_each_replica(node, request, [&](auto, auto, auto, Replica* replica) {
        if (replica) asked.push_back(replica);
    });
    for (Replica* replica : asked) answer_lookups(node, *replica, turn);
}

// The lookups have left something for partitions that were passed over.
void read_passed_over(Node& node, Address address, Turn& turn) {
    FetchRow& row = node.fetches.at(address);
    const Place begin = *std::exchange(row.passed_over, std::nullopt);
    for_each_replica(node, row.request, [&](auto t, auto p, auto*, Replica* replica) {
        PartitionData& result = row.response.responses[t].partitions[p];
        const bool is_due = Place{t, p} >= begin && result.error_code == ErrorCode::none &&
                            result.records.size() == 0;
        if (!is_due || node.standing(replica) != ErrorCode::none) return;
        read_partition(node, row, *replica, row.request.topics[t].partitions[p], result,
                       {address, t, p}, turn);
        row.has_error |= result.error_code != ErrorCode::none;
    });
}

// Answers when there is enough, an error or no time left; else waits.
void conclude(Node& node, Address address, bool is_last_try, Turn& turn) {
    FetchRow& row = node.fetches.at(address);
    if (row.lookups > 0) return;
    while (row.lookups == 0 && row.passed_over && row.bytes < bytes_max(node, row))
        read_passed_over(node, address, turn);
    if (row.lookups > 0) return answer_fetch_at_once(node, row.request, turn);
    const bool has_enough = row.has_error || row.bytes >= static_cast<std::uint64_t>(
                                                              std::max(row.request.min_bytes, 0));
    const bool may_wait = row.request.max_wait_ms > 0 && !row.request.topics.empty();
    if (!has_enough && may_wait && !is_last_try && turn.now < row.deadline && !node.is_stopping) {
        return park(node, address, row, turn);
    }
    node.reply(row.to, row.response, turn, row.ranges);
    node.fetches.erase(address);
}

void attempt(Node& node, Address address, bool is_last_try, Turn& turn) {
    FetchRow& row = node.fetches.at(address);
    unpark(node, address, row);
    row.response = {};
    row.ranges.clear();
    row.bytes = 0;
    row.passed_over.reset();
    row.has_error = false;
    for (const auto& topic : row.request.topics) {
        auto& results = row.response.responses.emplace_back();
        results.topic = topic.topic;
        results.topic_id = topic.topic_id;
        results.partitions.resize(topic.partitions.size());
    }
    for_each_replica(node, row.request, [&](auto t, auto p, auto* known, Replica* replica) {
        const auto& topic = row.request.topics[t];
        const auto& wanted = topic.partitions[p];
        PartitionData& result = row.response.responses[t].partitions[p];
        result.partition_index = wanted.partition;
        result.records = Bytes();
        result.error_code = node.standing(replica);
        if (!known && !topic.topic_id.is_zero()) result.error_code = ErrorCode::unknown_topic_id;
        if (result.error_code == ErrorCode::none) {
            result.error_code = replica->check_epoch(wanted.current_leader_epoch);
        }
        if (result.error_code == ErrorCode::none) {
            describe_log(row, *replica, Offset(wanted.fetch_offset), result);
        } else {
            result.high_watermark = -1;
        }
        if (result.error_code == ErrorCode::none) {
            read_partition(node, row, *replica, wanted, result, {address, t, p}, turn);
        }
        row.has_error |= result.error_code != ErrorCode::none;
    });
    if (row.lookups == 0) return conclude(node, address, is_last_try, turn);
    answer_fetch_at_once(node, row.request, turn);
}

}  // namespace

void fetch(Node& node, const Call& call, const FetchRequest& request, Turn& turn) {
    const Address address = call.to.address;
    FetchRow row;
    row.to = call.to;
    row.request = request;
    row.deadline = turn.now + std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
    if (request.session_id != 0) {
        FetchResponse response;
        response.error_code = ErrorCode::fetch_session_id_not_found;
        return node.reply(call.to, response, turn);
    }
    node.fetches.emplace(address, std::move(row));
    attempt(node, address, false, turn);
}

void on_fetch_found(Node& node, Replica& replica, const LookupRow& place, const log::Found& found,
                    Turn& turn) {
    const auto row = node.fetches.find(place.row);
    if (row == node.fetches.end()) return;
    PartitionData& result = row->second.response.responses[place.topic].partitions[place.partition];
    --row->second.lookups;
    row->second.bytes -= place.bytes;
    if (const auto* range = std::get_if<log::FileRange>(&found.what)) {
        LookupRow now = place;
        now.bytes = bytes_left(node, row->second, static_cast<std::int32_t>(place.bytes));
        add_range(node, row->second, replica, result, *range, now, turn);
    } else if (const auto* aborted =
                   std::get_if<std::vector<log::AbortedTransaction>>(&found.what)) {
        put_aborted(result, *aborted);
    } else {
        // Records without the list of those to leave out would be taken for committed ones.
        result.records = Bytes();
        result.error_code = std::holds_alternative<log::OutOfRange>(found.what)
                                ? ErrorCode::offset_out_of_range
                                : ErrorCode::kafka_storage_error;
        row->second.has_error = true;
    }
    conclude(node, place.row, false, turn);
}

void wake_fetches(Node& node, Replica& replica, bool is_more_stable, Turn& turn) {
    for (const Address address : std::exchange(replica.fetch_waits, {})) {
        const auto row = node.fetches.find(address);
        if (row == node.fetches.end()) continue;
        if (is_more_stable || !is_committed_only(row->second.request))
            attempt(node, address, false, turn);
        else
            replica.fetch_waits.push_back(address);  // nothing new that it may see
    }
}

void on_fetch_deadline(Node& node, Turn& turn) {
    while (!node.fetch_deadlines.empty() && node.fetch_deadlines.begin()->first <= turn.now) {
        attempt(node, node.fetch_deadlines.begin()->second, true, turn);
    }
    if (node.fetch_deadlines.empty()) return;
    turn.ask(effect::ArmTimer{names::fetch_deadline, node.fetch_deadlines.begin()->first});
}

void answer_all_fetches(Node& node, Turn& turn) {
    while (!node.fetch_deadlines.empty()) {
        attempt(node, node.fetch_deadlines.begin()->second, true, turn);
    }
}

void forget_fetches(Node& node, ConnectionId connection) {
    auto at = node.fetches.lower_bound({connection, 0});
    while (at != node.fetches.end() && at->first.connection == connection) {
        unpark(node, at->first, at->second);
        at = node.fetches.erase(at);
    }
}

}  // namespace barnabas::broker::api
