// A broker on a disk in memory, spoken to in Kafka's own frames: what the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "engine/broker/names.h"
#include "engine/node/node.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/records/build.h"
#include "tests/support/counting_allocator.h"
#include "tests/support/fake_disk.h"

namespace barnabas::broker {

class TestBroker {
  public:
    explicit TestBroker(std::vector<std::string> assignments = {})
        : assignments_(std::move(assignments)), node_(settings()) {}

    // A life: from Started until the broker serves, or has ended.
    void start() {
        begin();
        settle();
    }
    // The same, as far as it comes without an answer of the world: step() gives them.
    void begin() {
        node_ = node::Node(settings());
        exit_code_.reset();
        timers_.clear();
        continued_.clear();
        tell(event::Started{});
    }
    void kill() { disk_.kill(); }
    void lose_power() { disk_.lose_power(); }
    void stop() {
        tell(event::Operator{Order::shut_down});
        settle();
    }

    ConnectionId connect(const std::string& from = "127.0.0.1") {
        const ConnectionId connection(++last_connection_);
        tell(event::Connected{connection, ListenerId(1), {"127.0.0.1", 9092}, {from, 50000}});
        return connection;
    }

    // Sends a request; its answer, if there is one yet, is read by answer().
    template <class Request>
    void send(ConnectionId connection, const Request& request, std::int16_t version) {
        send_frame(connection, frame_of(request, version));
    }
    // The same, and the world answers nothing yet: settle() lets it.
    template <class Request>
    void send_only(ConnectionId connection, const Request& request, std::int16_t version) {
        tell(event::Received{connection, frame_of(request, version)});
    }
    template <class Request>
    Bytes frame_of(const Request& request, std::int16_t version) {
        protocol::RequestHeader header;
        header.api_version = version;
        header.correlation_id = ++correlation_;
        header.client_id = "test";
        const auto framed = protocol::frame_request(header, request);
        EXPECT_TRUE(framed.has_value());
        return framed->flatten().from(4);
    }
    // The same, and stops the disk when `until` is true.
    template <class Request>
    void send_until(ConnectionId connection, const Request& request, std::int16_t version,
                    auto until) {
        send_only(connection, request, version);
        while (!until()) {
            const auto done = disk_.answer();
            ASSERT_TRUE(done.has_value());
            tell(*done);
        }
    }
    void send_frame(ConnectionId connection, Bytes frame) {
        tell(event::Received{connection, std::move(frame)});
        settle();
    }

    // What was sent and not read yet; the peer may take it without a look at it.
    std::size_t unread_bytes(ConnectionId connection) { return sent_[connection].size(); }
    void take_unread(ConnectionId connection) { sent_.erase(connection); }

    bool has_answer(ConnectionId connection) { return sent_[connection].size() >= 4; }

    // The frame of the oldest answer that was not read; ranges of files are filled in from the
    // disk.
    std::optional<Bytes> take_answer(ConnectionId connection) {
        std::vector<std::uint8_t>& sent = sent_[connection];
        if (sent.size() < 4) return std::nullopt;
        const std::size_t size = (std::size_t{sent[0]} << 24) | (std::size_t{sent[1]} << 16) |
                                 (std::size_t{sent[2]} << 8) | sent[3];
        const Bytes frame = Bytes::copy(ByteView(sent).subspan(4, size));
        sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(4 + size));
        return frame;
    }
    // The same, decoded.
    template <class Response>
    Response answer(ConnectionId connection, std::int16_t version) {
        const auto frame = take_answer(connection);
        if (!frame) {
            ADD_FAILURE() << "there is no answer";
            return {};
        }
        std::size_t at = 0;
        const auto header =
            protocol::decode_response_header(*frame, at, Response::api.key, version);
        EXPECT_TRUE(header.has_value());
        auto response = protocol::decode<Response>(frame->from(at), version);
        EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().text());
        return response.value_or(Response());
    }
    template <class Response, class Request>
    Response ask(ConnectionId connection, const Request& request, std::int16_t version) {
        send(connection, request, version);
        return answer<Response>(connection, version);
    }

    // Lets time pass up to and through the timers that are due.
    void pass(Duration time) {
        now_ += time;
        while (events_ < events_max_) {
            const auto due =
                std::ranges::find_if(timers_, [&](auto& t) { return t.second <= now_; });
            if (due == timers_.end()) break;
            const Token timer = due->first;
            timers_.erase(due);
            tell(event::TimerFired{timer});
            settle();
        }
    }

    // After so many events it hears no more: a loop comes to an end.
    void bound_events(std::uint64_t most) { events_max_ = most; }
    std::uint64_t events() const { return events_; }

    void tell(const Event& event) {
        if (events_ >= events_max_) return;
        ++events_;
        std::vector<Effect> effects;
        effects.reserve(64);  // a driver keeps it from turn to turn
        Turn turn{now_, WallTime(std::chrono::milliseconds(1'795'400'000'000)), random_, effects};
        const std::size_t before = Allocated::times();
        node_.on(event, turn);
        allocations_ += Allocated::times() - before;
        disk_.take(effects);
        for (Effect& effect : effects) carry_out(effect);
    }
    // Flushes of partitions take their time: they are answered later, by let_flushes_end().
    void hold_flushes() { are_flushes_held_ = true; }
    void let_flushes_end() {
        are_flushes_held_ = false;
        for (const event::StorageDone& done : std::exchange(held_, {})) tell(done);
        settle();
    }
    // Computations take their time: they are answered later.
    void hold_computations() { are_computations_held_ = true; }
    void let_computations_end() {
        are_computations_held_ = false;
        settle();
    }
    void take_computation(std::size_t at) {
        computing_.erase(computing_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const std::vector<effect::Compute>& computing() const { return computing_; }
    // The disk answers in an order of its own from now on.
    void shuffle(std::uint64_t seed) { order_ = Random(seed); }
    void settle() {
        while (step()) {}
    }
    // One answer of the world; false when it owes none.
    bool step() {
        if (events_ >= events_max_) return false;
        if (const auto done = disk_.answer(order_ ? &*order_ : nullptr)) {
            if (are_flushes_held_ && is_flush_of_partition(done->operation))
                held_.push_back(*done);
            else
                tell(*done);
        } else if (!computing_.empty() && !are_computations_held_) {
            const effect::Compute job = computing_.front();
            computing_.erase(computing_.begin());
            tell(event::Computed{job.job, Broker::compute(job)});
        } else if (!continued_.empty()) {
            const Token job = continued_.front();
            continued_.erase(continued_.begin());
            tell(event::Continued{job});
        } else if (!listening_.empty()) {
            const effect::Listen wanted = listening_.front();
            listening_.erase(listening_.begin());
            tell(event::Listening{wanted.listener, wanted.at, true, ""});
        } else {
            return false;
        }
        return true;
    }

    bool is_hung_up(ConnectionId connection) const { return hung_up_.contains(connection); }
    std::uint64_t credit(ConnectionId connection) { return credit_[connection]; }
    bool has_note(std::string_view part) const {
        return std::ranges::any_of(notes_, [&](const Occurrence& note) {
            return note.subject.find(part) != std::string::npos ||
                   note.text.find(part) != std::string::npos;
        });
    }

    // How often the engine has allocated.
    std::size_t allocations() const { return allocations_; }

    node::Node& machine() { return node_; }
    const Broker& broker() const { return node_.broker(); }
    tests::FakeDisk& disk() { return disk_; }
    const tests::FakeDisk& disk() const { return disk_; }
    std::optional<int> exit_code() const { return exit_code_; }
    std::vector<Occurrence>& notes() { return notes_; }
    bool is_paused(ConnectionId connection) const { return paused_.contains(connection); }

  private:
    static bool is_flush_of_partition(Token operation) {
        return names::owner_of(operation) == names::replicas &&
               log::Ids::purpose_of(operation) == log::Purpose::flush_data;
    }
    settings::BrokerSettings settings() const {
        settings::Input input;
        input.assignments = assignments_;
        input.default_log_directory = "/data";
        const auto parsed = settings::parse(input);
        EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().front().print());
        return parsed->settings;
    }

    void carry_out(Effect& effect) {
        if (auto* send = std::get_if<effect::Send>(&effect)) {
            append(send->connection, send->bytes.flatten().view());
        } else if (auto* file = std::get_if<effect::SendFile>(&effect)) {
            append(file->connection, disk_.range(file->file, file->position, file->length));
        } else if (auto* timer = std::get_if<effect::ArmTimer>(&effect)) {
            timers_[timer->timer] = timer->at;
        } else if (auto* disarm = std::get_if<effect::DisarmTimer>(&effect)) {
            timers_.erase(disarm->timer);
        } else if (auto* job = std::get_if<effect::Continue>(&effect)) {
            continued_.push_back(job->job);
        } else if (auto* work = std::get_if<effect::Compute>(&effect)) {
            computing_.push_back(*work);
        } else if (auto* listen = std::get_if<effect::Listen>(&effect)) {
            listening_.push_back(*listen);
        } else if (auto* hang_up = std::get_if<effect::HangUp>(&effect)) {
            hung_up_.insert(hang_up->connection);
        } else if (auto* admit = std::get_if<effect::Admit>(&effect)) {
            credit_[admit->connection] += admit->bytes;
        } else if (auto* pause = std::get_if<effect::Pause>(&effect)) {
            paused_.insert(pause->connection);
        } else if (auto* resume = std::get_if<effect::Resume>(&effect)) {
            paused_.erase(resume->connection);
        } else if (auto* note = std::get_if<effect::Note>(&effect)) {
            notes_.push_back(note->what);
        } else if (auto* exit = std::get_if<effect::Exit>(&effect)) {
            exit_code_ = exit->code;
        }
    }
    void append(ConnectionId connection, ByteView bytes) {
        sent_[connection].insert(sent_[connection].end(), bytes.begin(), bytes.end());
    }

    std::vector<std::string> assignments_;
    node::Node node_;
    tests::FakeDisk disk_;
    Randoms random_{7};
    std::optional<Random> order_;
    Instant now_{1s};
    std::uint64_t last_connection_ = 0;
    std::int32_t correlation_ = 0;
    std::map<ConnectionId, std::vector<std::uint8_t>> sent_;
    std::map<ConnectionId, std::uint64_t> credit_;
    std::map<Token, Instant> timers_;
    std::vector<effect::Listen> listening_;
    std::vector<Token> continued_;
    std::vector<effect::Compute> computing_;
    bool are_computations_held_ = false;
    std::set<ConnectionId> hung_up_;
    std::set<ConnectionId> paused_;
    std::vector<Occurrence> notes_;
    std::vector<event::StorageDone> held_;
    bool are_flushes_held_ = false;
    std::optional<int> exit_code_;
    std::size_t allocations_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t events_max_ = UINT64_MAX;
};

// Checkpoints in a log directory.
constexpr const char* recovery_file = "/data/recovery-point-offset-checkpoint";
constexpr const char* starts_file = "/data/log-start-offset-checkpoint";

// A batch of one record for each of the values.
inline Bytes batch_of(const std::vector<std::string>& values) {
    records::BatchBuilder batch;
    for (const std::string& value : values) {
        batch.add(1'795'400'000'000, std::nullopt, as_bytes(value));
    }
    return records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
}

inline protocol::ProduceRequest produce_to(const std::string& topic, Bytes records,
                                           std::int16_t acks = -1) {
    protocol::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    data.partition_data.emplace_back().records = std::move(records);
    return request;
}

inline protocol::FetchRequest fetch_from(const std::string& topic, Offset offset,
                                         std::chrono::milliseconds wait = 0ms) {
    protocol::FetchRequest request;
    request.max_wait_ms = static_cast<std::int32_t>(wait.count());
    request.min_bytes = 1;
    auto& wanted = request.topics.emplace_back();
    wanted.topic = topic;
    auto& partition = wanted.partitions.emplace_back();
    partition.fetch_offset = offset.value();
    partition.partition_max_bytes = 1 << 20;
    return request;
}

inline void make_topic(TestBroker& broker, ConnectionId connection, const std::string& name,
                       std::int32_t partitions = 1) {
    protocol::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = 1;
    const auto response = broker.ask<protocol::CreateTopicsResponse>(connection, request, 7);
    ASSERT_EQ(response.topics.size(), 1u);
    ASSERT_EQ(response.topics[0].error_code, protocol::ErrorCode::none);
}

// The values of all records in what a fetch gave out.
inline std::vector<std::string> values_in(const Bytes& run) {
    std::vector<std::string> values;
    records::BatchReader batches(run);
    while (const auto batch = batches.next()) {
        EXPECT_TRUE(batch->has_good_crc());
        const Bytes records = batch->records();
        records::RecordReader reader(batch->header, records);
        while (const auto record = reader.next()) values.emplace_back(as_text(*record->value));
    }
    return values;
}

}  // namespace barnabas::broker
