// One outgoing connection of a machine, kept up: it dials, asks the peer for its versions, pairs
// responses with requests, gives a peer up that does not answer, and dials again after growing
// pauses.
//
// A value inside its machine, which passes on every event that is owned here. There are no
// callbacks: on() returns what became of requests. Every call() that was sent is answered by
// exactly one Reply, in the order of the calls: a response, or why there is none. Then the peer may
// have carried out the request all the same.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/hash.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::rpc {

using RequestId = Id<struct RequestTag, std::uint64_t>;

enum class Failure : std::uint8_t {
    disconnected,  // the connection ended first
    timed_out,     // no answer in time; the connection is given up with it
    garbage,       // the answer is none; the connection is given up with it
    closed,        // close() was asked for
};
std::string_view name_of(Failure failure);

struct Reply {
    RequestId request;
    protocol::ApiKey api{};
    std::int16_t version = 0;
    Result<Bytes, Failure> body = unexpected(Failure::disconnected);  // what follows the header
};

// The response of a reply. Bytes that do not decode are garbage.
template <class Response>
Result<Response, Failure> read(const Reply& reply) {
    if (!reply.body) return unexpected(reply.body.error());
    auto response = protocol::decode<Response>(*reply.body, reply.version);
    if (!response) return unexpected(Failure::garbage);
    return std::move(*response);
}

struct Options {
    Endpoint peer;
    std::uint32_t number = 0;  // among the connections of its machine: no other has it
    Token timer;               // of its machine: kept for this connection
    std::string client_id;
    Duration dial_timeout = 10s;  // until the versions are known
    Duration backoff_least = 50ms;
    Duration backoff_most = 1s;
    std::uint32_t response_bytes_max = 100 << 20;
};

class Connection {
  public:
    explicit Connection(Options options) : options_(std::move(options)) {}

    // Keeps the connection up from now on.
    void open(Turn& turn);
    // Hangs up and stays down; all requests are answered with `closed`.
    std::vector<Reply> close(Turn& turn);

    bool is_open() const { return wanted_; }
    bool is_ready() const { return std::holds_alternative<Ready>(state_); }
    const Endpoint& peer() const { return options_.peer; }
    std::size_t in_flight() const { return requests_.size(); }
    // How many dials in a row came to nothing, and what ended the last connection.
    std::uint32_t failures() const { return failures_; }
    Reason last_reason() const { return last_reason_; }

    // The newest version of an API that both ends speak, at most `newest`. Needs: is_ready().
    std::optional<std::int16_t> version(protocol::ApiKey api, protocol::VersionRange ours) const;

    // Sends one request, in the newest version of `versions` that the peer speaks. False: there is
    // none, or the request cannot be said in it; nothing was sent. Needs: is_ready().
    template <class Request>
    bool call(RequestId id, const Request& request, Duration timeout, Turn& turn,
              protocol::VersionRange versions = Request::api.valid) {
        return send(Pending{.request = id, .deadline = turn.now + timeout}, request, versions,
                    turn);
    }
    // The same for one that the peer does not answer (Produce with acks=0).
    template <class Request>
    bool tell(const Request& request, Turn& turn,
              protocol::VersionRange versions = Request::api.valid) {
        return send(std::nullopt, request, versions, turn);
    }

    bool owns(const Event& event) const;
    std::vector<Reply> on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;

  private:
    struct Idle {};
    struct Pausing {
        Instant until;
    };
    struct Dialling {
        Instant deadline;
    };
    struct Asking {  // for the peer's versions
        Instant deadline;
    };
    struct Ready {};
    struct Pending {
        RequestId request;
        std::int32_t correlation = 0;
        protocol::ApiKey api{};
        std::int16_t version = 0;
        Instant deadline;
    };
    using Versions = std::vector<protocol::ApiVersionsResponse::ApiVersion>;

    template <class Request>
    bool send(std::optional<Pending> pending, const Request& request,
              protocol::VersionRange versions, Turn& turn);
    void expect(Pending pending, Turn& turn);
    void dial(Turn& turn);
    void ask_versions(std::int16_t version, Turn& turn);
    std::vector<Reply> on_frame(const Bytes& frame, Turn& turn);
    std::vector<Reply> on_versions(const Bytes& body, std::int16_t version, Turn& turn);
    std::vector<Reply> on_timer(Turn& turn);
    // Hangs up, then as lose().
    std::vector<Reply> give_up(Failure why, Turn& turn);
    // Answers what waits; pauses before the next dial when the connection is wanted.
    std::vector<Reply> lose(Failure why, Turn& turn);
    std::optional<Instant> next_deadline() const;
    void arm(Turn& turn);

    Options options_;
    bool wanted_ = false;
    std::variant<Idle, Pausing, Dialling, Asking, Ready> state_;
    ConnectionId connection_;  // of the present or the last dial
    std::uint32_t dials_ = 0;
    std::uint32_t failures_ = 0;
    Reason last_reason_ = Reason::closed;
    std::int32_t correlation_ = 0;
    Versions versions_;
    std::deque<Pending> requests_;
    std::optional<Instant> armed_;
};

template <class Request>
bool Connection::send(std::optional<Pending> pending, const Request& request,
                      protocol::VersionRange versions, Turn& turn) {
    CHECK(is_ready());
    const auto spoken = version(Request::api.key, versions);
    if (!spoken) return false;
    const protocol::RequestHeader header{.api_version = *spoken,
                                         .correlation_id = correlation_,
                                         .client_id = options_.client_id,
                                         .unknown_tags = {}};
    auto frame = protocol::frame_request(header, request);
    if (!frame) return false;
    turn.ask(effect::Send{connection_, std::move(*frame)});
    if (pending) {
        pending->correlation = correlation_;
        pending->api = Request::api.key;
        pending->version = *spoken;
        expect(*pending, turn);
    }
    correlation_ = correlation_ == INT32_MAX ? 0 : correlation_ + 1;
    return true;
}

}  // namespace barnabas::rpc
