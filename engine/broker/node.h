// All that one node knows and holds: what the API files work on.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/broker/call.h"
#include "engine/broker/checks.h"
#include "engine/broker/connections.h"
#include "engine/broker/replicas.h"
#include "engine/broker/snapshotting.h"
#include "engine/metadata/controller.h"
#include "engine/metadata/transaction.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"
#include "engine/quorum/quorum.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::broker {

// Requests that wait. Rows, not closures; none of them holds a frame.

// A produce whose batches are on their way to the disk, or being checked.
struct ProduceRow {
    ReturnAddress to;
    protocol::ProduceResponse response;
    std::uint32_t waits = 0;   // partitions that are not answered yet
    bool wants_answer = true;  // acks other than 0
};

// A partition of a request, by where it stands there.
struct Place {
    std::uint32_t topic = 0;
    std::uint32_t partition = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

// A fetch: its request is kept, as each attempt to answer it begins anew.
struct FetchRow {
    ReturnAddress to;
    protocol::FetchRequest request;
    Instant deadline;
    bool is_parked = false;  // waits for more than there is
    // Of the attempt under way:
    protocol::FetchResponse response;
    std::vector<FileRange> ranges;  // what the response's external records stand for
    std::uint64_t bytes = 0;        // of records, and set aside for what lookups find
    std::uint32_t lookups = 0;      // that the logs have not answered yet
    std::optional<Place> passed_over;  // the first one for which lookups had left nothing
    bool has_error = false;
};

// An answer that waits until topics that were decided on are committed and their logs are open.
struct TopicsRow {
    ReturnAddress to;
    Offset end;  // of the metadata log, with what was decided on
    std::vector<std::string> topics;
    std::variant<protocol::MetadataRequest, protocol::CreateTopicsResponse> then;
};

// A change of settings that is answered when the metadata log below `end` is committed.
struct CommitRow {
    ReturnAddress to;
    Offset end;
    protocol::IncrementalAlterConfigsResponse response;
};

// A ListOffsets that waits for lookups.
struct OffsetsRow {
    ReturnAddress to;
    protocol::ListOffsetsResponse response;
    bool is_committed_only = false;
    std::uint32_t lookups = 0;
};

// Where the answer of a lookup in a log belongs: a fetch, or a ListOffsets.
struct LookupRow {
    Address row;
    std::uint32_t topic = 0;
    std::uint32_t partition = 0;
    // Of a fetch: bytes set aside for it, and whether it gives its first batch whatever its size.
    std::uint32_t bytes = 0;
    bool is_first = false;
};

// Ids for producers that the controller gave to this node, and the block that it asked for.
struct ProducerIds {
    ProducerId next{0};
    ProducerId end{0};  // of the block that ids are given out of
    ProducerId asked_begin{0};
    std::optional<ProducerId> asked_end;  // while it is not committed
};

struct Node {
    explicit Node(const settings::BrokerSettings& from);

    // metadata.log.dir, or the first of log.dirs.
    static std::string metadata_directory(const settings::BrokerSettings& settings);

    settings::BrokerSettings settings;
    NodeId id;
    Uuid incarnation;
    Startup startup;
    quorum::Quorum quorum;
    metadata::Controller controller;  // decides on its latest image
    metadata::Image image;            // committed
    metadata::Transaction metadata_transaction;  // of the committed records
    Snapshotting snapshotting;                   // of the image
    std::set<TopicId> touched;        // topics of the image that the replicas have not followed
    Replicas replicas;
    std::uint32_t fetch_bytes_max;  // fetch.max.bytes: of records in one answer
    Connections connections;
    std::vector<metadata::Listener> listeners;  // as they were opened, in the order of their ids

    std::map<Address, ProduceRow> produces;
    Checks checks;  // of produced batches that are in no log yet
    std::map<Address, FetchRow> fetches;
    std::set<std::pair<Instant, Address>> fetch_deadlines;
    std::map<Address, OffsetsRow> offsets;
    std::map<log::LookupId, LookupRow> lookups;
    std::uint64_t last_lookup = 0;
    std::vector<TopicsRow> waits_for_topics;
    std::deque<CommitRow> waits_for_commit;  // ascending by `end`
    ProducerIds producer_ids;
    std::vector<ReturnAddress> waits_for_producer_ids;  // in the order of their requests
    bool is_stopping = false;

    // Frames the response in the request's version and hands it to the connection. What cannot be
    // framed, a text longer than a string may be, costs its client the connection.
    template <class Response>
    void reply(const ReturnAddress& to, const Response& response, Turn& turn,
               const std::vector<FileRange>& ranges = {});

    // Appends the records as one batch and applies them to what the controller decides on; an
    // answer waits until they are committed. Records and fields that the finalized metadata.version
    // does not have are left out. False when the metadata log takes none; nothing to append is
    // taken at once.
    bool commit(std::vector<metadata::Record> records, Turn& turn);
    template <class Response>
    bool commit(const metadata::Decision<Response>& decision, Turn& turn) {
        return commit(decision.records, decision.values, turn);
    }

    // Batches of the metadata log were lost: what the controller decides on is again what was
    // committed, and what is still to be.
    void restore_controller();

    // Applies a committed record to the image.
    void apply(const metadata::Record& record);
    // Opens or moves what the records since the last call changed of this node's partitions.
    void follow_image(Turn& turn);
    // The committed registration is this life's, and unfenced.
    bool is_registered() const;
    // What the registration tells others of the listeners.
    std::vector<metadata::Listener> advertised() const;

    // Takes away from these topics those that need no more waiting for: what was decided on is
    // committed and its logs here are open. True when none is left.
    bool settle(std::vector<std::string>& topics) const;
    // A topic by its id where the request has one, else by its name; nothing when it is unknown.
    const metadata::Topic* find_topic(std::string_view name, const TopicId& id) const {
        return id.is_zero() ? image.topic(name) : image.topic(id);
    }
    // Why this node does not serve the partition, if so.
    protocol::ErrorCode standing(const Replica* replica) const;
    // How a client that came in on this connection reaches the broker.
    Endpoint endpoint_for(const metadata::BrokerRow& broker, ConnectionId connection) const;
    log::LookupId next_lookup(const LookupRow& row);
    // The files of which answers hold ranges, made or under way: they stay as they are. Ascending.
    std::vector<FileId> promised_files() const;

    void digest(Hasher& hasher) const;

  private:
    bool commit(const std::vector<metadata::Record>& records, const std::vector<Bytes>& values,
                Turn& turn);
    // Ends the connection behind what came before: there is no answer to this request.
    void hang_up(const ReturnAddress& to, const protocol::CodecError& why, Turn& turn);
};

template <class Response>
void Node::reply(const ReturnAddress& to, const Response& response, Turn& turn,
                 const std::vector<FileRange>& ranges) {
    const auto framed = protocol::frame_response(to.correlation_id, to.api_version, response);
    if (!framed) return hang_up(to, framed.error(), turn);
    Answer answer;
    answer.reserve(framed->pieces().size());
    for (const auto& piece : framed->pieces()) {
        if (const auto* bytes = std::get_if<Bytes>(&piece)) {
            answer.emplace_back(*bytes);
        } else {
            answer.emplace_back(ranges.at(std::get<protocol::External>(piece).tag));
        }
    }
    connections.answer(to.address, std::move(answer), turn);
}

}  // namespace barnabas::broker
