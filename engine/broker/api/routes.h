// What this broker serves: one row an API, one file an API. A version that is not served is refused
// as Kafka refuses it; an API that has no row is not listed and not answered.
#pragma once

#include <span>

#include "engine/broker/node.h"
#include "engine/protocol/apis.h"

namespace barnabas::protocol {
struct AllocateProducerIdsResponse;
}

namespace barnabas::broker::api {

struct Route {
    protocol::ApiKey key;
    void (*begin)(Node& node, const Call& call, Turn& turn);
};

std::span<const Route> routes();

// Nothing when the API or the version is not served.
const Route* find_route(protocol::ApiKey key, std::int16_t version);

// The answer to an ApiVersions request whose version is not known: version 0, so that every client
// can read it, with the versions that are.
void answer_unknown_api_versions(Node& node, const ReturnAddress& to, Turn& turn);

// Reads the header of a frame and has its API work on it.
void serve(Node& node, Address address, const Bytes& frame, Turn& turn);

// Each reads the request and answers once, now or later, through Node::reply.
void api_versions(Node& node, const Call& call, Turn& turn);
void delete_records(Node& node, const Call& call, Turn& turn);
void describe_configs(Node& node, const Call& call, Turn& turn);
void describe_producers(Node& node, const Call& call, Turn& turn);
void fetch(Node& node, const Call& call, Turn& turn);
void init_producer_id(Node& node, const Call& call, Turn& turn);
void list_offsets(Node& node, const Call& call, Turn& turn);
void metadata(Node& node, const Call& call, Turn& turn);
void produce(Node& node, const Call& call, Turn& turn);
// What the controller serves: it is passed on, and the controller's answer comes back.
void pass_on_alter_configs(Node& node, const Call& call, Turn& turn);
void pass_on_create_topics(Node& node, const Call& call, Turn& turn);

// The controller works on it: Broker::on_progress().
bool on_passed_on_progress(Node& node, ForClient& client, std::uint64_t answer_bytes,
                           bool is_decided, Turn& turn);
void answer_passed_on(Node& node, const ReturnAddress& to, protocol::ControllerResponse&& response,
                      Turn& turn);

void answer_metadata(Node& node, const ReturnAddress& to, TopicsWanted wanted, bool is_at_once,
                     Turn& turn);

// What happens to requests that wait.
void on_topics_settled(Node& node, Turn& turn);  // records were committed, or logs opened
// The controller has given a block, or has not.
void on_producer_ids(Node& node, const protocol::AllocateProducerIdsResponse& block, Turn& turn);
// What partitions have answered, and what is new in them, goes to the requests that wait for it.
void deliver(Node& node, Turn& turn);
void on_fetch_deadline(Node& node, Turn& turn);
void forget(Node& node, ConnectionId connection, Turn& turn);    // it is gone
void answer_all_fetches(Node& node, Turn& turn);   // the node stops

// The parts of deliver and forget, by API.
void on_appended(Node& node, const replication::Asker& asker, replication::Appended&& appended,
                 Turn& turn);
void on_read(Node& node, const replication::Asker& asker, const replication::Read& read,
             Turn& turn);
void on_offset_found(Node& node, const replication::Asker& asker,
                     const replication::FoundOffset& found, Turn& turn);
void on_news(Node& node, const replication::News& news, Slice& slice, Turn& turn);
void forget_offsets(Node& node, ConnectionId connection, Turn& turn);
void forget_fetches(Node& node, ConnectionId connection, Turn& turn);

}  // namespace barnabas::broker::api
