#include "sim/checkers/explained.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::sim {
namespace {

using protocol::ErrorCode;
using Kind = client::Fate::Kind;

// A sender that gets nothing through gives its connection up so late.
constexpr Duration give_up = 60s;

// What a broker may answer because of a fault. Everything else is its own doing.
bool can_be_explained(ErrorCode error) {
    constexpr ErrorCode by_faults[] = {
        ErrorCode::none,
        ErrorCode::kafka_storage_error,
        ErrorCode::not_leader_or_follower,
        ErrorCode::leader_not_available,
        ErrorCode::unknown_topic_or_partition,
        ErrorCode::unknown_topic_id,
        ErrorCode::request_timed_out,
        ErrorCode::fenced_leader_epoch,
        ErrorCode::unknown_leader_epoch,
        ErrorCode::coordinator_not_available,
        ErrorCode::coordinator_load_in_progress,
        // Of a producer: what it sent before was refused, or is lost.
        ErrorCode::out_of_order_sequence_number,
        ErrorCode::unknown_producer_id,
        ErrorCode::invalid_producer_epoch,
    };
    return std::ranges::find(by_faults, error) != std::end(by_faults);
}

std::string_view reason_text(Reason reason) {
    switch (reason) {
        case Reason::closed: return "was closed by the other end";
        case Reason::reset: return "was reset";
        case Reason::refused: return "was refused";
        case Reason::unreachable: return "found no way";
        case Reason::timed_out: return "timed out while dialling";
        case Reason::hung_up: return "was hung up";
    }
    return "ended";
}

}  // namespace

std::string Explained::rest(const Sight& sight) const {
    if (sight.cast.producers.empty() && sight.cast.consumers.empty()) return "there is no client";
    return sight.now() < Instant(opening) ? "the run ended before it had begun" : "";
}

const std::set<ErrorCode>& Explained::told(const TopicPartition& partition) const {
    static const std::set<ErrorCode> nothing;
    const auto found = told_.find(partition);
    return found == told_.end() ? nothing : found->second;
}

void Explained::look(const Sight& sight) {
    if (const Cast::Producer* producer = sight.cast.producer(sight.node)) {
        sight.fates.each([&](const client::Fate& fate) { judge_fate(sight, *producer, fate); });
    }
    const Event* event = sight.last().event();
    const auto* gone = event ? std::get_if<event::Disconnected>(event) : nullptr;
    if (gone != nullptr) judge_end(sight, *gone);
}

void Explained::judge_fate(const Sight& sight, const Cast::Producer& producer,
                           const client::Fate& fate) {
    judged();
    if (fate.error != ErrorCode::none) {
        told_[fate.to].insert(fate.error);
        judge_error(sight, producer, fate);
    }
    if (fate.kind == Kind::acknowledged || producer.acks == client::Acks::none) return;
    const Duration patience = fate.kind == Kind::lost_reply || fate.kind == Kind::refused
                                  ? producer.request_timeout
                                  : producer.delivery_timeout;
    const Instant since = sight.now() - patience - aftermath;
    if (sight.now() < Instant(opening)) return;
    if (sight.harm.of_client(sight.node, sight.cast, since)) {
        ++explained_;
        return;
    }
    report("unexplained",
           fmt::format("{} {} to {}: {}{}{}, and no fault accounts for that", producer.name,
                       fate.number, fate.to.text(), name_of(fate.kind),
                       fate.error == ErrorCode::none ? "" : " with ",
                       fate.error == ErrorCode::none ? "" : name_of(fate.error)));
}

void Explained::judge_error(const Sight& sight, const Cast::Producer& producer,
                            const client::Fate& fate) {
    if (!can_be_explained(fate.error)) {
        return report("unexplained", fmt::format("{} {} to {} was answered with {}, which no fault "
                                                 "accounts for",
                                                 producer.name, fate.number, fate.to.text(),
                                                 name_of(fate.error)));
    }
    if (fate.error != ErrorCode::kafka_storage_error) return;
    const bool is_explained = std::ranges::any_of(sight.cast.brokers, [&](const auto& broker) {
        const auto directory = sight.logs_of(broker.node).directory_of(fate.to);
        return sight.harm.of_storage(broker.node, directory.value_or(""), sight.now() - aftermath)
            .has_value();
    });
    if (is_explained) return;
    const auto said = spread_.find(fate.to);
    if (said != spread_.end() && sight.now() - said->second < aftermath) return;
    spread_[fate.to] = sight.now();
    report("spread", fate.to.text() + " was refused with KAFKA_STORAGE_ERROR, and nothing had "
                                      "befallen its log directory, or that was over");
}

// Both ends hear of it. A broker hears of what a client gave up, and may do so late.
void Explained::judge_end(const Sight& sight, const event::Disconnected& gone) {
    if (sight.cast.admin == sight.node) return;  // it comes and goes as it likes
    judged();
    const bool is_broker = sight.cast.broker(sight.node) != nullptr;
    if (sight.now() < Instant(opening)) return;
    const Instant since = sight.now() - aftermath - (is_broker ? give_up : Duration(0));
    const auto excuse = is_broker ? sight.harm.of_any(since)
                                  : sight.harm.of_client(sight.node, sight.cast, since);
    if (excuse) {
        ++explained_;
        return;
    }
    // The admin has done what it was there for.
    if (is_broker && gone.reason == Reason::closed && sight.cast.admin) return;
    report("unexplained", fmt::format("a connection of {} {}, and no fault accounts for that",
                                      sight.world.name(sight.node), reason_text(gone.reason)));
}

}  // namespace barnabas::sim
