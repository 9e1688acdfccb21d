// The table of APIs: what a client may ask, in which versions, at which listener.
//
// The rows are the messages' own `api` constants. Served is not the same as advertised: Produce is
// advertised from version 0 on, as older librdkafka compresses only then; a latest version that may
// still change is not advertised; and a broker leaves out what it has not built.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/protocol/format.h"

namespace barnabas::protocol {

struct ApiRow {
    Api api;
    std::string_view name;  // "Produce"
};

// All keys that Kafka has defined, ascending; the four that it has removed have no versions.
std::span<const ApiRow> all_apis();

// Nothing for a key that is not defined.
const ApiRow* find_api(ApiKey key);
// By name: "Produce", in small or capital letters.
const ApiRow* find_api(std::string_view name);

// "Produce"; "unknown" for a key that is not defined.
std::string_view name_of(ApiKey key);

// The versions that may be sent to a listener of this kind. Empty when it does not take the API.
VersionRange served(ApiKey key, Listeners at);

// The versions that ApiVersions lists there; empty when the API is not listed.
struct Advertising {
    bool unstable_versions = false;   // unstable.api.versions.enable
    bool telemetry_receiver = false;  // someone takes the clients' metrics
};
VersionRange advertised(ApiKey key, Listeners at, Advertising with);

// Which form of header stands before the body.
std::int16_t request_header_version(ApiKey key, std::int16_t version);
std::int16_t response_header_version(ApiKey key, std::int16_t version);

}  // namespace barnabas::protocol
