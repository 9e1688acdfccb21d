// All that one node knows and holds: what the API files work on.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/broker/call.h"
#include "engine/broker/connections.h"
#include "engine/broker/controller_link.h"
#include "engine/broker/jobs.h"
#include "engine/broker/gather.h"
#include "engine/log_manager/log_manager.h"
#include "engine/log_manager/placement.h"
#include "engine/log_manager/startup.h"
#include "engine/metadata/delta.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/discard.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/replication/partitions.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::broker {

// What a Metadata request asks for, each topic once.
struct TopicsWanted {
    bool all = false;
    std::set<std::string> names;
    std::set<TopicId> ids;
};

// An answer that waits until topics are there, and their logs here are open.
struct TopicsRow {
    ReturnAddress to;
    bool is_asked = false;  // the controller makes topics for it
    std::vector<std::string> topics;
    std::variant<TopicsWanted, protocol::CreateTopicsResponse> then;
};

// Ids for producers that the controller gave to this node, and the block that it asked for.
struct ProducerIds {
    ProducerId next{0};
    ProducerId end{0};      // of the block that ids are given out of
    bool is_asked = false;  // for the next block
};

struct Node {
    explicit Node(const settings::BrokerSettings& from);

    // metadata.log.dir, or the first of log.dirs.
    static std::string metadata_directory(const settings::BrokerSettings& settings);

    settings::BrokerSettings settings;
    NodeId id;
    Uuid incarnation;
    log_manager::Startup startup;
    BrokerEpoch broker_epoch{-1};  // of the registration of this life
    ControllerLink controller;
    metadata::Image image;       // committed
    Offset metadata_end{0};      // below it all records are in the image
    metadata::Delta delta;       // of the image, that nobody here has followed yet
    replication::Partitions partitions;
    log_manager::LogManager logs;  // of the partitions
    log_manager::Placement placement;
    std::uint32_t fetch_bytes_max;  // fetch.max.bytes: of records in one answer
    Connections connections;
    Jobs jobs;
    std::vector<metadata::Listener> listeners;  // as they were opened, in the order of their ids

    Gathers gathers;
    std::set<std::pair<Instant, Address>> fetch_deadlines;
    std::deque<Address> due_fetches;  // that go on in turns of their own
    bool are_fetches_due = false;     // a job sees to them
    std::vector<TopicsRow> waits_for_topics;
    std::uint64_t changes = 0;  // records that were applied to the image
    ProducerIds producer_ids;
    std::vector<ReturnAddress> waits_for_producer_ids;  // in the order of their requests
    bool is_stopping = false;

    // Frames the response in the request's version, in slices, and hands it to the connection. What
    // cannot be framed or is too large costs its client the connection.
    template <class Response>
    void reply(const ReturnAddress& to, Response response, Turn& turn,
               Ranges ranges = {});
    // Breaks the connection off: there is no answer to this request.
    void hang_up(const ReturnAddress& to, std::string_view why, Turn& turn);

    // Applies a committed record to the image.
    void apply(const metadata::Record& record);
    // Opens or moves what the records since the last call changed of this node's partitions.
    void follow_image(Turn& turn);
    // Takes up what the image says of brokers' settings: true when some changed.
    bool follow_settings(Turn& turn);
    // What the registration tells others of the listeners.
    std::vector<metadata::Listener> advertised() const;

    // Takes away from these topics those that need no more waiting for: their logs here are open.
    // True when none is left.
    bool settle(std::vector<std::string>& topics) const;
    bool is_settled(const std::string& topic) const;
    // A topic by its id where the request has one, else by its name; nothing when it is unknown.
    const metadata::Topic* find_topic(std::string_view name, const TopicId& id) const {
        return id.is_zero() ? image.topic(name) : image.topic(id);
    }
    // How a client that came in on this connection reaches the broker.
    Endpoint endpoint_for(const metadata::BrokerRow& broker, ConnectionId connection) const;
    // The files of which answers hold ranges, made or under way: they stay as they are. Ascending.
    std::vector<FileId> promised_files() const;

    void digest(Hasher& hasher) const;

  private:
    void follow(const metadata::Topic& topic, Turn& turn);
};

// An answer that is framed in slices. A long one holds up what its connection asks next: no more
// than one is made for a peer that does not read.
template <class Response>
class ReplyJob : public Job {
  public:
    ReplyJob(const ReturnAddress& to, Response response, Ranges ranges)
        : to_(to), response_(std::move(response)), ranges_(std::move(ranges)) {}

    std::unique_ptr<Job> copy() const override { return std::make_unique<ReplyJob>(*this); }

    bool advance(Node& node, Turn& turn) override {
        if (!is_done_) frame(node, turn);
        if (!is_done_) return true;
        if (std::exchange(is_holding_, false)) node.jobs.end(to_.address.connection, turn);
        return is_long_ && !protocol::Discarder::discard(response_, discarded_at_once);
    }

  private:
    void frame(Node& node, Turn& turn) {
        is_done_ = true;
        if (!node.connections.has(to_.address.connection)) return;
        const std::size_t before = framing_.written.size();
        const auto is_framed = protocol::frame_some(to_.correlation_id, to_.api_version, response_,
                                                    slice_bytes.written, framing_);
        if (!is_framed) return node.hang_up(to_, is_framed.error().text(), turn);
        is_done_ = *is_framed;
        is_long_ = is_long_ || !is_done_;
        if (is_done_) return send(node, turn);
        if (!std::exchange(is_holding_, true)) node.jobs.begin(to_.address.connection);
        node.connections.charge(to_.address, framing_.written.size() - before);
        if (framing_.written.size() <= answer_memory_max) return;
        node.hang_up(to_, "it is too large", turn);
        is_done_ = true;
    }

    void send(Node& node, Turn& turn) {
        Answer answer;
        answer.reserve(framing_.written.pieces().size());
        for (const auto& piece : framing_.written.pieces()) {
            if (const auto* bytes = std::get_if<Bytes>(&piece)) {
                answer.emplace_back(*bytes);
            } else {
                answer.emplace_back(ranges_.at(std::get<protocol::External>(piece).tag));
            }
        }
        node.connections.answer(to_.address, std::move(answer), turn);
    }

    ReturnAddress to_;
    Response response_;
    Ranges ranges_;  // what the response's external records stand for
    protocol::Framing framing_;
    bool is_done_ = false;
    bool is_long_ = false;
    bool is_holding_ = false;
};

template <class Response>
void Node::reply(const ReturnAddress& to, Response response, Turn& turn,
                 Ranges ranges) {
    ReplyJob<Response> job(to, std::move(response), std::move(ranges));
    if (job.advance(*this, turn)) jobs.add(std::move(job), turn);
}

}  // namespace barnabas::broker
