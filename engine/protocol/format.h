// What a message says of itself beside its fields: which kind it is, its number, its versions.
//
// A request carries `static constexpr Api api{...}`, its response repeats it; every other message
// carries `static constexpr Format format{...}`. Names come from the types.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/protocol/api_key.h"

namespace barnabas::protocol {

// Both ends belong to the range. No version: {0, -1}.
struct VersionRange {
    std::int16_t oldest = 0;
    std::int16_t latest = -1;

    constexpr bool contains(std::int16_t version) const {
        return oldest <= version && version <= latest;
    }
    constexpr bool empty() const { return latest < oldest; }
    friend constexpr bool operator==(const VersionRange&, const VersionRange&) = default;
};

// The `flexible_from` of a message that never has compact lengths and tagged fields.
constexpr std::int16_t never = INT16_MAX;

enum class Listeners : std::uint8_t { none, broker, controller, broker_and_controller };

constexpr bool includes(Listeners all, Listeners one) {
    return (static_cast<int>(all) & static_cast<int>(one)) == static_cast<int>(one);
}

// One row of Kafka's table of APIs.
struct Api {
    ApiKey key;
    VersionRange valid;
    std::int16_t flexible_from = never;
    Listeners on = Listeners::none;
    bool latest_is_unstable = false;  // may still change; Kafka does not advertise it
    bool is_cluster_action = false;   // for other nodes, by their right to act for the cluster
    bool is_forwardable = false;      // a broker passes it on to the controller
};

enum class Kind : std::uint8_t {
    request,
    response,
    header,
    data,
    metadata,
    coordinator_key,
    coordinator_value
};

struct Format {
    Kind kind = Kind::data;
    std::int16_t key = -1;  // which record it is among its kind; headers and plain data have none
    VersionRange valid;
    std::int16_t flexible_from = never;

    constexpr bool is_flexible(std::int16_t version) const { return version >= flexible_from; }
};

// "TopicProduceData" for ProduceRequest::TopicProduceData.
template <class T>
constexpr std::string_view name_of_type() {
    std::string_view all =
        __PRETTY_FUNCTION__;  // "... [with T = a::b::Name; ...]", "... [T = ...]"
    all.remove_prefix(all.find("T = ") + 4);
    all = all.substr(0, std::min(all.find(';'), all.find(']')));
    return all.substr(all.rfind(':') + 1);
}

template <class M>
constexpr Format format_of() {
    if constexpr (requires { M::api; }) {
        const bool is_request = name_of_type<M>().ends_with("Request");
        return {.kind = is_request ? Kind::request : Kind::response,
                .key = static_cast<std::int16_t>(M::api.key),
                .valid = M::api.valid,
                .flexible_from = M::api.flexible_from};
    } else {
        return M::format;
    }
}

}  // namespace barnabas::protocol
