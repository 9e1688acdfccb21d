// Fetch: committed batches, as they lie in the log, out of the file. A fetch that finds less than
// min_bytes waits, as a row that watches its partitions, until more is committed or its time is up.
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
using Stage = FetchGather::Stage;

// One that is worked on.
struct Fetch {
    Node& node;
    Address address;
    Gather& gather;
    FetchGather& of;
    Turn& turn;
};

Fetch fetch_of(Node& node, Address address, Turn& turn) {
    Gather& gather = node.gathers.at(address);
    return {node, address, gather, std::get<FetchGather>(gather.of), turn};
}

bool is_committed_only(const FetchGather& of) { return of.request.isolation_level == 1; }

std::uint64_t bytes_max(const Fetch& fetch) {
    return std::min<std::uint64_t>(std::max(fetch.of.request.max_bytes, 0),
                                   fetch.node.fetch_bytes_max);
}

// What a partition may still give out.
std::uint32_t bytes_left(const Fetch& fetch, std::uint32_t partition_max) {
    const std::uint64_t max = bytes_max(fetch);
    if (fetch.of.bytes >= max) return 0;
    return std::min(static_cast<std::uint32_t>(max - fetch.of.bytes), partition_max);
}

const FetchRequest::FetchPartition& wanted_at(const FetchGather& of, const Place& place) {
    return of.request.topics[place.topic].partitions[place.partition];
}

// What stands in the answer whether there are records or not.
void describe(const FetchGather& of, const replication::Read& read, PartitionData& result) {
    result.error_code = read.code;
    result.high_watermark = read.high_watermark.value();
    result.last_stable_offset = read.last_stable.value();
    result.log_start_offset = read.log_start.value();
    const bool is_of_log =
        read.log_start >= Offset(0) || read.code == ErrorCode::offset_out_of_range;
    if (is_of_log && !is_committed_only(of)) result.aborted_transactions.reset();
}

// Gives out as much of the range as there may be, of the first partition a whole batch even above
// that. A part of a batch without a whole one before it is nothing that a client can read.
void give_out(Fetch& fetch, const replication::Read& read, const Place& place,
              std::uint32_t number, PartitionData& result) {
    const auto& range = read.range;
    const bool may_have_more =
        read.has_records && wanted_at(fetch.of, place).partition_max_bytes > 0;
    if (range.length == 0) {
        if (may_have_more && read.bytes_max == 0 && !read.is_first)
            fetch.of.passed_over.push_back({place, number});
        return;
    }
    const std::uint32_t bytes = bytes_left(fetch, read.bytes_max);
    const std::uint32_t most = read.is_first ? std::max(bytes, range.first_length) : bytes;
    if (range.first_length > most) {
        // Where something is given out nobody waits for it, and the rest is left to the next fetch.
        if (fetch.of.ranges.empty()) return fetch.of.passed_over.push_back({place, number});
        return fetch.of.passed_over.clear();
    }
    const std::uint32_t length = std::min(range.length, most);
    result.records = protocol::External{fetch.of.ranges.size(), length};
    fetch.of.ranges.push_back({range.file, range.position, length});
    fetch.of.bytes += length;
    // A reader of committed records leaves out what was aborted: it is told of it.
    if (!is_committed_only(fetch.of)) return;
    for (const auto& one : read.aborted)
        result.aborted_transactions->push_back({one.producer.value(), one.first.value(), {}});
}

// So many bytes are set aside for a partition that answers later: at least one, or the next
// partition would be the first, too.
std::uint64_t set_aside(std::uint32_t bytes) { return std::max(bytes, 1u); }

void put(Fetch& fetch, const replication::Read& read, const Place& place, std::uint32_t number) {
    PartitionData& result = fetch.of.response.responses[place.topic].partitions[place.partition];
    describe(fetch.of, read, result);
    if (read.code == ErrorCode::none) return give_out(fetch, read, place, number, result);
    result.records = Bytes();
    fetch.of.has_error = true;
}

// The first partition with data gives at least one whole batch; the others keep to the bounds.
void ask(Fetch& fetch, const Place& place, std::uint32_t number) {
    const auto& wanted = wanted_at(fetch.of, place);
    const auto partition_max = static_cast<std::uint32_t>(std::max(wanted.partition_max_bytes, 0));
    const replication::ReadFrom from{Offset(wanted.fetch_offset), wanted.current_leader_epoch,
                                     bytes_left(fetch, partition_max), fetch.of.bytes == 0,
                                     is_committed_only(fetch.of)};
    records::Effort none(0);
    const auto answer = fetch.node.partitions.ask(asker_of(fetch.address, place, number),
                                                  fetch.of.watched[number].slot, from, none,
                                                  fetch.turn);
    if (answer) return put(fetch, std::get<replication::Read>(*answer), place, number);
    fetch.of.bytes += set_aside(from.bytes_max);
    ++fetch.gather.unanswered;
    deliver(fetch.node, fetch.turn);  // where no look into a file was needed
}

// The rows that are due, in turns: each goes on for a slice.
class DueFetches : public Job {
  public:
    std::unique_ptr<Job> copy() const override { return std::make_unique<DueFetches>(*this); }
    bool advance(Node& node, Turn& turn) override;
};

void be_due(Fetch& fetch) {
    fetch.node.due_fetches.push_back(fetch.address);
    if (!std::exchange(fetch.node.are_fetches_due, true))
        fetch.node.jobs.add(DueFetches(), fetch.turn);
}

// So many steps a look at all of it takes.
std::size_t steps_of(const FetchRequest& request) {
    std::size_t steps = request.topics.size() + 1;
    for (const auto& topic : request.topics) steps += topic.partitions.size();
    return steps;
}

void drop_response(Fetch& fetch) {
    if (fetch.of.is_long()) let_go(fetch.node, std::move(fetch.of.response), fetch.turn);
    fetch.of.response = {};
    fetch.of.ranges.clear();
}

// True when no partition is watched any more.
bool unwatch_some(Fetch& fetch, Slice& slice) {
    for (; fetch.of.number < fetch.of.watched.size(); ++fetch.of.number) {
        if (slice.is_over()) return false;
        slice.take();
        FetchGather::Watched& one = fetch.of.watched[fetch.of.number];
        fetch.node.partitions.unwatch(one.slot, std::exchange(one.watch, replication::no_watch));
    }
    return true;
}

void leave(Fetch& fetch) {
    if (fetch.of.stage == Stage::parked)
        fetch.node.fetch_deadlines.erase({fetch.gather.deadline, fetch.address});
    fetch.of.stage = Stage::leaving;
    fetch.of.number = 0;
    if (fetch.of.is_long()) return be_due(fetch);
    Slice slice;
    unwatch_some(fetch, slice);
    fetch.node.gathers.erase(fetch.address);
}

void watch(Fetch& fetch, FetchGather::Watched& one) {
    auto& partitions = fetch.node.partitions;
    if (partitions.is_watched(one.watch)) return;
    partitions.unwatch(one.slot, one.watch);
    one.watch = partitions.watch(one.slot, asker_of(fetch.address, {}, 0));
}

// From here on the row is told of what comes to its partitions. A long one is, since it has looked
// at each.
void line_up(Fetch& fetch) {
    if (fetch.of.is_long() || std::exchange(fetch.of.is_watching, true)) return;
    for (FetchGather::Watched& one : fetch.of.watched) watch(fetch, one);
}

void park(Fetch& fetch) {
    fetch.of.stage = Stage::parked;
    drop_response(fetch);
    auto& deadlines = fetch.node.fetch_deadlines;
    const Instant deadline = fetch.gather.deadline;
    const bool is_next = deadlines.empty() || deadline < deadlines.begin()->first;
    deadlines.insert({deadline, fetch.address});
    if (is_next) fetch.turn.ask(effect::ArmTimer{names::fetch_deadline, deadline});
    line_up(fetch);
}

void begin_attempt(Fetch& fetch) {
    FetchGather& of = fetch.of;
    if (of.stage == Stage::parked)
        fetch.node.fetch_deadlines.erase({fetch.gather.deadline, fetch.address});
    of.stage = Stage::attempting;
    of.at = {};
    of.number = 0;
    if (std::exchange(of.has_news, false)) of.is_watching = false;  // some may be lost, and back
    drop_response(fetch);
    of.response.responses.reserve(of.request.topics.size());
    of.bytes = 0;
    of.passed_over.clear();
    of.has_error = false;
    fetch.gather.unanswered = 1;  // until all partitions were asked
}

void attempt_at(Fetch& fetch, const FetchRequest::FetchTopic& topic, const TopicPlace& place) {
    FetchGather& of = fetch.of;
    const auto& wanted = topic.partitions[of.at.partition];
    PartitionData& result = of.response.responses.back().partitions.emplace_back();
    result.partition_index = wanted.partition;
    result.records = Bytes();
    // Where a partition stands is found once.
    if (of.number == of.watched.size()) of.watched.push_back({place.slot(wanted.partition)});
    if (place.is_unknown_id) {
        result.error_code = ErrorCode::unknown_topic_id;
        result.high_watermark = -1;
        of.has_error = true;
        return;
    }
    // A short row lines up when it parks, in the same turn; to a long one there may come more
    // before it has looked at everything.
    if (of.is_long() && !of.is_watching) watch(fetch, of.watched[of.number]);
    ask(fetch, of.at, of.number);
}

// The request's partitions, as far as the slice goes: true when all had their turn. A short row
// never stops between two.
bool attempt_some(Fetch& fetch, Slice& slice) {
    FetchGather& of = fetch.of;
    for (; of.at.topic < of.request.topics.size(); of.at = {of.at.topic + 1, 0}) {
        if (slice.is_over()) return false;
        slice.take();
        const auto& topic = of.request.topics[of.at.topic];
        if (of.response.responses.size() == of.at.topic) {
            auto& results = of.response.responses.emplace_back();
            results.topic = topic.topic;
            results.topic_id = topic.topic_id;
            results.partitions.reserve(topic.partitions.size());
        }
        const TopicPlace place = place_of(fetch.node, topic.topic, topic.topic_id);
        for (; of.at.partition < topic.partitions.size(); ++of.at.partition, ++of.number) {
            if (slice.is_over()) return false;
            slice.take();
            attempt_at(fetch, topic, place);
        }
    }
    of.is_watching |= of.is_long();
    return true;
}

// Those that were looked up have left something for partitions that were passed over.
bool read_passed_over(Fetch& fetch, Slice& slice) {
    FetchGather& of = fetch.of;
    for (; of.number < of.passing.size(); ++of.number) {
        if (slice.is_over()) return false;
        slice.take();
        const FetchGather::PassedOver one = of.passing[of.number];
        if (of.bytes < bytes_max(fetch)) {
            ask(fetch, one.place, one.number);
        } else {
            of.passed_over.assign(of.passing.begin() + of.number, of.passing.end());
            break;
        }
    }
    of.passing.clear();
    return true;
}

// Answers when there is enough, an error or no time left; else waits. Needs: all have answered.
void conclude(Fetch& fetch) {
    FetchGather& of = fetch.of;
    const auto enough = static_cast<std::uint64_t>(std::max(of.request.min_bytes, 0));
    const bool has_enough = of.has_error || of.bytes >= enough;
    const bool may_wait = of.request.max_wait_ms > 0 && !of.request.topics.empty();
    const bool has_time = fetch.turn.now < fetch.gather.deadline && !fetch.node.is_stopping;
    if (!has_enough && may_wait && has_time) {
        if (!of.has_news) return park(fetch);
        begin_attempt(fetch);
        return be_due(fetch);
    }
    fetch.node.reply(fetch.gather.to, std::exchange(of.response, {}), fetch.turn,
                     std::exchange(of.ranges, {}));
    leave(fetch);
}

void go_on(Fetch& fetch, Slice& slice);

// One of those that the answer waits for is there.
void on_one_less(Fetch& fetch, Slice& slice) {
    if (--fetch.gather.unanswered > 0) return;
    FetchGather& of = fetch.of;
    if (of.passed_over.empty() || of.bytes >= bytes_max(fetch)) return conclude(fetch);
    of.stage = Stage::passing;
    of.passing = std::exchange(of.passed_over, {});
    of.number = 0;
    fetch.gather.unanswered = 1;
    go_on(fetch, slice);
}

// For a slice.
void go_on(Fetch& fetch, Slice& slice) {
    FetchGather& of = fetch.of;
    bool is_done = false;
    switch (of.stage) {
        case Stage::attempting: is_done = attempt_some(fetch, slice); break;
        case Stage::passing: is_done = read_passed_over(fetch, slice); break;
        case Stage::leaving: is_done = unwatch_some(fetch, slice); break;
        case Stage::asking:
        case Stage::parked: return;
    }
    // What comes before it is looked at again must not be missed.
    const bool goes_on_later = !is_done || fetch.gather.unanswered > 1;
    if (of.stage != Stage::leaving && goes_on_later) line_up(fetch);
    if (!is_done) return be_due(fetch);
    if (of.stage == Stage::leaving) {
        let_go(fetch.node, std::move(of.request), fetch.turn);
        drop_response(fetch);
        fetch.node.gathers.erase(fetch.address);
        return;
    }
    of.stage = Stage::asking;
    on_one_less(fetch, slice);
}

// At once while the slice goes that far, else in its turn.
void attempt(Fetch& fetch, Slice& slice) {
    begin_attempt(fetch);
    if (fetch.of.steps > slice.rows() && !slice.is_fresh()) return be_due(fetch);
    go_on(fetch, slice);
}

bool DueFetches::advance(Node& node, Turn& turn) {
    Slice slice;
    for (std::size_t left = node.due_fetches.size(); left > 0 && !slice.is_over(); --left) {
        const Address address = node.due_fetches.front();
        const auto row = node.gathers.find(address);
        const auto* of = row == node.gathers.end() ? nullptr
                                                   : std::get_if<FetchGather>(&row->second.of);
        if (of && of->steps > slice.rows() && !slice.is_fresh()) break;
        node.due_fetches.pop_front();
        if (!of) continue;
        Fetch fetch = fetch_of(node, address, turn);
        go_on(fetch, slice);
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
        Gather& gather = node.gathers.add(to.address);
        gather.to = to;
        gather.deadline = turn.now + std::chrono::milliseconds(std::max(request.max_wait_ms, 0));
        FetchGather& of = gather.of.emplace<FetchGather>();
        of.steps = steps_of(request);
        of.request = std::move(request);
        of.watched.reserve(of.steps - of.request.topics.size() - 1);
        Fetch fetch = fetch_of(node, to.address, turn);
        begin_attempt(fetch);
        go_on(fetch, slice);
        return true;
    }

    ReturnAddress to;
    Request request;
};

}  // namespace

void fetch(Node& node, const Call& call, Turn& turn) { begin_work<FetchWork>(node, call, turn); }

void on_read(Node& node, const replication::Asker& asker, const replication::Read& read,
             Turn& turn) {
    const auto row = node.gathers.find(address_of(asker));
    if (row == node.gathers.end()) return;
    Fetch fetch = fetch_of(node, row->first, turn);
    if (fetch.of.stage == Stage::leaving) return;
    fetch.of.bytes -= set_aside(read.bytes_max);
    put(fetch, read, {asker.topic, asker.partition}, asker.number);
    Slice slice;
    on_one_less(fetch, slice);
}

// Those that a slice does not reach have their turn soon.
void on_news(Node& node, const replication::News& news, Slice& slice, Turn& turn) {
    const auto row = node.gathers.find(address_of(news.watcher));
    if (row == node.gathers.end()) return;
    Fetch fetch = fetch_of(node, row->first, turn);
    if (!news.is_stable && is_committed_only(fetch.of)) return;
    if (fetch.of.stage != Stage::parked) {
        fetch.of.has_news = true;
    } else {
        attempt(fetch, slice);
    }
}

void on_fetch_deadline(Node& node, Turn& turn) {
    Slice slice;
    auto& deadlines = node.fetch_deadlines;
    while (!deadlines.empty() && deadlines.begin()->first <= turn.now) {
        Fetch fetch = fetch_of(node, deadlines.begin()->second, turn);
        attempt(fetch, slice);
    }
    if (deadlines.empty()) return;
    turn.ask(effect::ArmTimer{names::fetch_deadline, deadlines.begin()->first});
}

void answer_all_fetches(Node& node, Turn& turn) {
    while (!node.fetch_deadlines.empty()) {
        Slice slice;
        Fetch fetch = fetch_of(node, node.fetch_deadlines.begin()->second, turn);
        attempt(fetch, slice);
    }
}

void forget_fetches(Node& node, ConnectionId connection, Turn& turn) {
    auto at = node.gathers.lower_bound({connection, 0});
    while (at != node.gathers.end() && at->first.connection == connection) {
        const auto row = at++;
        const auto* of = std::get_if<FetchGather>(&row->second.of);
        if (!of || of->stage == Stage::leaving) continue;
        Fetch fetch = fetch_of(node, row->first, turn);
        leave(fetch);
    }
}

}  // namespace barnabas::broker::api
