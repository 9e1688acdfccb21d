// Records of the metadata log: brokers, topics, partitions, settings, features. In the log each
// stands in the framing of metadata_frame (stored.h).
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct RegisterBrokerRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 0, .valid = {0, 4}, .flexible_from = 0};

    struct BrokerEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Host", self.host);
            field("Port", self.port);
            field("SecurityProtocol", self.security_protocol);
        }
    };

    struct BrokerFeature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("MinSupportedVersion", self.min_supported_version);
            field("MaxSupportedVersion", self.max_supported_version);
        }
    };

    std::int32_t broker_id = 0;
    bool is_migrating_zk_broker = false;
    Uuid incarnation_id;
    std::int64_t broker_epoch = 0;
    std::vector<BrokerEndpoint> end_points;
    std::vector<BrokerFeature> features;
    std::optional<std::string> rack = "";
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("IsMigratingZkBroker", self.is_migrating_zk_broker, since(2), defaults(false));
        field("IncarnationId", self.incarnation_id);
        field("BrokerEpoch", self.broker_epoch);
        field("EndPoints", self.end_points);
        field("Features", self.features);
        field("Rack", self.rack, nullable());
        field("Fenced", self.fenced, defaults(true));
        field("InControlledShutdown", self.in_controlled_shutdown, since(1), defaults(false));
        field("LogDirs", self.log_dirs, since(3), tag(0));
        field("CordonedLogDirs", self.cordoned_log_dirs, since(4), nullable(4), defaults(null),
              tag(1));
    }
};

struct UnregisterBrokerRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 1, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch);
    }
};

struct FenceBrokerRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 7, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t id = 0;
    std::int64_t epoch = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Id", self.id, names_broker);
        field("Epoch", self.epoch);
    }
};

struct UnfenceBrokerRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 8, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t id = 0;
    std::int64_t epoch = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Id", self.id, names_broker);
        field("Epoch", self.epoch);
    }
};

struct BrokerRegistrationChangeRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 17, .valid = {0, 3}, .flexible_from = 0};

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = 0;
    std::int8_t fenced = 0;
    std::int8_t in_controlled_shutdown = 0;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch);
        field("Fenced", self.fenced, tag(0));
        field("InControlledShutdown", self.in_controlled_shutdown, since(1), tag(1));
        field("LogDirs", self.log_dirs, since(2), tag(2));
        field("CordonedLogDirs", self.cordoned_log_dirs, since(3), nullable(3), defaults(null),
              tag(3));
    }
};

struct RegisterControllerRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 27, .valid = {0, 0}, .flexible_from = 0};

    struct ControllerEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Host", self.host);
            field("Port", self.port);
            field("SecurityProtocol", self.security_protocol);
        }
    };

    struct ControllerFeature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("MinSupportedVersion", self.min_supported_version);
            field("MaxSupportedVersion", self.max_supported_version);
        }
    };

    std::int32_t controller_id = 0;
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<ControllerEndpoint> end_points;
    std::vector<ControllerFeature> features;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ControllerId", self.controller_id);
        field("IncarnationId", self.incarnation_id);
        field("ZkMigrationReady", self.zk_migration_ready);
        field("EndPoints", self.end_points);
        field("Features", self.features);
    }
};

struct TopicRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 2, .valid = {0, 0}, .flexible_from = 0};

    std::string name;
    Uuid topic_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name, names_topic);
        field("TopicId", self.topic_id);
    }
};

struct RemoveTopicRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 9, .valid = {0, 0}, .flexible_from = 0};

    Uuid topic_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("TopicId", self.topic_id); }
};

struct PartitionRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 3, .valid = {0, 2}, .flexible_from = 0};

    std::int32_t partition_id = -1;
    Uuid topic_id;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> isr;
    std::vector<std::int32_t> removing_replicas;
    std::vector<std::int32_t> adding_replicas;
    std::int32_t leader = -1;
    std::int8_t leader_recovery_state = 0;
    std::int32_t leader_epoch = -1;
    std::int32_t partition_epoch = -1;
    std::vector<Uuid> directories;
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
    std::optional<std::vector<std::int32_t>> last_known_elr;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("PartitionId", self.partition_id, defaults(-1));
        field("TopicId", self.topic_id);
        field("Replicas", self.replicas, names_broker);
        field("Isr", self.isr);
        field("RemovingReplicas", self.removing_replicas, names_broker);
        field("AddingReplicas", self.adding_replicas, names_broker);
        field("Leader", self.leader, defaults(-1), names_broker);
        field("LeaderRecoveryState", self.leader_recovery_state, defaults(0), tag(0));
        field("LeaderEpoch", self.leader_epoch, defaults(-1));
        field("PartitionEpoch", self.partition_epoch, defaults(-1));
        field("Directories", self.directories, since(1));
        field("EligibleLeaderReplicas", self.eligible_leader_replicas, since(2), nullable(2),
              defaults(null), tag(1), names_broker);
        field("LastKnownElr", self.last_known_elr, since(2), nullable(2), defaults(null), tag(2),
              names_broker);
    }
};

struct PartitionChangeRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 5, .valid = {0, 2}, .flexible_from = 0};

    std::int32_t partition_id = -1;
    Uuid topic_id;
    std::optional<std::vector<std::int32_t>> isr;
    std::int32_t leader = -2;
    std::optional<std::vector<std::int32_t>> replicas;
    std::optional<std::vector<std::int32_t>> removing_replicas;
    std::optional<std::vector<std::int32_t>> adding_replicas;
    std::int8_t leader_recovery_state = -1;
    std::optional<std::vector<Uuid>> directories;
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
    std::optional<std::vector<std::int32_t>> last_known_elr;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("PartitionId", self.partition_id, defaults(-1));
        field("TopicId", self.topic_id);
        field("Isr", self.isr, nullable(), defaults(null), tag(0), names_broker);
        field("Leader", self.leader, defaults(-2), tag(1), names_broker);
        field("Replicas", self.replicas, nullable(), defaults(null), tag(2), names_broker);
        field("RemovingReplicas", self.removing_replicas, nullable(), defaults(null), tag(3),
              names_broker);
        field("AddingReplicas", self.adding_replicas, nullable(), defaults(null), tag(4),
              names_broker);
        field("LeaderRecoveryState", self.leader_recovery_state, defaults(-1), tag(5));
        field("Directories", self.directories, since(1), nullable(1), defaults(null), tag(8));
        field("EligibleLeaderReplicas", self.eligible_leader_replicas, since(2), nullable(2),
              defaults(null), tag(6), names_broker);
        field("LastKnownElr", self.last_known_elr, since(2), nullable(2), defaults(null), tag(7),
              names_broker);
    }
};

struct ClearElrRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 28, .valid = {0, 0}, .flexible_from = 0};

    std::string topic_name;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("TopicName", self.topic_name, names_topic);
    }
};

struct ConfigRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 4, .valid = {0, 0}, .flexible_from = 0};

    std::int8_t resource_type = 0;
    std::string resource_name;
    std::string name;
    std::optional<std::string> value = "";
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ResourceType", self.resource_type);
        field("ResourceName", self.resource_name);
        field("Name", self.name);
        field("Value", self.value, nullable());
    }
};

struct FeatureLevelRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 12, .valid = {0, 0}, .flexible_from = 0};

    std::string name;
    std::int16_t feature_level = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name);
        field("FeatureLevel", self.feature_level);
    }
};

struct ProducerIdsRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 15, .valid = {0, 0}, .flexible_from = 0};

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::int64_t next_producer_id = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
        field("NextProducerId", self.next_producer_id);
    }
};

struct NoOpRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 20, .valid = {0, 0}, .flexible_from = 0};

    UnknownTags unknown_tags;

    static void describe(auto&, auto&) {}
};

struct ZkMigrationStateRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 21, .valid = {0, 0}, .flexible_from = 0};

    std::int8_t zk_migration_state = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ZkMigrationState", self.zk_migration_state);
    }
};

struct BeginTransactionRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 23, .valid = {0, 0}, .flexible_from = 0};

    std::optional<std::string> name;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name, nullable(), defaults(null), tag(0));
    }
};

struct EndTransactionRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 24, .valid = {0, 0}, .flexible_from = 0};

    UnknownTags unknown_tags;

    static void describe(auto&, auto&) {}
};

struct AbortTransactionRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 25, .valid = {0, 0}, .flexible_from = 0};

    std::optional<std::string> reason;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Reason", self.reason, nullable(), defaults(null), tag(0));
    }
};

}  // namespace barnabas::protocol
