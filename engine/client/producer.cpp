#include "engine/client/producer.h"

#include <algorithm>

#include "engine/client/verdict.h"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

// Topic ids stand in for names from here on.
constexpr std::int16_t versions_with_names = 12;

std::size_t cost_of(const Record& record) {
    constexpr std::size_t head_most = 32;  // lengths, deltas and attributes of one record
    std::size_t cost = head_most + (record.key ? record.key->size() : 0) +
                       (record.value ? record.value->size() : 0);
    for (const Header& header : record.headers)
        cost += head_most + header.key.size() + header.value.size();
    return cost;
}

records::OptionalView view_of(const std::optional<Bytes>& bytes) {
    return bytes ? records::OptionalView(bytes->view()) : std::nullopt;
}

std::vector<records::HeaderView> views_of(const std::vector<Header>& headers) {
    std::vector<records::HeaderView> views;
    for (const Header& header : headers)
        views.push_back({as_bytes(header.key), header.value.view()});
    return views;
}

}  // namespace

std::string_view name_of(Fate::Kind kind) {
    switch (kind) {
        case Fate::Kind::lost_reply: return "lost reply";
        case Fate::Kind::refused: return "refused";
        case Fate::Kind::acknowledged: return "acknowledged";
        case Fate::Kind::failed: return "failed";
        case Fate::Kind::unknown: return "unknown";
    }
    return "?";
}

Producer::Producer(ProducerOptions options)
    : options_(std::move(options)), cluster_(after_own_timer(options_.cluster)) {}

std::optional<RecordNumber> Producer::send(const Record& record, Turn& turn) {
    const std::size_t bytes = cost_of(record);
    if (buffered_ + bytes > options_.buffer_bytes_max) return std::nullopt;
    cluster_.want(record.to.topic, turn);
    Batch& batch = batch_for(record, bytes, turn);
    const std::size_t before = batch.open.size();
    batch.open.add(record.timestamp.value_or(turn.wall).time_since_epoch().count(),
                   view_of(record.key), view_of(record.value), views_of(record.headers));
    batch.numbers.push_back(next_number_);
    buffered_ += batch.open.size() - before;
    ++unsettled_;
    const RecordNumber number = next_number_++;
    pump(turn);
    return number;
}

Producer::Batch& Producer::batch_for(const Record& record, std::size_t bytes, Turn& turn) {
    Queue& queue = queues_[record.to];
    if (!queue.empty() && queue.back().sealed.empty()) {
        Batch& open = queue.back();
        if (open.open.size() + bytes <= options_.batch_bytes) return open;
        open.ready_at = turn.now;  // full
    }
    Batch batch;
    batch.to = record.to;
    batch.ready_at = turn.now + options_.linger;
    batch.give_up_at = turn.now + options_.delivery_timeout;
    buffered_ += batch.size();
    queue.push_back(std::move(batch));
    return queue.back();
}

void Producer::on(const Event& event, Turn& turn) {
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

bool Producer::owns(const Event& event) const {
    const auto* fired = std::get_if<event::TimerFired>(&event);
    return (fired && fired->timer == timer()) || cluster_.owns(event);
}

void Producer::pump(Turn& turn) {
    expire(turn);
    ask_identity(turn);
    for (auto due = take_due(turn); !due.empty(); due = take_due(turn)) {
        for (auto& [node, batches] : due) send_to(node, std::move(batches), turn);
    }
    arm(turn);
}

void Producer::expire(Turn& turn) {
    for (auto& [to, queue] : queues_) {
        while (!queue.empty() && queue.front().give_up_at <= turn.now) {
            const Batch batch = std::move(queue.front());
            queue.pop_front();
            settle(batch, batch.unsure ? Fate::Kind::unknown : Fate::Kind::failed, Offset(-1),
                   ErrorCode::none, turn);
        }
    }
}

// At most one batch of a partition for each request.
std::map<NodeId, std::vector<Producer::Batch>> Producer::take_due(Turn& turn) {
    std::map<NodeId, std::vector<Batch>> due;
    for (auto& [to, queue] : queues_) {
        if (queue.empty() || queue.front().ready_at > turn.now || !may_send(to)) continue;
        const auto leader = cluster_.leader(to);
        if (!leader || !has_room(leader->node)) continue;
        if (cluster_.ready(leader->node, turn) == nullptr) continue;
        due[leader->node].push_back(std::move(queue.front()));
        queue.pop_front();
    }
    return due;
}

bool Producer::has_room(NodeId node) const {
    const auto to_node = std::count_if(in_flight_.begin(), in_flight_.end(),
                                       [&](const auto& one) { return one.second.node == node; });
    return static_cast<std::uint64_t>(to_node) < options_.in_flight_max;
}

// Sequences must reach the broker in their order: of an idempotent producer one batch of a
// partition is under way at a time.
bool Producer::may_send(const TopicPartition& to) const {
    if (!options_.is_idempotent) return true;
    const auto is_of_it = [&](const Batch& batch) { return batch.to == to; };
    return identity_ && std::ranges::none_of(in_flight_, [&](const auto& one) {
               return std::ranges::any_of(one.second.batches, is_of_it);
           });
}

// Any broker gives one: the leader of the first batch that waits.
void Producer::ask_identity(Turn& turn) {
    if (!options_.is_idempotent || identity_ || asking_identity_ || turn.now < ask_identity_at_)
        return;
    for (const auto& [to, queue] : queues_) {
        const auto leader = queue.empty() ? std::nullopt : cluster_.leader(to);
        rpc::Connection* connection = leader ? cluster_.ready(leader->node, turn) : nullptr;
        if (connection == nullptr) continue;
        protocol::InitProducerIdRequest request;
        request.transactional_id.reset();
        auto versions = protocol::InitProducerIdRequest::api.valid;
        --versions.latest;  // the latest is not stable yet
        const rpc::RequestId id = cluster_.next_request();
        if (connection->call(id, request, options_.cluster.request_timeout, turn, versions))
            asking_identity_ = id;
        return;
    }
}

void Producer::on_identity(const rpc::Reply& reply, Turn& turn) {
    asking_identity_.reset();
    const auto response = rpc::read<protocol::InitProducerIdResponse>(reply);
    if (response && response->error_code == ErrorCode::none) {
        identity_ = Identity{
            ProducerId(response->producer_id), ProducerEpoch(response->producer_epoch), {}};
    } else {
        ask_identity_at_ = turn.now + options_.cluster.retry_backoff_least;
    }
}

// The batch as all of its tries send it.
void Producer::seal(Batch& batch) {
    const std::size_t open = batch.open.size();
    records::Prepared prepared = batch.open.finish();
    if (options_.is_idempotent) {
        std::int32_t& sequence = identity_->next_sequences[batch.to];
        records::BatchHeader header = prepared.header;
        header.producer_id = identity_->id;
        header.producer_epoch = identity_->epoch;
        header.base_sequence = sequence;
        prepared = records::make_batch(
            header, prepared.batch.view().subspan(records::batch_head_bytes), {});
        const auto count = static_cast<std::int64_t>(batch.numbers.size());
        sequence = static_cast<std::int32_t>((sequence + count) & INT32_MAX);
    }
    batch.sealed = std::move(prepared.batch);
    CHECK(batch.sealed.size() == open);
}

void Producer::send_to(NodeId node, std::vector<Batch> batches, Turn& turn) {
    protocol::ProduceRequest request;
    request.acks = static_cast<std::int16_t>(options_.acks);
    request.timeout_ms = static_cast<std::int32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.cluster.request_timeout)
            .count());
    InFlight flight{.node = node, .batches = {}, .topic_ids = {}};
    bool has_ids = true;
    for (Batch& batch : batches) {
        if (batch.sealed.empty()) seal(batch);
        ++batch.tries;
        const TopicId id = cluster_.leader(batch.to)->topic_id;
        has_ids = has_ids && !id.is_zero();
        auto& topics = request.topic_data;  // partitions come sorted by topic
        if (topics.empty() || topics.back().name != batch.to.topic) {
            topics.push_back(
                {.name = batch.to.topic, .topic_id = id, .partition_data = {}, .unknown_tags = {}});
        }
        topics.back().partition_data.push_back(
            {.index = batch.to.partition.value(), .records = batch.sealed, .unknown_tags = {}});
        flight.topic_ids.push_back(id);
    }
    auto versions = protocol::ProduceRequest::api.valid;
    if (!has_ids) versions.latest = versions_with_names;
    flight.batches = std::move(batches);

    rpc::Connection& connection = *cluster_.ready(node, turn);
    if (options_.acks == Acks::none) {
        const bool sent = connection.tell(request, turn, versions);
        for (Batch& batch : flight.batches) {
            if (!sent)
                try_again(std::move(batch), false, ErrorCode::unsupported_version, turn);
            else
                settle(batch, Fate::Kind::unknown, Offset(-1), ErrorCode::none, turn);
        }
        return;
    }
    const rpc::RequestId id = cluster_.next_request();
    if (connection.call(id, request, options_.cluster.request_timeout, turn, versions)) {
        in_flight_.emplace(id, std::move(flight));
        return;
    }
    for (Batch& batch : flight.batches) {
        try_again(std::move(batch), false, ErrorCode::unsupported_version, turn);
    }
}

void Producer::on_answer(const Answer& answer, Turn& turn) {
    if (asking_identity_ == answer.reply.request) return on_identity(answer.reply, turn);
    const auto found = in_flight_.find(answer.reply.request);
    if (found == in_flight_.end()) return;
    InFlight flight = std::move(found->second);
    in_flight_.erase(found);
    const auto response = rpc::read<protocol::ProduceResponse>(answer.reply);
    if (response) return on_response(*response, std::move(flight), turn);
    for (Batch& batch : flight.batches) on_lost(std::move(batch), turn);
}

void Producer::on_response(const protocol::ProduceResponse& response, InFlight flight, Turn& turn) {
    for (std::size_t i = 0; i < flight.batches.size(); ++i) {
        const protocol::ProduceResponse::PartitionProduceResponse* result = nullptr;
        for (const auto& topic : response.responses) {
            const bool is_it = topic.name.empty() ? topic.topic_id == flight.topic_ids[i]
                                                  : topic.name == flight.batches[i].to.topic;
            if (!is_it) continue;
            for (const auto& partition : topic.partition_responses) {
                if (partition.index == flight.batches[i].to.partition.value()) result = &partition;
            }
        }
        // An answer that leaves a partition out says nothing of it.
        if (result == nullptr)
            on_lost(std::move(flight.batches[i]), turn);
        else
            on_result(std::move(flight.batches[i]), *result, turn);
    }
}

void Producer::on_result(Batch batch,
                         const protocol::ProduceResponse::PartitionProduceResponse& result,
                         Turn& turn) {
    if (result.error_code == ErrorCode::none) {
        settle(batch, Fate::Kind::acknowledged, Offset(result.base_offset), ErrorCode::none, turn);
        return;
    }
    const Verdict verdict = verdict_of(result.error_code);
    if (verdict.refresh) cluster_.refresh(turn);
    if (verdict.retry) {
        try_again(std::move(batch), verdict.unsure, result.error_code, turn);
        return;
    }
    const bool unsure = batch.unsure || verdict.unsure;
    settle(batch, unsure ? Fate::Kind::unknown : Fate::Kind::failed, Offset(-1), result.error_code,
           turn);
}

void Producer::on_lost(Batch batch, Turn& turn) {
    try_again(std::move(batch), true, ErrorCode::none, turn);
}

void Producer::try_again(Batch batch, bool unsure, ErrorCode error, Turn& turn) {
    batch.unsure |= unsure;
    const Fate::Kind kind = unsure ? Fate::Kind::lost_reply : Fate::Kind::refused;
    for (const RecordNumber number : batch.numbers) {
        history_.push({kind, number, batch.to, Offset(-1), error, turn.now});
    }
    const Duration pause =
        std::min(options_.cluster.retry_backoff_most,
                 options_.cluster.retry_backoff_least * (1 << std::min(batch.tries, 16u)) / 2);
    batch.ready_at = turn.now + pause - turn.random(Concern::backoff).duration_below(pause / 4);
    // Before all that was sent after it.
    Queue& queue = queues_[batch.to];
    const auto later = std::find_if(queue.begin(), queue.end(), [&](const Batch& other) {
        return other.numbers.front() > batch.numbers.front();
    });
    queue.insert(later, std::move(batch));
}

void Producer::settle(const Batch& batch, Fate::Kind kind, Offset base, ErrorCode error,
                      Turn& turn) {
    // The broker would wait for the sequence of a batch that is given up: what follows is sent by
    // somebody else.
    if (kind != Fate::Kind::acknowledged && !batch.sealed.empty()) identity_.reset();
    Offset offset = base;
    for (const RecordNumber number : batch.numbers) {
        history_.push({kind, number, batch.to, offset, error, turn.now});
        if (kind == Fate::Kind::acknowledged) ++offset;
    }
    CHECK(unsettled_ >= batch.numbers.size());
    CHECK(buffered_ >= batch.size());
    unsettled_ -= batch.numbers.size();
    buffered_ -= batch.size();
}

// The next moment at which pump() may have to do something by itself. What waits for a leader or
// for room is woken by the cluster's events.
void Producer::arm(Turn& turn) {
    std::optional<Instant> next;
    for (const auto& [to, queue] : queues_) {
        if (queue.empty()) continue;
        const Batch& first = queue.front();
        const Instant at = first.ready_at > turn.now ? std::min(first.ready_at, first.give_up_at)
                                                     : first.give_up_at;
        next = next ? std::min(*next, at) : at;
    }
    if (next && options_.is_idempotent && !identity_ && ask_identity_at_ > turn.now)
        next = std::min(*next, ask_identity_at_);
    if (next == armed_) return;
    if (next)
        turn.ask(effect::ArmTimer{timer(), *next});
    else
        turn.ask(effect::DisarmTimer{timer()});
    armed_ = next;
}

void Producer::digest(Hasher& hasher) const {
    cluster_.digest(hasher);
    hasher.add(next_number_);
    hasher.add(unsettled_);
    hasher.add(buffered_);
    for (const auto& [to, queue] : queues_) {
        hasher.add(as_bytes(to.text()));
        for (const Batch& batch : queue) {
            hasher.add(batch.numbers.size());
            hasher.add(batch.numbers.front());
            hasher.add(batch.tries);
        }
    }
    hasher.add(in_flight_.size());
    for (const auto& [id, flight] : in_flight_) hasher.add(id.value());
    hasher.add(history_.size());
    for (std::size_t i = 0; i < history_.size(); ++i) {
        hasher.add(static_cast<std::uint64_t>(history_[i].kind));
        hasher.add(history_[i].number);
        hasher.add(static_cast<std::uint64_t>(history_[i].offset.value()));
    }
}

}  // namespace barnabas::client
