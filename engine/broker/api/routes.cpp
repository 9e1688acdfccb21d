#include "engine/broker/api/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace barnabas::broker::api {
namespace {

using protocol::ApiKey;

constexpr std::array table = {
    Route{ApiKey::produce, &produce},
    Route{ApiKey::fetch, &fetch},
    Route{ApiKey::list_offsets, &list_offsets},
    Route{ApiKey::metadata, &metadata},
    Route{ApiKey::api_versions, &api_versions},
    Route{ApiKey::create_topics, &pass_on_create_topics},
    Route{ApiKey::delete_records, &delete_records},
    Route{ApiKey::describe_configs, &describe_configs},
    Route{ApiKey::incremental_alter_configs, &pass_on_alter_configs},
    Route{ApiKey::init_producer_id, &init_producer_id},
    Route{ApiKey::describe_producers, &describe_producers},
};

}  // namespace

std::span<const Route> routes() { return table; }

const Route* find_route(ApiKey key, std::int16_t version) {
    const auto found = std::ranges::find(table, key, &Route::key);
    if (found == table.end()) return nullptr;
    return protocol::served(key, protocol::Listeners::broker).contains(version) ? &*found : nullptr;
}

void serve(Node& node, Address address, const Bytes& frame, Turn& turn) {
    std::size_t at = 0;
    const auto header = protocol::decode_header(frame, at);
    const protocol::RequestHeader& read = header ? *header : header.error().header;
    const Call call{{address, read.api_key, read.api_version, read.correlation_id},
                    frame.from(at)};
    const Route* route = header ? find_route(read.api_key, read.api_version) : nullptr;
    if (route) return route->begin(node, call, turn);
    const bool is_readable =
        header || header.error().error.reason == protocol::CodecError::Reason::unsupported_version;
    if (is_readable && read.api_key == ApiKey::api_versions)
        return answer_unknown_api_versions(node, call.to, turn);
    node.connections.hang_up(
        address,
        header ? fmt::format("{} version {} is not served", protocol::name_of(read.api_key),
                             read.api_version)
               : fmt::format("the header of a frame of {} bytes: {} (API {}, version {})",
                             frame.size(), header.error().error.text(),
                             static_cast<int>(read.api_key), read.api_version),
        turn);
}

}  // namespace barnabas::broker::api
