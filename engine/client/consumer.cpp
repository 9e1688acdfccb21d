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

std::optional<Bytes> copy_of(const records::OptionalView& view) {
    return view ? std::optional(Bytes::copy(*view)) : std::nullopt;
}

std::vector<Header> headers_of(const records::RecordView& record) {
    std::vector<Header> headers;
    records::HeaderReader reader(record);
    while (const auto header = reader.next()) {
        headers.push_back({std::string(as_text(header->key)),
                           header->value ? Bytes::copy(*header->value) : Bytes()});
    }
    return headers;
}

}  // namespace

Consumer::Consumer(ConsumerOptions options)
    : options_(std::move(options)), cluster_(after_own_timer(options_.cluster)) {}

void Consumer::assign(const TopicPartition& partition, std::optional<Offset> from, Turn& turn) {
    cluster_.want(partition.topic, turn);
    Partition& added = partitions_[partition];
    added.position = from;
    added.has_begun = from.has_value();
    added.not_before = turn.now;
    if (from) resets_.push({partition, std::nullopt, *from});
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

std::optional<Offset> Consumer::position(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? std::nullopt : found->second.position;
}

std::optional<Offset> Consumer::high_watermark(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? std::nullopt : found->second.high_watermark;
}

// A broker answers the requests of a connection in turn: a fetch that waits there holds up what
// comes behind it. So all idle partitions of a broker go into one request.
void Consumer::pump(Turn& turn) {
    std::map<NodeId, Wanted> to_fetch;
    std::map<NodeId, Wanted> to_list;
    std::map<NodeId, bool> busy;
    for (const auto& [partition, state] : partitions_) {
        const auto leader = cluster_.leader(partition);
        if (leader && state.asked) busy[leader->node] = true;
    }
    for (auto& [partition, state] : partitions_) {
        if (state.asked || state.not_before > turn.now) continue;
        const auto leader = cluster_.leader(partition);
        if (!leader || busy.contains(leader->node)) continue;
        if (cluster_.ready(leader->node, turn) == nullptr) continue;
        Wanted& wanted = (state.position ? to_fetch : to_list)[leader->node];
        wanted.push_back({partition, leader->topic_id, state.position});
    }
    for (auto& [node, wanted] : to_list) list_offsets(node, std::move(wanted), turn);
    for (auto& [node, wanted] : to_fetch) fetch(node, std::move(wanted), turn);
    arm(turn);
}

void Consumer::fetch(NodeId node, Wanted wanted, Turn& turn) {
    protocol::FetchRequest request;
    request.max_wait_ms = milliseconds(options_.wait_max);
    request.min_bytes = options_.bytes_min;
    request.max_bytes = options_.bytes_max;
    request.isolation_level = static_cast<std::int8_t>(options_.isolation);
    auto versions = protocol::FetchRequest::api.valid;
    for (const Asked& one : wanted) {
        if (one.topic_id.is_zero()) versions.latest = fetch_versions_with_names;
        if (request.topics.empty() || request.topics.back().topic != one.partition.topic) {
            request.topics.emplace_back();
            request.topics.back().topic = one.partition.topic;
            request.topics.back().topic_id = one.topic_id;
        }
        protocol::FetchRequest::FetchPartition part;
        part.partition = one.partition.partition.value();
        part.current_leader_epoch = cluster_.leader(one.partition)->epoch.value();
        part.fetch_offset = one.position->value();
        part.partition_max_bytes = options_.partition_bytes_max;
        request.topics.back().partitions.push_back(std::move(part));
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
    request.isolation_level = static_cast<std::int8_t>(options_.isolation);
    request.timeout_ms = milliseconds(options_.cluster.request_timeout);
    for (const Asked& one : wanted) {
        if (request.topics.empty() || request.topics.back().name != one.partition.topic) {
            request.topics.emplace_back();
            request.topics.back().name = one.partition.topic;
        }
        protocol::ListOffsetsRequest::ListOffsetsPartition part;
        part.partition_index = one.partition.partition.value();
        part.current_leader_epoch = cluster_.leader(one.partition)->epoch.value();
        part.timestamp = timestamp_for(one.partition);
        request.topics.back().partitions.push_back(std::move(part));
    }
    const rpc::RequestId id = cluster_.next_request();
    const bool sent =
        cluster_.ready(node, turn)->call(id, request, options_.cluster.request_timeout, turn);
    asked(sent, id, std::move(wanted), turn);
}

// What ListOffsets takes for the place to begin.
std::int64_t Consumer::timestamp_for(const TopicPartition& partition) const {
    if (options_.begin_at && !partitions_.at(partition).has_begun)
        return options_.begin_at->time_since_epoch().count();
    return options_.reset == Start::earliest ? ask_earliest : ask_latest;
}

void Consumer::asked(bool sent, rpc::RequestId id, Wanted wanted, Turn& turn) {
    for (const Asked& one : wanted) {
        Partition& partition = partitions_.at(one.partition);
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
    for (const Asked& one : wanted) partitions_.at(one.partition).asked.reset();

    if (answer.reply.api == protocol::ApiKey::fetch) {
        const auto response = rpc::read<protocol::FetchResponse>(answer.reply);
        if (response && response->error_code == ErrorCode::none) {
            return on_fetched(*response, wanted, turn);
        }
    } else {
        const auto response = rpc::read<protocol::ListOffsetsResponse>(answer.reply);
        if (response) return on_listed(*response, wanted, turn);
    }
    for (const Asked& one : wanted) pause(partitions_.at(one.partition), turn);
}

void Consumer::on_fetched(const protocol::FetchResponse& response, const Wanted& wanted,
                          Turn& turn) {
    for (const Asked& one : wanted) {
        const protocol::FetchResponse::PartitionData* data = nullptr;
        for (const auto& topic : response.responses) {
            const bool is_it = topic.topic.empty() ? topic.topic_id == one.topic_id
                                                   : topic.topic == one.partition.topic;
            if (!is_it) continue;
            for (const auto& partition : topic.partitions) {
                if (partition.partition_index == one.partition.partition.value()) {
                    data = &partition;
                }
            }
        }
        if (data == nullptr)
            pause(partitions_.at(one.partition), turn);
        else
            on_data(one, *data, turn);
    }
}

void Consumer::on_data(const Asked& asked, const protocol::FetchResponse::PartitionData& data,
                       Turn& turn) {
    Partition& partition = partitions_.at(asked.partition);
    if (partition.position != asked.position) return;  // it was set anew meanwhile
    if (data.error_code == ErrorCode::offset_out_of_range) {
        partition.lost = partition.position;
        partition.position.reset();
        return;
    }
    if (data.error_code != ErrorCode::none) return on_error(asked.partition, data.error_code, turn);
    partition.high_watermark = Offset(data.high_watermark);
    if (deliver(asked.partition, partition, data.records.bytes()))
        partition.failures = 0;
    else
        pause(partition, turn);
}

bool Consumer::deliver(const TopicPartition& from, Partition& partition, const Bytes& run) {
    records::BatchReader reader(run);
    while (const auto batch = reader.next()) {
        if (batch->header.last_offset() < *partition.position) continue;
        if (!batch->has_good_crc()) {
            ++corrupt_batches_;
            return false;
        }
        if (!batch->header.is_control() && !deliver_batch(from, *partition.position, *batch)) {
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
                              copy_of(record->key), copy_of(record->value),
                              headers_of(*record)});
    }
    return reader.is_good();
}

void Consumer::on_listed(const protocol::ListOffsetsResponse& response, const Wanted& wanted,
                         Turn& turn) {
    for (const Asked& one : wanted) {
        const protocol::ListOffsetsResponse::ListOffsetsPartitionResponse* told = nullptr;
        for (const auto& topic : response.topics) {
            if (topic.name != one.partition.topic) continue;
            for (const auto& partition : topic.partitions) {
                if (partition.partition_index == one.partition.partition.value()) {
                    told = &partition;
                }
            }
        }
        Partition& partition = partitions_.at(one.partition);
        if (told == nullptr || (told->error_code == ErrorCode::none && told->offset < 0)) {
            pause(partition, turn);
        } else if (told->error_code != ErrorCode::none) {
            on_error(one.partition, told->error_code, turn);
        } else if (!partition.position) {
            partition.position = Offset(told->offset);
            partition.has_begun = true;
            partition.failures = 0;
            resets_.push({one.partition, partition.lost, *partition.position});
            partition.lost.reset();
        }
    }
}

void Consumer::on_error(const TopicPartition& partition, ErrorCode error, Turn& turn) {
    if (verdict_of(error).refresh) cluster_.refresh(turn);
    pause(partitions_.at(partition), turn);
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
    for (const auto& [name, partition] : partitions_) {
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
    for (const auto& [name, partition] : partitions_) {
        hasher.add(as_bytes(name.text()));
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
