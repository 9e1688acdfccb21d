// Fetch: committed batches, as they lie in the log, out of the file. A fetch that finds less than
// min_bytes waits, as a row, until more is committed or its time is up.
//
// Sessions (KIP-227) are not kept: every request is answered as a full one, with session id 0,
// which tells the client not to shorten the next.

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
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
    const std::uint32_t most = place.is_first ? std::max(place.bytes, range.first_length)
                                              : place.bytes;
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

// Needs: the partition was described, without an error.
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

// Looks for records. Lookups that needed no look into a file have their answers at once.
void look(Node& node, FetchRow& row, Replica& replica, const FetchRequest::FetchPartition& wanted,
          PartitionData& result, const LookupRow& place, Turn& turn) {
    const std::uint32_t before = row.lookups;
    read_partition(node, row, replica, wanted, result, place, turn);
    if (row.lookups > before) answer_lookups(node, replica, turn);
}

// The request's partitions from where the row stands, as far as the slice goes: true when all had
// their turn. A short row never stops between two.
template <class BeginTopic, class Visit>
bool visit_partitions(Node& node, FetchRow& row, Slice& slice, BeginTopic begin_topic,
                      Visit visit) {
    Place& at = row.at;
    for (; at.topic < row.request.topics.size(); at = {at.topic + 1, 0}) {
        if (slice.is_over()) return false;
        slice.take();
        const auto& topic = row.request.topics[at.topic];
        begin_topic(topic);
        const metadata::Topic* known = node.find_topic(topic.topic, topic.topic_id);
        for (; at.partition < topic.partitions.size(); ++at.partition) {
            if (slice.is_over()) return false;
            slice.take();
            const PartitionIndex index(topic.partitions[at.partition].partition);
            visit(topic, topic.partitions[at.partition], known,
                  known ? node.replicas.find(known->name, index) : nullptr);
        }
    }
    return true;
}

template <class Visit>
bool visit_replicas(Node& node, FetchRow& row, Slice& slice, Visit visit) {
    return visit_partitions(node, row, slice, [](auto&) {},
                      [&](auto&, auto&, auto*, Replica* replica) {
                          if (replica) visit(*replica);
                      });
}

// The rows that are due, in turns: each goes on for a slice.
class DueFetches : public Job {
  public:
    std::unique_ptr<Job> copy() const override { return std::make_unique<DueFetches>(*this); }
    bool advance(Node& node, Turn& turn) override;
};

void be_due(Node& node, Address address, Turn& turn) {
    node.due_fetches.push_back(address);
    if (!std::exchange(node.are_fetches_due, true)) node.jobs.add(DueFetches(), turn);
}

// So many steps a look at all of it takes.
std::size_t steps_of(const FetchRequest& request) {
    std::size_t steps = request.topics.size() + 1;
    for (const auto& topic : request.topics) steps += topic.partitions.size();
    return steps;
}

void drop_response(Node& node, FetchRow& row, Turn& turn) {
    if (row.is_long()) let_go(node, std::move(row.response), turn);
    row.response = {};
    row.ranges.clear();
}

void leave(Node& node, Address address, FetchRow& row, Turn& turn) {
    if (row.stage == FetchRow::Stage::parked) node.fetch_deadlines.erase({row.deadline, address});
    row.stage = FetchRow::Stage::leaving;
    row.at = {};
    if (row.is_long()) return be_due(node, address, turn);
    Slice slice;
    if (row.is_registered) {
        visit_replicas(node, row, slice,
                       [&](Replica& replica) { std::erase(replica.fetch_waits, address); });
    }
    node.fetches.erase(address);
}

// From here on the row is told of what comes to its partitions. A long one is, since it has looked
// at each.
void line_up(Node& node, Address address, FetchRow& row) {
    if (row.is_long() || std::exchange(row.is_registered, true)) return;
    const Place at = std::exchange(row.at, {});
    Slice slice;
    visit_replicas(node, row, slice,
                   [&](Replica& replica) { replica.fetch_waits.push_back(address); });
    row.at = at;
}

void park(Node& node, Address address, FetchRow& row, Turn& turn) {
    row.stage = FetchRow::Stage::parked;
    drop_response(node, row, turn);
    const bool is_next =
        node.fetch_deadlines.empty() || row.deadline < node.fetch_deadlines.begin()->first;
    node.fetch_deadlines.insert({row.deadline, address});
    if (is_next) turn.ask(effect::ArmTimer{names::fetch_deadline, row.deadline});
    line_up(node, address, row);
}

void begin_attempt(Node& node, Address address, FetchRow& row, Turn& turn) {
    if (row.stage == FetchRow::Stage::parked) node.fetch_deadlines.erase({row.deadline, address});
    row.stage = FetchRow::Stage::attempting;
    row.at = {};
    row.has_news = false;
    drop_response(node, row, turn);
    row.response.responses.reserve(row.request.topics.size());
    row.bytes = 0;
    row.passed_over.reset();
    row.has_error = false;
    row.lookups = 1;  // until all partitions were looked at
}

bool attempt_some(Node& node, Address address, FetchRow& row, Slice& slice, Turn& turn) {
    const auto begin_topic = [&](const FetchRequest::FetchTopic& topic) {
        if (row.response.responses.size() > row.at.topic) return;
        auto& results = row.response.responses.emplace_back();
        results.topic = topic.topic;
        results.topic_id = topic.topic_id;
        results.partitions.reserve(topic.partitions.size());
    };
    const auto visit = [&](const auto& topic, const auto& wanted, auto* known, Replica* replica) {
        PartitionData& result = row.response.responses.back().partitions.emplace_back();
        result.partition_index = wanted.partition;
        result.records = Bytes();
        result.error_code = node.standing(replica);
        if (!known && !topic.topic_id.is_zero()) result.error_code = ErrorCode::unknown_topic_id;
        if (result.error_code == ErrorCode::none)
            result.error_code = replica->check_epoch(wanted.current_leader_epoch);
        if (result.error_code == ErrorCode::none) {
            describe_log(row, *replica, Offset(wanted.fetch_offset), result);
        } else {
            result.high_watermark = -1;
        }
        // A short row lines up when it parks, in the same turn; to a long one there may come more
        // before it has looked at everything.
        if (row.is_long() && !row.is_registered && replica)
            replica->fetch_waits.push_back(address);
        if (result.error_code == ErrorCode::none)
            look(node, row, *replica, wanted, result,
                 {address, row.at.topic, row.at.partition}, turn);
        row.has_error |= result.error_code != ErrorCode::none;
    };
    if (!visit_partitions(node, row, slice, begin_topic, visit)) return false;
    row.is_registered |= row.is_long();
    return true;
}

// The lookups have left something for partitions that were passed over.
bool read_passed_over(Node& node, Address address, FetchRow& row, Slice& slice, Turn& turn) {
    bool is_used_up = false;
    const auto visit = [&](const auto&, const auto& wanted, auto*, Replica* replica) {
        const LookupRow place{address, row.at.topic, row.at.partition};
        PartitionData& result = row.response.responses[place.topic].partitions[place.partition];
        const bool is_due = result.error_code == ErrorCode::none && result.records.size() == 0;
        if (!is_due || is_used_up || node.standing(replica) != ErrorCode::none) return;
        if (row.bytes >= bytes_max(node, row)) {
            is_used_up = true;
            return pass_over(row, place);
        }
        look(node, row, *replica, wanted, result, place, turn);
        row.has_error |= result.error_code != ErrorCode::none;
    };
    return visit_partitions(node, row, slice, [](auto&) {}, visit) || is_used_up;
}

// Answers when there is enough, an error or no time left; else waits. Needs: no lookup is left.
void conclude_fetch(Node& node, Address address, FetchRow& row, Turn& turn) {
    const bool has_enough = row.has_error || row.bytes >= static_cast<std::uint64_t>(
                                                              std::max(row.request.min_bytes, 0));
    const bool may_wait = row.request.max_wait_ms > 0 && !row.request.topics.empty();
    if (!has_enough && may_wait && turn.now < row.deadline && !node.is_stopping) {
        if (!row.has_news) return park(node, address, row, turn);
        begin_attempt(node, address, row, turn);
        return be_due(node, address, turn);
    }
    node.reply(row.to, std::exchange(row.response, {}), turn, std::exchange(row.ranges, {}));
    leave(node, address, row, turn);
}

void go_on(Node& node, Address address, Slice& slice, Turn& turn);

// One of those that the answer waits for is there.
void on_one_less(Node& node, Address address, FetchRow& row, Slice& slice, Turn& turn) {
    if (--row.lookups > 0) return;
    if (!row.passed_over || row.bytes >= bytes_max(node, row))
        return conclude_fetch(node, address, row, turn);
    row.stage = FetchRow::Stage::passing;
    row.at = *std::exchange(row.passed_over, std::nullopt);
    row.lookups = 1;
    go_on(node, address, slice, turn);
}

// For a slice.
void go_on(Node& node, Address address, Slice& slice, Turn& turn) {
    using Stage = FetchRow::Stage;
    FetchRow& row = node.fetches.at(address);
    bool is_done = false;
    switch (row.stage) {
        case Stage::attempting: is_done = attempt_some(node, address, row, slice, turn); break;
        case Stage::passing: is_done = read_passed_over(node, address, row, slice, turn); break;
        case Stage::leaving:
            is_done = visit_replicas(node, row, slice, [&](Replica& replica) {
                std::erase(replica.fetch_waits, address);
            });
            break;
        case Stage::asking:
        case Stage::parked: return;
    }
    // What comes before it is looked at again must not be missed.
    if (row.stage != Stage::leaving && (!is_done || row.lookups > 1)) line_up(node, address, row);
    if (!is_done) return be_due(node, address, turn);
    if (row.stage == Stage::leaving) {
        let_go(node, std::move(row.request), turn);
        drop_response(node, row, turn);
        node.fetches.erase(address);
        return;
    }
    row.stage = Stage::asking;
    on_one_less(node, address, row, slice, turn);
}

// At once while the slice goes that far, else in its turn.
void attempt(Node& node, Address address, FetchRow& row, Slice& slice, Turn& turn) {
    begin_attempt(node, address, row, turn);
    if (row.steps > slice.rows() && !slice.is_fresh()) return be_due(node, address, turn);
    go_on(node, address, slice, turn);
}

bool DueFetches::advance(Node& node, Turn& turn) {
    Slice slice;
    for (std::size_t left = node.due_fetches.size(); left > 0 && !slice.is_over(); --left) {
        const Address address = node.due_fetches.front();
        const auto row = node.fetches.find(address);
        const bool is_there = row != node.fetches.end();
        if (is_there && row->second.steps > slice.rows() && !slice.is_fresh()) break;
        node.due_fetches.pop_front();
        if (is_there) go_on(node, address, slice, turn);
    }
    return node.are_fetches_due = !node.due_fetches.empty();
}

struct FetchWork {
    using Request = FetchRequest;

    explicit FetchWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        if (request.session_id != 0) {
            FetchResponse response;
            response.error_code = ErrorCode::fetch_session_id_not_found;
            node.reply(to, std::move(response), turn);
            return true;
        }
        FetchRow& row = node.fetches[to.address];
        row.to = to;
        row.deadline = turn.now + std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
        row.request = std::move(request);
        row.steps = steps_of(row.request);
        begin_attempt(node, to.address, row, turn);
        go_on(node, to.address, slice, turn);
        return true;
    }

    ReturnAddress to;
    Request request;
};

}  // namespace

void fetch(Node& node, const Call& call, Turn& turn) { begin_work<FetchWork>(node, call, turn); }

void on_fetch_found(Node& node, Replica& replica, const LookupRow& place, const log::Found& found,
                    Turn& turn) {
    const auto at = node.fetches.find(place.row);
    if (at == node.fetches.end() || at->second.stage == FetchRow::Stage::leaving) return;
    FetchRow& row = at->second;
    PartitionData& result = row.response.responses[place.topic].partitions[place.partition];
    row.bytes -= place.bytes;
    if (const auto* range = std::get_if<log::FileRange>(&found.what)) {
        LookupRow now = place;
        now.bytes = bytes_left(node, row, static_cast<std::int32_t>(place.bytes));
        add_range(node, row, replica, result, *range, now, turn);
    } else if (const auto* aborted =
                   std::get_if<std::vector<log::AbortedTransaction>>(&found.what)) {
        put_aborted(result, *aborted);
    } else {
        // Records without the list of those to leave out would be taken for committed ones.
        result.records = Bytes();
        result.error_code = std::holds_alternative<log::OutOfRange>(found.what)
                                ? ErrorCode::offset_out_of_range
                                : ErrorCode::kafka_storage_error;
        row.has_error = true;
    }
    Slice slice;
    on_one_less(node, place.row, row, slice, turn);
}

// Those that a slice does not reach have their turn soon.
void wake_fetches(Node& node, Replica& replica, bool is_more_stable, Turn& turn) {
    Slice slice;
    for (const Address address : std::exchange(replica.fetch_waits, {})) {
        const auto found = node.fetches.find(address);
        if (found == node.fetches.end()) continue;
        FetchRow& row = found->second;
        const bool has_news = is_more_stable || !is_committed_only(row.request);
        if (row.stage != FetchRow::Stage::parked) {
            row.has_news |= has_news;
        } else if (has_news) {
            attempt(node, address, row, slice, turn);
            if (!node.fetches.contains(address)) continue;
        }
        replica.fetch_waits.push_back(address);
    }
}

void on_fetch_deadline(Node& node, Turn& turn) {
    Slice slice;
    while (!node.fetch_deadlines.empty() && node.fetch_deadlines.begin()->first <= turn.now) {
        const Address address = node.fetch_deadlines.begin()->second;
        attempt(node, address, node.fetches.at(address), slice, turn);
    }
    if (node.fetch_deadlines.empty()) return;
    turn.ask(effect::ArmTimer{names::fetch_deadline, node.fetch_deadlines.begin()->first});
}

void answer_all_fetches(Node& node, Turn& turn) {
    while (!node.fetch_deadlines.empty()) {
        Slice slice;
        const Address address = node.fetch_deadlines.begin()->second;
        attempt(node, address, node.fetches.at(address), slice, turn);
    }
}

void forget_fetches(Node& node, ConnectionId connection, Turn& turn) {
    auto at = node.fetches.lower_bound({connection, 0});
    while (at != node.fetches.end() && at->first.connection == connection) {
        const auto row = at++;
        if (row->second.stage != FetchRow::Stage::leaving)
            leave(node, row->first, row->second, turn);
    }
}

}  // namespace barnabas::broker::api
