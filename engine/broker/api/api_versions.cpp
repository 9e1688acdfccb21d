// ApiVersions: the APIs of the table with the versions to ask for, and the cluster's features.

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/messages/api_versions.h"

namespace barnabas::broker::api {
namespace {

using protocol::ApiVersionsResponse;

std::vector<ApiVersionsResponse::ApiVersion> listed() {
    std::vector<ApiVersionsResponse::ApiVersion> rows;
    for (const Route& route : routes()) {
        const auto versions = protocol::advertised(route.key, protocol::Listeners::broker, {});
        auto& row = rows.emplace_back();
        row.api_key = static_cast<std::int16_t>(route.key);
        row.min_version = versions.oldest;
        row.max_version = versions.latest;
    }
    return rows;
}

// A letter or digit at both ends; letters, digits, '.' and '-' between (KIP-511).
bool is_software_name_valid(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
           std::ranges::all_of(name,
                               [&](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
}

void answer_api_versions(Node& node, const ReturnAddress& to, protocol::ApiVersionsRequest& request,
            Turn& turn) {
    ApiVersionsResponse response;
    if (to.api_version >= 3 && (!is_software_name_valid(request.client_software_name) ||
                                     !is_software_name_valid(request.client_software_version))) {
        response.error_code = protocol::ErrorCode::invalid_request;
        return node.reply(to, std::move(response), turn);
    }
    response.api_keys = listed();
    auto& supported = response.supported_features.emplace_back();
    supported.name = metadata::metadata_version;
    supported.min_version = metadata::metadata_version_oldest;
    supported.max_version = metadata::metadata_version_level;
    response.finalized_features_epoch = node.metadata_end.value() - 1;
    for (const auto& [name, level] : node.image.features()) {
        // A feature that another release finalized and we do not have yet: no client must use it.
        if (name != metadata::metadata_version) continue;
        auto& feature = response.finalized_features.emplace_back();
        feature.name = name;
        feature.min_version_level = level;
        feature.max_version_level = level;
    }
    node.reply(to, std::move(response), turn);
}

}  // namespace

void api_versions(Node& node, const Call& call, Turn& turn) {
    begin_work<AtOnce<protocol::ApiVersionsRequest, &answer_api_versions>>(node, call, turn);
}

void answer_unknown_api_versions(Node& node, const ReturnAddress& to, Turn& turn) {
    ApiVersionsResponse response;
    response.error_code = protocol::ErrorCode::unsupported_version;
    const auto versions =
        protocol::advertised(protocol::ApiKey::api_versions, protocol::Listeners::broker, {});
    auto& row = response.api_keys.emplace_back();
    row.api_key = static_cast<std::int16_t>(protocol::ApiKey::api_versions);
    row.min_version = versions.oldest;
    row.max_version = versions.latest;
    ReturnAddress in_version_0 = to;
    in_version_0.api_version = 0;
    node.reply(in_version_0, std::move(response), turn);
}

}  // namespace barnabas::broker::api
