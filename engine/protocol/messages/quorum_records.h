// What the metadata quorum itself writes: control records of its log, the ends of a snapshot, and
// the content of quorum-state (which is stored as JSON).
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct LeaderChangeMessage {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 1}, .flexible_from = 0};

    struct Voter {
        static constexpr bool is_shared = true;

        std::int32_t voter_id = 0;
        Uuid voter_directory_id;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("VoterId", self.voter_id);
            field("VoterDirectoryId", self.voter_directory_id, since(1));
        }
    };

    std::int16_t version = 0;
    std::int32_t leader_id = 0;
    std::vector<Voter> voters;
    std::vector<Voter> granting_voters;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Version", self.version);
        field("LeaderId", self.leader_id, names_broker);
        field("Voters", self.voters);
        field("GrantingVoters", self.granting_voters);
    }
};

struct SnapshotHeaderRecord {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}, .flexible_from = 0};

    std::int16_t version = 0;
    std::int64_t last_contained_log_timestamp = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Version", self.version);
        field("LastContainedLogTimestamp", self.last_contained_log_timestamp);
    }
};

struct SnapshotFooterRecord {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}, .flexible_from = 0};

    std::int16_t version = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Version", self.version); }
};

struct KRaftVersionRecord {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}, .flexible_from = 0};

    std::int16_t version = 0;
    std::int16_t kraft_version = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Version", self.version);
        field("KRaftVersion", self.kraft_version);
    }
};

struct VotersRecord {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}, .flexible_from = 0};

    struct Endpoint {
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

    struct Voter {
        std::int32_t voter_id = 0;
        Uuid voter_directory_id;
        std::vector<Endpoint> endpoints;
        KRaftVersionFeature kraft_version_feature;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("VoterId", self.voter_id, names_broker);
            field("VoterDirectoryId", self.voter_directory_id);
            field("Endpoints", self.endpoints);
            field("KRaftVersionFeature", self.kraft_version_feature);
        }
    };

    std::int16_t version = 0;
    std::vector<Voter> voters;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Version", self.version);
        field("Voters", self.voters);
    }
};

struct ControlRecordTypeSchema {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 0}};

    std::int16_t type = 0;

    static void describe(auto& field, auto& self) { field("Type", self.type); }
};

struct QuorumStateData {
    static constexpr Format format{.kind = Kind::data, .valid = {0, 1}, .flexible_from = 0};

    struct Voter {
        std::int32_t voter_id = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) { field("VoterId", self.voter_id, until(0)); }
    };

    std::string cluster_id;
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    std::int32_t voted_id = -1;
    Uuid voted_directory_id;
    std::int64_t applied_offset = 0;
    std::optional<std::vector<Voter>> current_voters{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClusterId", self.cluster_id, until(0));
        field("LeaderId", self.leader_id, defaults(-1));
        field("LeaderEpoch", self.leader_epoch, defaults(-1));
        field("VotedId", self.voted_id, defaults(-1));
        field("VotedDirectoryId", self.voted_directory_id, since(1));
        field("AppliedOffset", self.applied_offset, until(0));
        field("CurrentVoters", self.current_voters, until(0), nullable(0, 0));
    }
};

}  // namespace barnabas::protocol
