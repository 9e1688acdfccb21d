#include "engine/quorum/state_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>

namespace barnabas::quorum {
namespace json = boost::json;

Bytes print(const QuorumState& state) {
    std::vector<std::string> voters;
    for (const NodeId voter : state.voters) {
        voters.push_back(fmt::format(R"({{"voterId":{}}})", voter.value()));
    }
    // The order of the names is Kafka's, so that the files compare equal.
    if (state.version > 0) {
        return Bytes::copy(fmt::format(
            R"({{"leaderId":{},"leaderEpoch":{},"votedId":{},)"
            R"("votedDirectoryId":"{}","data_version":1}})",
            state.leader.value(), state.epoch.value(), state.voted.value(),
            state.voted_directory.text()));
    }
    return Bytes::copy(fmt::format(
        R"({{"clusterId":"","leaderId":{},"leaderEpoch":{},"votedId":{},"appliedOffset":0,)"
        R"("currentVoters":[{}],"data_version":0}})",
        state.leader.value(), state.epoch.value(), state.voted.value(), fmt::join(voters, ",")));
}

namespace {

std::optional<std::int32_t> number(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    const std::int64_t wide = value->get_int64();
    if (wide < INT32_MIN || wide > INT32_MAX) return std::nullopt;
    return static_cast<std::int32_t>(wide);
}

}  // namespace

Result<QuorumState, std::string> parse_quorum_state(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error) return unexpected(fmt::format("not JSON: {}", error.message()));
    const json::object* object = value.if_object();
    if (object == nullptr) return unexpected(std::string("not a JSON object"));
    const auto version = number(*object, "data_version");
    if (!version || *version < 0 || *version > 1) {
        return unexpected(std::string("data_version is missing, or not 0 or 1"));
    }
    const auto leader = number(*object, "leaderId");
    const auto epoch = number(*object, "leaderEpoch");
    const auto voted = number(*object, "votedId");
    if (!leader || !epoch || !voted) {
        return unexpected(std::string("leaderId, leaderEpoch or votedId is missing or no int32"));
    }
    if (*epoch < 0) return unexpected(std::string("leaderEpoch is negative"));
    QuorumState state{NodeId(*leader), LeaderEpoch(*epoch), NodeId(*voted), {}, {}, *version};
    if (const json::value* directory = object->if_contains("votedDirectoryId")) {
        const auto* text = directory->if_string();
        const auto id = text ? Uuid::parse(*text) : std::nullopt;
        if (!id) return unexpected(std::string("votedDirectoryId is no UUID"));
        state.voted_directory = *id;
    }
    const json::value* voters = object->if_contains("currentVoters");
    if (voters == nullptr || !voters->is_array()) return state;
    for (const json::value& one : voters->get_array()) {
        const auto voter = one.is_object() ? number(one.get_object(), "voterId") : std::nullopt;
        if (!voter)
            return unexpected(std::string("currentVoters holds something without a voterId"));
        state.voters.push_back(NodeId(*voter));
    }
    return state;
}

}  // namespace barnabas::quorum
