// How an API works on a request: the same way for short ones and long ones.
//
// An API's Work holds what it read and how far it came:
//     using Request = protocol::...;
//     explicit Work(const ReturnAddress& to);
//     Request request;                     // as it was read
//     bool advance(Node& node, Slice& slice, Turn& turn);
//                                          // true when it has answered, or a row will
//     std::uint64_t answer_bytes = 0;      // of memory, about; where it may grow
//     bool discard(std::size_t elements);  // where it holds more than `request`
//     static constexpr bool is_passed_on;  // where another room goes on with it
//     void abandon(Node& node, Turn& turn);
//                                          // where a row knows of it: it will not be gone on with
// begin_work() reads the request and works on it at once, as far as one slice goes: that is all of
// nearly every request. What is left becomes a job.
#pragma once

#include <fmt/format.h>

#include "engine/broker/node.h"
#include "engine/protocol/apis.h"
#include "engine/protocol/discard.h"

namespace barnabas::broker::api {

// Where the partitions of a topic stand, for the length of a turn.
struct TopicPlace {
    const replication::TopicSlots* slots = nullptr;
    bool is_unknown_id = false;  // it is asked for by an id that no topic has

    replication::Slot slot(std::int32_t partition) const {
        const auto found = slots ? slots->find(PartitionIndex(partition)) : std::nullopt;
        return found.value_or(replication::nowhere);
    }
};
// By its id where the request has one, else by its name.
inline TopicPlace place_of(const Node& node, std::string_view name, const TopicId& id) {
    if (id.is_zero()) return {node.partitions.table().topic(name)};
    const auto* slots = node.partitions.table().topic(id);
    return {slots, slots == nullptr && node.image.topic(id) == nullptr};
}

inline replication::Asker asker_of(Address address, const Place& place, std::uint32_t number) {
    return {address.connection, address.sequence, place.topic, place.partition, number};
}
inline Address address_of(const replication::Asker& asker) {
    return {asker.connection, asker.request};
}

// What the checks of produced batches may take in one turn: about a millisecond.
inline records::Effort turn_effort() { return records::Effort(320u << 10); }

template <class Work>
class RequestJob : public Job {
  public:
    explicit RequestJob(const Call& call) : to_(call.to), body_(call.body), work_(call.to) {}

    std::unique_ptr<Job> copy() const override { return std::make_unique<RequestJob>(*this); }

    bool advance(Node& node, Turn& turn) override {
        if (!node.connections.has(to_.address.connection)) abandon(node, turn);
        if (stage_ == Stage::reading) read(node, turn);
        if (stage_ == Stage::working) work(node, turn);
        if (stage_ != Stage::discarding) return true;
        if (std::exchange(is_holding_, false)) node.jobs.end(to_.address.connection, turn);
        return !discard();
    }
    bool is_done() const { return stage_ == Stage::discarding; }
    // Those behind it on its connection wait until it is done.
    void hold(Node& node) {
        node.jobs.begin(to_.address.connection);
        is_holding_ = true;
    }

  private:
    enum class Stage : std::uint8_t { reading, working, discarding };

    // Bytes behind the message are left alone, as Kafka leaves them.
    void read(Node& node, Turn& turn) {
        const std::uint64_t before = reading_.memory_bytes;
        const auto is_read =
            protocol::decode_some(body_, to_.api_version, slice_bytes.read, request_memory_max,
                                  work_.request, reading_);
        if (!is_read) return give_up(node, is_read.error().text(), turn);
        if (!*is_read || before > 0)
            node.connections.charge(to_.address, reading_.memory_bytes - before);
        if (!*is_read) return;
        body_ = Bytes();
        stage_ = Stage::working;
    }

    void work(Node& node, Turn& turn) {
        Slice slice;
        const bool is_done = work_.advance(node, slice, turn);
        if constexpr (requires { work_.answer_bytes; }) {
            if (!is_done) {
                node.connections.charge(to_.address, work_.answer_bytes - charged_);
                charged_ = work_.answer_bytes;
            }
            if (charged_ > answer_memory_max) return give_up(node, "its answer is too large", turn);
        }
        if (!is_done) return;
        stage_ = Stage::discarding;
        // Whoever has it now ends it: those behind it on its connection wait until then.
        if constexpr (requires { Work::is_passed_on; }) {
            if (!std::exchange(is_holding_, false)) node.jobs.begin(to_.address.connection);
        }
    }

    void give_up(Node& node, std::string_view why, Turn& turn) {
        node.connections.hang_up(
            to_.address,
            fmt::format("{} version {}, {} bytes: {}", protocol::name_of(to_.api_key),
                        to_.api_version, body_.size(), why),
            turn);
        abandon(node, turn);
    }

    void abandon(Node& node, Turn& turn) {
        if (stage_ == Stage::working) {
            if constexpr (requires { work_.abandon(node, turn); }) work_.abandon(node, turn);
        }
        stage_ = Stage::discarding;
    }

    // What a slice has read, a slice can let go of.
    bool discard() {
        if (reading_.memory_bytes <= slice_bytes.read && charged_ == 0) return true;
        if constexpr (requires { work_.discard(1); }) {
            if (!work_.discard(discarded_at_once)) return false;
        }
        return protocol::Discarder::discard(work_.request, discarded_at_once);
    }

    ReturnAddress to_;
    Bytes body_;  // until it is read
    Stage stage_ = Stage::reading;
    protocol::Reading reading_;
    std::uint64_t charged_ = 0;  // of the answer
    bool is_holding_ = false;
    Work work_;
};

template <class Work>
void begin_work(Node& node, const Call& call, Turn& turn) {
    RequestJob<Work> job(call);
    if (!job.advance(node, turn)) return;
    if (!job.is_done()) job.hold(node);
    node.jobs.add(std::move(job), turn);
}

// A message that nobody needs any more.
template <class Message>
class DiscardJob : public Job {
  public:
    explicit DiscardJob(Message message) : message_(std::move(message)) {}
    std::unique_ptr<Job> copy() const override { return std::make_unique<DiscardJob>(*this); }
    bool advance(Node&, Turn&) override {
        return !protocol::Discarder::discard(message_, discarded_at_once);
    }

  private:
    Message message_;
};

// Frees the message, in turns of its own when it is long.
template <class Message>
void let_go(Node& node, Message message, Turn& turn) {
    if (!protocol::Discarder::discard(message, discarded_at_once))
        node.jobs.add(DiscardJob<Message>(std::move(message)), turn);
}

// The Work of an API whose requests are short, or are decided on as a whole.
template <class R, void (*handle)(Node& node, const ReturnAddress& to, R& request, Turn& turn)>
struct AtOnce {
    using Request = R;

    explicit AtOnce(const ReturnAddress& from) : to(from) {}
    bool advance(Node& node, Slice&, Turn& turn) {
        handle(node, to, request, turn);
        return true;
    }

    ReturnAddress to;
    R request;
};

// Lets go of what was gathered by topic: true when nothing is left.
template <class Partitions>
bool let_go(std::map<std::string, Partitions>& topics, std::size_t elements) {
    for (; elements > 0 && !topics.empty(); --elements) {
        Partitions& partitions = topics.begin()->second;
        if (!partitions.empty()) partitions.erase(partitions.begin());
        if (partitions.empty()) topics.erase(topics.begin());
    }
    return topics.empty();
}

// The partitions of a request, topic by topic, as far as the slice goes: true when all had their
// turn.
template <class Topic, class Partition, class BeginTopic, class Visit>
bool visit_some(const std::vector<Topic>& topics, std::vector<Partition> Topic::*partitions,
                Place& at, Slice& slice, BeginTopic begin_topic, Visit visit) {
    for (; at.topic < topics.size(); at = {at.topic + 1, 0}) {
        const Topic& topic = topics[at.topic];
        const std::vector<Partition>& all = topic.*partitions;
        if (at.partition == 0) {
            if (slice.is_over()) return false;
            slice.take();
            begin_topic(topic);
        }
        for (; at.partition < all.size(); ++at.partition) {
            if (at.partition > 0 && slice.is_over()) return false;
            slice.take();
            visit(topic, all[at.partition]);
        }
    }
    return true;
}

}  // namespace barnabas::broker::api
