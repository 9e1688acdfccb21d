#include "tests/engine/broker/conversation.h"

#include <fmt/format.h>

#include "engine/broker/api/routes.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/registry.h"

namespace barnabas::broker {
namespace {

using protocol::ApiKey;

constexpr std::size_t clients_at_once = 3;
// Answers of the disk, and slices of long jobs, that one request may lead to.
constexpr std::uint64_t steps_max = 200'000;

template <class... Requests>
struct ListOf {
    static constexpr std::size_t size = sizeof...(Requests);
};
using AskedRequests =
    ListOf<protocol::ProduceRequest, protocol::FetchRequest, protocol::ListOffsetsRequest,
           protocol::MetadataRequest, protocol::ApiVersionsRequest, protocol::CreateTopicsRequest,
           protocol::DeleteRecordsRequest, protocol::DescribeConfigsRequest,
           protocol::IncrementalAlterConfigsRequest, protocol::InitProducerIdRequest,
           protocol::DescribeProducersRequest>;

// Settings under which much happens with few records.
std::vector<std::string> settings_with_much_to_do() {
    return {"log.segment.bytes=1048576", "num.partitions=2", "log.flush.interval.messages=3"};
}

}  // namespace

Conversation::Conversation(support::Dice dice)
    : dice_(dice), broker_(settings_with_much_to_do()) {
    CHECK(api::routes().size() == AskedRequests::size);  // an API that is new is to be asked, too
    broker_.shuffle(dice_.below(1'000'000));
    are_hostile_ = dice_.one_in(4);
}

std::optional<std::string> Conversation::run(std::uint64_t steps) {
    live_again();
    if (are_hostile_) make_topic(broker_, broker_.connect(), "wide", 200);
    for (; steps > 0 && !wrong_; --steps) step();
    settle();
    broker_.pass(std::chrono::milliseconds(INT32_MAX) + 1s);  // the longest wait that can be asked
    settle();
    look_at_answers();
    for (const Client& client : clients_) {
        if (wrong_ || broker_.is_hung_up(client.id)) continue;
        for (const Expected& one : client.expected)
            if (!one.is_silent)
                fail(fmt::format("{} version {} was never answered", protocol::name_of(one.key),
                                 one.version));
    }
    look_around();
    return wrong_;
}

void Conversation::step() {
    if (dice_.one_in(60)) return live_again();
    if (dice_.one_in(20)) broker_.pass(std::chrono::milliseconds(dice_.below(600)));
    if (dice_.one_in(20)) {
        Client& client = clients_[dice_.below(clients_.size())];
        if (!broker_.is_hung_up(client.id))
            broker_.tell(event::Disconnected{client.id, Reason::reset});
        client = {broker_.connect(), {}, 0};
    }
    look_around();
    ask();
    dice_.one_in(3) ? answer_some() : settle();
    look_at_answers();
}

// Stops or kills the node, and begins its next life.
void Conversation::live_again() {
    if (!clients_.empty()) {
        settle();
        look_at_answers();
        if (dice_.one_in(2)) {
            broker_.stop();
            if (broker_.exit_code() != 0) fail("a clean stop did not end with 0");
        }
        dice_.one_in(2) ? broker_.kill() : broker_.lose_power();
    }
    broker_.start();
    if (!broker_.broker().is_serving()) return fail("the node does not serve");
    clients_.clear();
    while (clients_.size() < clients_at_once) clients_.push_back({broker_.connect(), {}, 0});
}

void Conversation::look_around() {
    around_ = {};
    partitions_ = 0;
    tally_.stored = 0;
    for (const auto& [name, topic] : broker_.broker().node().image.topics()) {
        around_.topics.push_back(name);
        around_.topic_ids.push_back(topic->id);
        partitions_ += topic->partitions.size();
    }
    const auto& partitions = broker_.broker().node().partitions.table();
    for (std::uint32_t slot = 0; slot < partitions.slot_count(); ++slot)
        tally_.stored +=
            static_cast<std::uint64_t>(partitions.at(slot)->log.log_end_offset().value());
    tally_.partitions = partitions_;
}

void Conversation::ask() {
    Mood mood = dice_.one_in(4) ? Mood::odd : Mood::honest;
    if (dice_.one_in(are_hostile_ ? 2 : 20)) mood = Mood::hostile;
    const std::size_t chosen = dice_.below(AskedRequests::size);
    [&]<class... Requests>(ListOf<Requests...>) {
        ask_one_of<Requests...>(chosen, mood);
    }(AskedRequests());
}

template <class... Requests>
void Conversation::ask_one_of(std::size_t chosen, Mood mood) {
    std::size_t at = 0;
    ((at++ == chosen ? ask_for<Requests>(mood) : void()), ...);
}

template <class Request>
void Conversation::ask_for(Mood mood) {
    const auto versions = Request::api.valid;
    protocol::RequestHeader header;
    header.api_key = Request::api.key;
    header.api_version =
        static_cast<std::int16_t>(dice_.between(versions.oldest, versions.latest));
    header.correlation_id = ++last_correlation_;
    header.client_id = "client";
    Request request;
    const bool is_flexible = protocol::format_of<Request>().is_flexible(header.api_version);
    RequestMaker maker(dice_, header.api_version, is_flexible, mood, around_);
    maker.fill(request);
    const auto framed = protocol::frame_request(header, request);
    if (!framed) return;  // too long a string, or a value that the version cannot carry
    const Bytes frame = framed->flatten().from(4);
    Expected expected{header.api_key, header.api_version, header.correlation_id,
                      answer_bytes_max(header.api_key, frame.size()), false};
    if constexpr (requires { request.acks; }) expected.is_silent = request.acks == 0;
    Client& client = clients_[dice_.below(clients_.size())];
    if (broker_.is_hung_up(client.id)) {
        ++tally_.hung_up;
        client = {broker_.connect(), {}, 0};
    }
    send(client, frame, expected);
}

std::uint64_t Conversation::answer_bytes_max(ApiKey key, std::size_t frame_bytes) const {
    // What a byte of the request may be worth. All settings of a topic are told for its name alone.
    std::uint64_t worth = 64;
    if (key == ApiKey::describe_configs) worth = 10'000;
    if (key == ApiKey::create_topics) worth = 1'000;
    const std::uint64_t stored = key == ApiKey::fetch ? broker_.disk().used() : 0;
    return 64'000 + worth * frame_bytes + 200 * partitions_ + stored;
}

// As a driver does: what the credit does not cover is announced, and comes when it is admitted.
void Conversation::send(Client& client, const Bytes& frame, const Expected& expected) {
    client.sent_bytes += frame.size();
    // Piece by piece: what was admitted is read, and the frame is announced again.
    for (std::size_t pieces = 0; pieces <= frame.size() / 65'536 + 2; ++pieces) {
        if (client.sent_bytes <= broker_.credit(client.id)) break;
        broker_.tell(event::Arriving{client.id, static_cast<std::uint32_t>(frame.size())});
        settle();
    }
    if (client.sent_bytes > broker_.credit(client.id)) {
        if (broker_.is_hung_up(client.id)) return;
        return fail(fmt::format("a frame of {} bytes is never admitted", frame.size()));
    }
    client.expected.push_back(expected);
    broker_.tell(event::Received{client.id, frame});
}

void Conversation::answer_some() {
    for (std::uint64_t left = dice_.below(12); left > 0; --left) broker_.step();
}

void Conversation::settle() {
    for (std::uint64_t left = steps_max; broker_.step();)
        if (--left == 0) return fail("the node finds no end");
}

void Conversation::look_at_answers() {
    if (broker_.exit_code() && broker_.broker().is_serving()) fail("the node has ended");
    for (Client& client : clients_)
        while (const auto frame = broker_.take_answer(client.id)) judge(client, *frame);
}

void Conversation::judge(Client& client, const Bytes& frame) {
    std::size_t at = 0;
    std::int32_t correlation_id = 0;
    if (frame.size() >= 4)
        for (std::size_t i = 0; i < 4; ++i) correlation_id = correlation_id << 8 | frame[i];
    while (!client.expected.empty() && client.expected.front().is_silent &&
           client.expected.front().correlation_id != correlation_id)
        client.expected.pop_front();
    if (client.expected.empty()) return fail("an answer comes that nobody asked for");
    const Expected expected = client.expected.front();
    client.expected.pop_front();
    const std::string what =
        fmt::format("{} version {}", protocol::name_of(expected.key), expected.version);
    if (correlation_id != expected.correlation_id)
        return fail(what + ": an answer overtook it");
    if (frame.size() > expected.bytes_max)
        return fail(fmt::format("{}: an answer of {} bytes; what there is is worth {}", what,
                                frame.size(), expected.bytes_max));
    const auto header =
        protocol::decode_response_header(frame, at, expected.key, expected.version);
    const auto* type = protocol::find_message(expected.key, protocol::Kind::response);
    const auto read = header ? type->to_json(frame.from(at), expected.version)
                             : unexpected(header.error());
    if (!read) return fail(what + ": its answer cannot be read: " + read.error().text());
    ++tally_.answered[expected.key];
}

void Conversation::fail(std::string why) {
    if (!wrong_) wrong_ = std::move(why);
}

}  // namespace barnabas::broker
