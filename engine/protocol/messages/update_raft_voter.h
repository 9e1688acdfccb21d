// UpdateRaftVoter: a voter changes its endpoints or the quorum versions that it supports.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct UpdateRaftVoterRequest {
    static constexpr Api api{.key = ApiKey::update_raft_voter,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::controller};

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

    struct KRaftVersionFeature {
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("MinSupportedVersion", self.min_supported_version);
            field("MaxSupportedVersion", self.max_supported_version);
        }
    };

    std::optional<std::string> cluster_id = "";
    std::int32_t current_leader_epoch = 0;
    std::int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    KRaftVersionFeature kraft_version_feature;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, nullable());
        field("CurrentLeaderEpoch", self.current_leader_epoch);
        field("VoterId", self.voter_id);
        field("VoterDirectoryId", self.voter_directory_id);
        field("Listeners", self.listeners);
        field("KRaftVersionFeature", self.kraft_version_feature);
    }
};

struct UpdateRaftVoterResponse {
    static constexpr Api api = UpdateRaftVoterRequest::api;

    struct CurrentLeader {
        std::int32_t leader_id = -1;
        std::int32_t leader_epoch = -1;
        std::string host;
        std::int32_t port = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("LeaderId", self.leader_id, defaults(-1), names_broker);
            field("LeaderEpoch", self.leader_epoch, defaults(-1));
            field("Host", self.host);
            field("Port", self.port);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    CurrentLeader current_leader;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("CurrentLeader", self.current_leader, tag(0));
    }
};

}  // namespace barnabas::protocol
