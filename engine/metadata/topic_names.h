// What a topic may be called.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace barnabas::metadata {

// Whether Kafka allows the name: 1 to 249 of [a-zA-Z0-9._-], not "." or "..". Says why not.
std::optional<std::string> why_topic_name_is_invalid(std::string_view name);

// A topic that the cluster keeps for itself, and clients read and write like any other.
bool is_internal(std::string_view topic);
// The metadata log's own: no topic of clients.
constexpr std::string_view cluster_metadata_topic = "__cluster_metadata";

}  // namespace barnabas::metadata
