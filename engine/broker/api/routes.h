// What this broker serves: one row an API, one file an API. A version that is not served is refused
// as Kafka refuses it; an API that has no row is not listed and not answered.
#pragma once

#include <span>

#include "engine/broker/node.h"
#include "engine/protocol/apis.h"

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
void alter_configs(Node& node, const Call& call, Turn& turn);
void api_versions(Node& node, const Call& call, Turn& turn);
void create_topics(Node& node, const Call& call, Turn& turn);
void delete_records(Node& node, const Call& call, Turn& turn);
void describe_configs(Node& node, const Call& call, Turn& turn);
void describe_producers(Node& node, const Call& call, Turn& turn);
void fetch(Node& node, const Call& call, Turn& turn);
void init_producer_id(Node& node, const Call& call, Turn& turn);
void list_offsets(Node& node, const Call& call, Turn& turn);
void metadata(Node& node, const Call& call, Turn& turn);
void produce(Node& node, const Call& call, Turn& turn);

void answer_metadata(Node& node, const ReturnAddress& to, TopicsWanted wanted, bool is_at_once,
                     Turn& turn);

// What happens to requests that wait.
void on_topics_settled(Node& node, Turn& turn);  // records were committed, or logs opened
void answer_committed(Node& node, Turn& turn);   // the metadata log's high watermark moved
void on_producer_ids(Node& node, Turn& turn);    // records were committed
// What was decided on from this offset on will not be committed.
void on_metadata_lost(Node& node, Offset from, Turn& turn);
void on_log_progress(Node& node, Replica& replica, Turn& turn);  // writes and lookups
void on_fetch_deadline(Node& node, Turn& turn);
void forget(Node& node, ConnectionId connection, Turn& turn);    // it is gone
// Likewise, and its requests can no longer be answered.
void forget_checks(Node& node, ConnectionId connection, Turn& turn);
void on_checked(Node& node, const event::Computed& done, Turn& turn);
void answer_all_fetches(Node& node, Turn& turn);   // the node stops

// Of an answer: nothing of what was decided came to be. What was refused anyway stays so.
template <class Result>
void refuse_decided(std::vector<Result>& results) {
    for (Result& result : results) {
        if (result.error_code != protocol::ErrorCode::none) continue;
        result.error_code = protocol::ErrorCode::kafka_storage_error;
        result.error_message = "the metadata log cannot be written";
    }
}

// The parts of on_metadata_lost, on_log_progress and forget, by API.
void on_producer_ids_lost(Node& node, Turn& turn);
void on_written(Node& node, Replica& replica, Turn& turn);
void answer_lookups(Node& node, Replica& replica, Turn& turn);
// `is_more_stable`: the last stable offset has moved, not only the high watermark.
void wake_fetches(Node& node, Replica& replica, bool is_more_stable, Turn& turn);
void on_fetch_found(Node& node, Replica& replica, const LookupRow& place, const log::Found& found,
                    Turn& turn);
void on_offset_found(Node& node, const Replica& replica, const LookupRow& place,
                     const log::Found& found, Turn& turn);
void forget_fetches(Node& node, ConnectionId connection, Turn& turn);

}  // namespace barnabas::broker::api
