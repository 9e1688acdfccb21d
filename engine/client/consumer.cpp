#include "engine/client/consumer.h"

#include <algorithm>

#include "engine/client/verdict.h"
#include "engine/records/compression.h"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

// Topic ids stand in for names from here on.
constexpr std::int16_t fetch_versions_with_names = 12;
constexpr std::int64_t ask_latest = -1;
constexpr std::int64_t ask_earliest = -2;

std::int32_t milliseconds(Duration time) {
    return static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

// Finds partitions in a response: they come in the order in which they were asked for, as a rule.
template <class Topic>
class Finder {
  public:
    explicit Finder(const std::vector<Topic>& topics) : topics_(topics) {}

    // Nothing: the response leaves it out.
    auto find(auto is_topic, std::int32_t partition) {
        auto* found = next(is_topic, partition);
        if (found != nullptr) return found;
        for (topic_ = 0; topic_ < topics_.size(); ++topic_) {
            for (at_ = 0; at_ < topics_[topic_].partitions.size(); ++at_) {
                found = next(is_topic, partition);
                if (found != nullptr) return found;
            }
        }
        return found;
    }

  private:
    const typename decltype(Topic::partitions)::value_type* next(auto is_topic,
                                                                 std::int32_t partition) {
        if (topic_ < topics_.size() && at_ == topics_[topic_].partitions.size()) {
            ++topic_;
            at_ = 0;
        }
        if (topic_ == topics_.size() || at_ == topics_[topic_].partitions.size()) return nullptr;
        const auto& found = topics_[topic_].partitions[at_];
        if (found.partition_index != partition || !is_topic(topics_[topic_])) return nullptr;
        ++at_;
        return &found;
    }

    const std::vector<Topic>& topics_;
    std::size_t topic_ = 0;
    std::size_t at_ = 0;
};

std::optional<Bytes> copy_of(const records::OptionalView& view) {
    return view ? std::optional(Bytes::copy(*view)) : std::nullopt;
}

}  // namespace

Consumer::Consumer(ConsumerOptions options)
    : options_(std::move(options)), cluster_(after_own_timer(options_.cluster)) {}

void Consumer::assign(const TopicPartition& partition, std::optional<Offset> from, Turn& turn) {
    cluster_.want(partition.topic, turn);
    const std::size_t place = place_of(partition);
    if (place == by_name_.size() || partitions_[by_name_[place]].name != partition) {
        by_name_.insert(by_name_.begin() + static_cast<std::ptrdiff_t>(place),
                        static_cast<Slot>(partitions_.size()));
        partitions_.emplace_back().name = partition;
    }
    Partition& added = partitions_[by_name_[place]];
    added.position = from;
    added.not_before = turn.now;
    if (from) resets_.push_back({partition, std::nullopt, *from});
    pump(turn);
}

void Consumer::on(const Event& event, Turn& turn) {
    if (std::holds_alternative<event::Started>(event)) cluster_.start(turn);
    if (const auto* fired = std::get_if<event::TimerFired>(&event);
        fired && fired->timer == timer()) {
        armed_.reset();
    } else if (cluster_.owns(event)) {
        for (const Answer& answer : cluster_.on(event, turn)) on_answer(answer, turn);
    } else {
        return;
    }
    pump(turn);
}

bool Consumer::owns(const Event& event) const {
    const auto* fired = std::get_if<event::TimerFired>(&event);
    return (fired && fired->timer == timer()) || cluster_.owns(event);
}

std::size_t Consumer::place_of(const TopicPartition& partition) const {
    const auto name_of = [&](Slot slot) -> const TopicPartition& { return partitions_[slot].name; };
    return static_cast<std::size_t>(
        std::ranges::lower_bound(by_name_, partition, {}, name_of) - by_name_.begin());
}

const Consumer::Partition* Consumer::find(const TopicPartition& partition) const {
    const std::size_t place = place_of(partition);
    if (place == by_name_.size()) return nullptr;
    const Partition& there = partitions_[by_name_[place]];
    return there.name == partition ? &there : nullptr;
}

std::optional<Offset> Consumer::position(const TopicPartition& partition) const {
    const Partition* found = find(partition);
    return found == nullptr ? std::nullopt : found->position;
}

std::optional<Offset> Consumer::high_watermark(const TopicPartition& partition) const {
    const Partition* found = find(partition);
    return found == nullptr ? std::nullopt : found->high_watermark;
}

void Consumer::pump(Turn& turn) {
    std::vector<Work> all = work(turn);
    for (Work& one : all)
        if (!one.to_list.empty()) list_offsets(one.node, std::move(one.to_list), turn);
    for (Work& one : all)
        if (!one.to_fetch.empty()) fetch(one.node, std::move(one.to_fetch), turn);
    arm(turn);
}

// By broker, ascending. A broker answers the requests of a connection in turn: a fetch that waits
// there holds up what comes behind it. So all idle partitions of a broker go into one request.
std::vector<Consumer::Work> Consumer::work(Turn& turn) {
    std::vector<Work> all;
    const auto work_of = [&](NodeId node) -> Work& {
        auto at = all.begin();
        while (at != all.end() && at->node < node) ++at;
        if (at == all.end() || at->node != node) at = all.insert(at, Work{.node = node});
        return *at;
    };
    bool is_idle = false;
    for (const Slot slot : by_name_) {
        const Partition& partition = partitions_[slot];
        is_idle |= !partition.asked;
        if (!partition.asked) continue;
        if (const Leader* leader = cluster_.leader(partition.name))
            work_of(leader->node).is_busy = true;
    }
    if (!is_idle) return all;
    for (const Slot slot : by_name_) {
        const Partition& partition = partitions_[slot];
        if (partition.asked || partition.not_before > turn.now) continue;
        const Leader* leader = cluster_.leader(partition.name);
        if (leader == nullptr) continue;
        Work& one = work_of(leader->node);
        if (one.is_busy || cluster_.ready(leader->node, turn) == nullptr) continue;
        Wanted& wanted = partition.position ? one.to_fetch : one.to_list;
        if (wanted.empty()) wanted.reserve(by_name_.size());
        wanted.push_back({slot, leader->topic_id, leader->epoch, partition.position});
    }
    return all;
}

void Consumer::fetch(NodeId node, Wanted wanted, Turn& turn) {
    protocol::FetchRequest request;
    request.max_wait_ms = milliseconds(options_.wait_max);
    request.min_bytes = options_.bytes_min;
    request.max_bytes = options_.bytes_max;
    auto versions = protocol::FetchRequest::api.valid;
    for (const Asked& one : wanted) {
        const TopicPartition& name = partitions_[one.slot].name;
        if (one.topic_id.is_zero()) versions.latest = fetch_versions_with_names;
        if (request.topics.empty() || request.topics.back().topic != name.topic) {
            request.topics.emplace_back();
            request.topics.back().topic = name.topic;
            request.topics.back().topic_id = one.topic_id;
            request.topics.back().partitions.reserve(wanted.size());
        }
        auto& part = request.topics.back().partitions.emplace_back();
        part.partition = name.partition.value();
        part.current_leader_epoch = one.leader_epoch.value();
        part.fetch_offset = one.position->value();
        part.partition_max_bytes = options_.partition_bytes_max;
    }
    const rpc::RequestId id = cluster_.next_request();
    const bool sent = cluster_.ready(node, turn)
                          ->call(id, request, options_.cluster.request_timeout + options_.wait_max,
                                 turn, versions);
    asked(sent, id, std::move(wanted), turn);
}

void Consumer::list_offsets(NodeId node, Wanted wanted, Turn& turn) {
    protocol::ListOffsetsRequest request;
    request.replica_id = -1;
    request.timeout_ms = milliseconds(options_.cluster.request_timeout);
    for (const Asked& one : wanted) {
        const TopicPartition& name = partitions_[one.slot].name;
        if (request.topics.empty() || request.topics.back().name != name.topic) {
            request.topics.emplace_back();
            request.topics.back().name = name.topic;
        }
        auto& part = request.topics.back().partitions.emplace_back();
        part.partition_index = name.partition.value();
        part.current_leader_epoch = one.leader_epoch.value();
        part.timestamp = options_.reset == Start::earliest ? ask_earliest : ask_latest;
    }
    const rpc::RequestId id = cluster_.next_request();
    const bool sent =
        cluster_.ready(node, turn)->call(id, request, options_.cluster.request_timeout, turn);
    asked(sent, id, std::move(wanted), turn);
}

void Consumer::asked(bool sent, rpc::RequestId id, Wanted wanted, Turn& turn) {
    for (const Asked& one : wanted) {
        Partition& partition = partitions_[one.slot];
        if (sent)
            partition.asked = id;
        else
            pause(partition, turn);
    }
    if (sent) requests_.emplace(id, std::move(wanted));
}

void Consumer::on_answer(const Answer& answer, Turn& turn) {
    const auto found = requests_.find(answer.reply.request);
    if (found == requests_.end()) return;
    const Wanted wanted = std::move(found->second);
    requests_.erase(found);
    ++answers_;
    for (const Asked& one : wanted) partitions_[one.slot].asked.reset();

    if (answer.reply.api == protocol::ApiKey::fetch) {
        const auto response = rpc::read<protocol::FetchResponse>(answer.reply);
        if (response && response->error_code == ErrorCode::none) {
            return on_fetched(*response, wanted, turn);
        }
    } else {
        const auto response = rpc::read<protocol::ListOffsetsResponse>(answer.reply);
        if (response) return on_listed(*response, wanted, turn);
    }
    for (const Asked& one : wanted) pause(partitions_[one.slot], turn);
}

void Consumer::on_fetched(const protocol::FetchResponse& response, const Wanted& wanted,
                          Turn& turn) {
    Finder finder(response.responses);
    for (const Asked& one : wanted) {
        const TopicPartition& name = partitions_[one.slot].name;
        const auto* data = finder.find(
            [&](const auto& topic) {
                return topic.topic.empty() ? topic.topic_id == one.topic_id
                                           : topic.topic == name.topic;
            },
            name.partition.value());
        if (data == nullptr)
            pause(partitions_[one.slot], turn);
        else
            on_data(one, *data, turn);
    }
}

void Consumer::on_data(const Asked& asked, const protocol::FetchResponse::PartitionData& data,
                       Turn& turn) {
    Partition& partition = partitions_[asked.slot];
    if (partition.position != asked.position) return;  // it was set anew meanwhile
    if (data.error_code == ErrorCode::offset_out_of_range) {
        partition.lost = partition.position;
        partition.position.reset();
        return;
    }
    if (data.error_code != ErrorCode::none) return on_error(partition, data.error_code, turn);
    partition.high_watermark = Offset(data.high_watermark);
    if (deliver(partition, data.records.bytes()))
        partition.failures = 0;
    else
        pause(partition, turn);
}

bool Consumer::deliver(Partition& partition, const Bytes& run) {
    records::BatchReader reader(run);
    while (const auto batch = reader.next()) {
        if (batch->header.last_offset() < *partition.position) continue;
        if (!batch->has_good_crc()) {
            ++corrupt_batches_;
            return false;
        }
        if (!batch->header.is_control() &&
            !deliver_batch(partition.name, *partition.position, *batch)) {
            ++unreadable_batches_;
        }
        partition.position = batch->header.next_offset();
    }
    // The last batch may be cut short by the size that was asked for.
    if (reader.ending() != records::BatchReader::Ending::implausible) return true;
    ++corrupt_batches_;
    return false;
}

bool Consumer::deliver_batch(const TopicPartition& from, Offset position,
                             const records::Batch& batch) {
    const auto body = records::plain_records(batch);
    if (!body) return false;
    records::RecordReader reader(batch.header, *body);
    while (const auto record = reader.next()) {
        if (record->offset < position) continue;
        delivered_.push_back({from, record->offset,
                              WallTime(std::chrono::milliseconds(record->timestamp)),
                              copy_of(record->key), copy_of(record->value)});
    }
    return reader.is_good();
}

void Consumer::on_listed(const protocol::ListOffsetsResponse& response, const Wanted& wanted,
                         Turn& turn) {
    Finder finder(response.topics);
    for (const Asked& one : wanted) {
        Partition& partition = partitions_[one.slot];
        const auto* told = finder.find(
            [&](const auto& topic) { return topic.name == partition.name.topic; },
            partition.name.partition.value());
        if (told == nullptr || (told->error_code == ErrorCode::none && told->offset < 0)) {
            pause(partition, turn);
        } else if (told->error_code != ErrorCode::none) {
            on_error(partition, told->error_code, turn);
        } else if (!partition.position) {
            partition.position = Offset(told->offset);
            partition.failures = 0;
            resets_.push_back({partition.name, partition.lost, *partition.position});
            partition.lost.reset();
        }
    }
}

void Consumer::on_error(Partition& partition, ErrorCode error, Turn& turn) {
    if (verdict_of(error).refresh) cluster_.refresh(turn);
    pause(partition, turn);
}

void Consumer::pause(Partition& partition, Turn& turn) {
    const Duration pause =
        std::min(options_.cluster.retry_backoff_most,
                 options_.cluster.retry_backoff_least * (1 << std::min(partition.failures, 16u)));
    ++partition.failures;
    const Duration jitter = turn.random(Concern::backoff).duration_below(pause / 4);
    partition.not_before = turn.now + pause - jitter;
}

void Consumer::arm(Turn& turn) {
    std::optional<Instant> next;
    for (const Partition& partition : partitions_) {
        if (partition.asked || partition.not_before <= turn.now) continue;
        next = next ? std::min(*next, partition.not_before) : partition.not_before;
    }
    if (next == armed_) return;
    if (next)
        turn.ask(effect::ArmTimer{timer(), *next});
    else
        turn.ask(effect::DisarmTimer{timer()});
    armed_ = next;
}

void Consumer::digest(Hasher& hasher) const {
    cluster_.digest(hasher);
    for (const Slot slot : by_name_) {
        const Partition& partition = partitions_[slot];
        hasher.add(as_bytes(partition.name.text()));
        hasher.add(static_cast<std::uint64_t>(partition.position.value_or(Offset(-1)).value()));
        hasher.add(
            static_cast<std::uint64_t>(partition.high_watermark.value_or(Offset(-1)).value()));
        hasher.add(partition.asked.value_or(rpc::RequestId()).value());
        hasher.add(partition.failures);
    }
    hasher.add(resets_.size());
    hasher.add(corrupt_batches_);
    hasher.add(unreadable_batches_);
    hasher.add(delivered_.size());
}

}  // namespace barnabas::client
