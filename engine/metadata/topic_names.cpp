#include "engine/metadata/topic_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::metadata {
namespace {

constexpr std::size_t topic_name_size_max = 249;

}  // namespace

bool is_internal(std::string_view topic) {
    return topic == "__consumer_offsets" || topic == "__transaction_state" ||
           topic == "__share_group_state";
}

std::optional<std::string> why_topic_name_is_invalid(std::string_view name) {
    if (name.empty()) return "the topic name is empty";
    if (name == "." || name == "..") return "the topic name cannot be \".\" or \"..\"";
    if (name.size() > topic_name_size_max) {
        return fmt::format("the topic name has {} characters, more than {}", name.size(),
                           topic_name_size_max);
    }
    const auto is_legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    if (!std::ranges::all_of(name, is_legal)) {
        return "the topic name may only hold ASCII letters and digits, '.', '_' and '-'";
    }
    return std::nullopt;
}

}  // namespace barnabas::metadata
