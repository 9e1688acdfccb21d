#include "engine/rpc/connection.h"

#include <algorithm>

namespace barnabas::rpc {
namespace {

constexpr std::uint64_t number_shift = 32;  // connection id: number of the connection, of the dial

constexpr std::int16_t versions_asked = protocol::ApiVersionsRequest::api.valid.latest;

}  // namespace

std::string_view name_of(Failure failure) {
    switch (failure) {
        case Failure::disconnected: return "disconnected";
        case Failure::timed_out: return "timed out";
        case Failure::garbage: return "garbage";
        case Failure::closed: return "closed";
    }
    return "unknown";
}

void Connection::open(Turn& turn) {
    if (wanted_) return;
    wanted_ = true;
    dial(turn);
}

std::vector<Reply> Connection::close(Turn& turn) {
    if (!wanted_) return {};
    wanted_ = false;
    failures_ = 0;
    if (connection_ == ConnectionId()) return lose(Failure::closed, turn);
    return give_up(Failure::closed, turn);
}

std::optional<std::int16_t> Connection::version(protocol::ApiKey api,
                                                protocol::VersionRange ours) const {
    for (const auto& theirs : versions_) {
        if (theirs.api_key != static_cast<std::int16_t>(api)) continue;
        const std::int16_t newest = std::min(theirs.max_version, ours.latest);
        if (newest >= std::max(theirs.min_version, ours.oldest)) return newest;
    }
    return std::nullopt;
}

bool Connection::owns(const Event& event) const {
    return std::visit(
        [&](const auto& one) {
            if constexpr (requires { one.connection; }) {
                return is_dialled(one.connection) &&
                       one.connection.value() << 1 >> (number_shift + 1) == options_.number;
            } else if constexpr (requires { one.timer; }) {
                return one.timer == options_.timer;
            } else {
                return false;
            }
        },
        event);
}

std::vector<Reply> Connection::on(const Event& event, Turn& turn) {
    if (std::holds_alternative<event::TimerFired>(event)) return on_timer(turn);
    const bool is_present = std::visit(
        [&](const auto& one) {
            if constexpr (requires { one.connection; }) return one.connection == connection_;
            return false;
        },
        event);
    if (!is_present) return {};  // of a connection that was given up

    if (std::holds_alternative<event::Connected>(event)) {
        turn.ask(effect::Admit{connection_, options_.response_bytes_max});
        ask_versions(versions_asked, turn);
        return {};
    }
    if (const auto* received = std::get_if<event::Received>(&event)) {
        turn.ask(effect::Admit{connection_, received->frame.size()});
        return on_frame(received->frame, turn);
    }
    if (std::holds_alternative<event::Arriving>(event)) return give_up(Failure::garbage, turn);
    if (const auto* lost = std::get_if<event::Disconnected>(&event)) {
        last_reason_ = lost->reason;
        return lose(Failure::disconnected, turn);
    }
    return {};
}

void Connection::dial(Turn& turn) {
    CHECK(dials_ < UINT32_MAX);
    CHECK(options_.number < 1u << 31);
    connection_ = dialled(std::uint64_t{options_.number} << number_shift | dials_++);
    state_ = Dialling{turn.now + options_.dial_timeout};
    turn.ask(effect::Dial{connection_, options_.peer});
    arm(turn);
}

void Connection::ask_versions(std::int16_t version, Turn& turn) {
    const auto* dialling = std::get_if<Dialling>(&state_);
    const Instant deadline = dialling ? dialling->deadline : std::get<Asking>(state_).deadline;
    state_ = Asking{deadline};
    const protocol::RequestHeader header{.api_version = version,
                                         .correlation_id = correlation_,
                                         .client_id = options_.client_id,
                                         .unknown_tags = {}};
    protocol::ApiVersionsRequest request;
    request.client_software_name = "barnabas";
    request.client_software_version = "0.1.0";
    auto frame = protocol::frame_request(header, request);
    CHECK(frame.has_value());
    turn.ask(effect::Send{connection_, std::move(*frame)});
    expect({.correlation = correlation_++,
            .api = protocol::ApiKey::api_versions,
            .version = version,
            .deadline = deadline},
           turn);
}

void Connection::expect(Pending pending, Turn& turn) {
    requests_.push_back(pending);
    arm(turn);
}

std::vector<Reply> Connection::on_frame(const Bytes& frame, Turn& turn) {
    if (requests_.empty()) return give_up(Failure::garbage, turn);
    const Pending pending = requests_.front();
    std::size_t at = 0;
    const auto header = protocol::decode_response_header(frame, at, pending.api, pending.version);
    if (!header || header->correlation_id != pending.correlation) {
        return give_up(Failure::garbage, turn);
    }
    requests_.pop_front();
    const Bytes body = frame.from(at);
    if (std::holds_alternative<Asking>(state_)) return on_versions(body, pending.version, turn);
    arm(turn);
    return {{pending.request, pending.api, pending.version, body}};
}

std::vector<Reply> Connection::on_versions(const Bytes& body, std::int16_t version, Turn& turn) {
    auto response = protocol::decode<protocol::ApiVersionsResponse>(body, version);
    if (version > 0 && (!response || response->error_code != protocol::ErrorCode::none)) {
        // A peer that does not know the version says so in version 0, if it is new enough with the
        // versions that it knows.
        response = protocol::decode<protocol::ApiVersionsResponse>(body, 0);
        if (!response) return give_up(Failure::garbage, turn);
        versions_ = std::move(response->api_keys);
        const auto known = this->version(protocol::ApiKey::api_versions,
                                         {0, static_cast<std::int16_t>(version - 1)});
        ask_versions(known.value_or(0), turn);
        return {};
    }
    if (!response || response->error_code != protocol::ErrorCode::none) {
        return give_up(Failure::garbage, turn);
    }
    versions_ = std::move(response->api_keys);
    failures_ = 0;
    state_ = Ready{};
    arm(turn);
    return {};
}

std::vector<Reply> Connection::on_timer(Turn& turn) {
    armed_.reset();
    if (const auto* pausing = std::get_if<Pausing>(&state_);
        pausing && pausing->until <= turn.now) {
        dial(turn);
    } else if (const auto due = next_deadline(); due && *due <= turn.now) {
        last_reason_ = Reason::timed_out;
        return give_up(Failure::timed_out, turn);
    } else {
        arm(turn);
    }
    return {};
}

std::vector<Reply> Connection::give_up(Failure why, Turn& turn) {
    turn.ask(effect::HangUp{connection_});
    return lose(why, turn);
}

std::vector<Reply> Connection::lose(Failure why, Turn& turn) {
    std::vector<Reply> replies;
    for (const Pending& pending : requests_) {
        if (pending.request == RequestId()) continue;  // the versions, our own question
        const bool overdue = pending.deadline <= turn.now;
        const Failure failure = why == Failure::timed_out && !overdue ? Failure::disconnected : why;
        replies.push_back({pending.request, pending.api, pending.version, unexpected(failure)});
    }
    requests_.clear();
    versions_.clear();
    connection_ = ConnectionId();  // what still comes of it is no concern of ours
    if (!wanted_) {
        state_ = Idle{};
    } else {
        const std::uint32_t doublings = std::min(failures_++, 16u);
        const Duration pause =
            std::min(options_.backoff_most, options_.backoff_least * (1 << doublings));
        const Duration jitter = turn.random(Concern::backoff).duration_below(pause / 4);
        state_ = Pausing{turn.now + pause - jitter};
    }
    arm(turn);
    return replies;
}

std::optional<Instant> Connection::next_deadline() const {
    if (const auto* pausing = std::get_if<Pausing>(&state_)) return pausing->until;
    if (const auto* dialling = std::get_if<Dialling>(&state_)) return dialling->deadline;
    std::optional<Instant> first;
    for (const Pending& pending : requests_) {
        first = first ? std::min(*first, pending.deadline) : pending.deadline;
    }
    return first;
}

void Connection::arm(Turn& turn) {
    const auto deadline = next_deadline();
    if (deadline == armed_) return;
    if (deadline)
        turn.ask(effect::ArmTimer{options_.timer, *deadline});
    else
        turn.ask(effect::DisarmTimer{options_.timer});
    armed_ = deadline;
}

void Connection::digest(Hasher& hasher) const {
    hasher.add(state_.index());
    hasher.add(connection_.value());
    hasher.add(static_cast<std::uint64_t>(correlation_));
    hasher.add(failures_);
    hasher.add(requests_.size());
    for (const Pending& pending : requests_) {
        hasher.add(pending.request.value());
        hasher.add(static_cast<std::uint64_t>(pending.deadline.time_since_epoch().count()));
    }
    if (const auto deadline = next_deadline()) {
        hasher.add(static_cast<std::uint64_t>(deadline->time_since_epoch().count()));
    }
}

}  // namespace barnabas::rpc
