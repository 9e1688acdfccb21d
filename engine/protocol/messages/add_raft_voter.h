// AddRaftVoter: a controller becomes a voter of the metadata quorum.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AddRaftVoterRequest {
    static constexpr Api api{.key = ApiKey::add_raft_voter,
                             .valid = {0, 1},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Host", self.host);
            field("Port", self.port);
        }
    };

    std::optional<std::string> cluster_id = "";
    std::int32_t timeout_ms = 0;
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    bool ack_when_committed = true;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable());
        field("TimeoutMs", self.timeout_ms);
        field("VoterId", self.voter_id);
        field("VoterDirectoryId", self.voter_directory_id);
        field("Listeners", self.listeners);
        field("AckWhenCommitted", self.ack_when_committed, since(1), defaults(true));
    }
};

struct AddRaftVoterResponse {
    static constexpr Api api = AddRaftVoterRequest::api;

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
