#include "engine/broker/api/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace barnabas::broker::api {
namespace {

using protocol::ApiKey;

// Bytes behind the message are left alone, as Kafka leaves them.
template <class Request, void (*handler)(Node&, const Call&, const Request&, Turn&)>
void decoded(Node& node, const Call& call, Turn& turn) {
    std::size_t at = 0;
    const auto request = protocol::decode_at<Request>(call.body, at, call.to.api_version);
    if (request) return handler(node, call, *request, turn);
    node.connections.hang_up(
        call.to.address,
        fmt::format("{} version {}, {} bytes: {}", protocol::name_of(Request::api.key),
                    call.to.api_version, call.body.size(), request.error().text()),
        turn);
}

constexpr std::array table = {
    Route{ApiKey::produce, &decoded<protocol::ProduceRequest, &produce>},
    Route{ApiKey::fetch, &decoded<protocol::FetchRequest, &fetch>},
    Route{ApiKey::list_offsets, &decoded<protocol::ListOffsetsRequest, &list_offsets>},
    Route{ApiKey::metadata, &decoded<protocol::MetadataRequest, &metadata>},
    Route{ApiKey::api_versions, &decoded<protocol::ApiVersionsRequest, &api_versions>},
    Route{ApiKey::create_topics, &decoded<protocol::CreateTopicsRequest, &create_topics>},
    Route{ApiKey::delete_records, &decoded<protocol::DeleteRecordsRequest, &delete_records>},
    Route{ApiKey::describe_configs, &decoded<protocol::DescribeConfigsRequest, &describe_configs>},
    Route{ApiKey::incremental_alter_configs,
          &decoded<protocol::IncrementalAlterConfigsRequest, &incremental_alter_configs>},
    Route{ApiKey::init_producer_id, &decoded<protocol::InitProducerIdRequest, &init_producer_id>},
    Route{ApiKey::describe_producers,
          &decoded<protocol::DescribeProducersRequest, &describe_producers>},
};

}  // namespace

std::span<const Route> routes() { return table; }

const Route* find_route(ApiKey key, std::int16_t version) {
    const auto found = std::ranges::find(table, key, &Route::key);
    if (found == table.end()) return nullptr;
    return protocol::served(key, protocol::Listeners::broker).contains(version) ? &*found : nullptr;
}

}  // namespace barnabas::broker::api
