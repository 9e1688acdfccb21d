// RemoveRaftVoter: a voter leaves the metadata quorum.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct RemoveRaftVoterRequest {
    static constexpr Api api{.key = ApiKey::remove_raft_voter,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    std::optional<std::string> cluster_id = "";
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable());
        field("VoterId", self.voter_id);
        field("VoterDirectoryId", self.voter_directory_id);
    }
};

struct RemoveRaftVoterResponse {
    static constexpr Api api = RemoveRaftVoterRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), ignorable);
    }
};

}  // namespace barnabas::protocol
