// Records of every type of the metadata log, about a small world of names, so that they meet.
#pragma once

#include "engine/base/random.h"
#include "engine/metadata/record.h"

namespace barnabas::metadata {

class RandomRecords {
  public:
    explicit RandomRecords(std::uint64_t seed) : dice_(seed) {}

    Record next() {
        switch (below(22)) {
            case 0: return register_broker();
            case 1: return with_broker(protocol::UnregisterBrokerRecord());
            case 2: return change_registration();
            case 3: return with_id(protocol::FenceBrokerRecord());
            case 4: return with_id(protocol::UnfenceBrokerRecord());
            case 5: return register_controller();
            case 6: return topic();
            case 7:
            case 8: return partition();
            case 9:
            case 10: return change_partition();
            case 11: return clear_elr();
            case 12: return remove_topic();
            case 13: return config();
            case 14: return feature();
            case 15: return producer_ids();
            case 16: return below(3) ? Record(token()) : Record(remove_token());
            case 17: return below(3) ? Record(credential()) : Record(remove_credential());
            case 18: return quota();
            case 19: return below(3) ? Record(access()) : Record(remove_access());
            case 20: return protocol::NoOpRecord();
            default: return protocol::ZkMigrationStateRecord();
        }
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }
    std::int32_t node() { return static_cast<std::int32_t>(1 + below(4)); }
    bool flag() { return below(2) == 1; }
    std::string word(std::string_view front) {
        return std::string(front) + std::to_string(below(4));
    }
    Bytes bytes() { return Bytes::copy(word("bytes")); }
    Uuid uuid(std::string_view kind, std::uint64_t number) {
        Uuid id;
        id.bytes[0] = static_cast<std::uint8_t>(kind[0]);
        id.bytes[15] = static_cast<std::uint8_t>(number + 1);
        return id;
    }
    std::vector<std::int32_t> nodes() {
        std::vector<std::int32_t> some(below(4));
        for (auto& one : some) one = node();
        return some;
    }
    std::vector<Uuid> directories() {
        std::vector<Uuid> some(below(3));
        for (auto& one : some) one = uuid("directory", below(3));
        return some;
    }
    auto or_null(auto value) { return flag() ? std::optional(std::move(value)) : std::nullopt; }
    template <class Record>
    void fill_ends(Record& record) {
        for (std::uint64_t i = below(3); i > 0; --i) {
            auto& end = record.end_points.emplace_back();
            end.name = word("LISTENER");
            end.host = word("host");
            end.port = static_cast<std::uint16_t>(9092 + below(100));
            end.security_protocol = static_cast<std::int16_t>(below(4));
            auto& feature = record.features.emplace_back();
            feature.name = word("feature");
            feature.max_supported_version = static_cast<std::int16_t>(below(30));
        }
    }

    protocol::RegisterBrokerRecord register_broker() {
        protocol::RegisterBrokerRecord record;
        record.broker_id = node();
        record.broker_epoch = static_cast<std::int64_t>(below(1000));
        record.incarnation_id = uuid("incarnation", below(9));
        fill_ends(record);
        record.rack = or_null(word("rack"));
        record.fenced = flag();
        record.in_controlled_shutdown = flag();
        record.is_migrating_zk_broker = flag();
        record.log_dirs = directories();
        record.cordoned_log_dirs = or_null(directories());
        return record;
    }
    template <class Record>
    Record with_broker(Record record) {
        record.broker_id = node();
        return record;
    }
    template <class Record>
    Record with_id(Record record) {
        record.id = node();
        return record;
    }
    protocol::BrokerRegistrationChangeRecord change_registration() {
        protocol::BrokerRegistrationChangeRecord record;
        record.broker_id = node();
        record.fenced = static_cast<std::int8_t>(static_cast<int>(below(3)) - 1);
        record.in_controlled_shutdown = static_cast<std::int8_t>(below(2));
        record.log_dirs = directories();
        record.cordoned_log_dirs = or_null(directories());
        return record;
    }
    protocol::RegisterControllerRecord register_controller() {
        protocol::RegisterControllerRecord record;
        record.controller_id = node();
        record.incarnation_id = uuid("incarnation", below(9));
        record.zk_migration_ready = flag();
        fill_ends(record);
        return record;
    }
    protocol::TopicRecord topic() {
        protocol::TopicRecord record;
        const std::uint64_t number = below(4);
        record.name = "topic" + std::to_string(number);
        record.topic_id = uuid("topic", number);
        return record;
    }
    protocol::RemoveTopicRecord remove_topic() {
        protocol::RemoveTopicRecord record;
        record.topic_id = uuid("topic", below(4));
        return record;
    }
    protocol::PartitionRecord partition() {
        protocol::PartitionRecord record;
        record.partition_id = static_cast<std::int32_t>(below(5));
        record.topic_id = uuid("topic", below(4));
        record.replicas = nodes();
        record.isr = nodes();
        record.removing_replicas = nodes();
        record.adding_replicas = nodes();
        record.leader = node();
        record.leader_recovery_state = static_cast<std::int8_t>(below(2));
        record.leader_epoch = static_cast<std::int32_t>(below(100));
        record.partition_epoch = static_cast<std::int32_t>(below(100));
        record.directories = directories();
        record.eligible_leader_replicas = or_null(nodes());
        record.last_known_elr = or_null(nodes());
        return record;
    }
    protocol::PartitionChangeRecord change_partition() {
        protocol::PartitionChangeRecord record;
        record.partition_id = static_cast<std::int32_t>(below(5));
        record.topic_id = uuid("topic", below(4));
        record.isr = or_null(nodes());
        record.leader = flag() ? -2 : node();
        record.replicas = or_null(nodes());
        record.removing_replicas = or_null(nodes());
        record.adding_replicas = or_null(nodes());
        record.leader_recovery_state = static_cast<std::int8_t>(static_cast<int>(below(3)) - 1);
        record.directories = or_null(directories());
        record.eligible_leader_replicas = or_null(nodes());
        record.last_known_elr = or_null(nodes());
        return record;
    }
    protocol::ClearElrRecord clear_elr() {
        protocol::ClearElrRecord record;
        record.topic_name = below(4) ? word("topic") : "";
        return record;
    }
    protocol::ConfigRecord config() {
        constexpr std::int8_t kinds[] = {2, 4, 8, 16, 32};  // the last: client metrics, groups
        protocol::ConfigRecord record;
        record.resource_type = kinds[below(5)];
        record.resource_name = word("topic");
        record.name = word("setting");
        record.value = or_null(word("value"));
        return record;
    }
    protocol::FeatureLevelRecord feature() {
        protocol::FeatureLevelRecord record;
        record.name = flag() ? "metadata.version" : word("a.feature");
        record.feature_level = static_cast<std::int16_t>(below(31));
        return record;
    }
    protocol::ProducerIdsRecord producer_ids() {
        protocol::ProducerIdsRecord record;
        record.broker_id = node();
        record.next_producer_id = static_cast<std::int64_t>(below(5) * 1000);
        return record;
    }
    protocol::DelegationTokenRecord token() {
        protocol::DelegationTokenRecord record;
        record.owner = word("User:");
        record.requester = word("User:");
        for (std::uint64_t i = below(3); i > 0; --i) record.renewers.push_back(word("User:"));
        record.issue_timestamp = static_cast<std::int64_t>(below(1000));
        record.max_timestamp = record.issue_timestamp + 1000;
        record.expiration_timestamp = record.issue_timestamp + 500;
        record.token_id = word("token");
        return record;
    }
    protocol::RemoveDelegationTokenRecord remove_token() {
        protocol::RemoveDelegationTokenRecord record;
        record.token_id = word("token");
        return record;
    }
    protocol::UserScramCredentialRecord credential() {
        protocol::UserScramCredentialRecord record;
        record.name = word("user");
        record.mechanism = static_cast<std::int8_t>(1 + below(2));
        record.salt = bytes();
        record.stored_key = bytes();
        record.server_key = bytes();
        record.iterations = static_cast<std::int32_t>(4096 + below(5));
        return record;
    }
    protocol::RemoveUserScramCredentialRecord remove_credential() {
        protocol::RemoveUserScramCredentialRecord record;
        record.name = word("user");
        record.mechanism = static_cast<std::int8_t>(1 + below(2));
        return record;
    }
    protocol::ClientQuotaRecord quota() {
        protocol::ClientQuotaRecord record;
        for (const char* type : {"user", "client-id"}) {
            if (!flag()) continue;
            auto& entity = record.entity.emplace_back();
            entity.entity_type = type;
            entity.entity_name = or_null(word("name"));
        }
        record.key = word("byte_rate");
        record.value = static_cast<double>(below(1000)) / 8;
        record.remove = below(4) == 0;
        return record;
    }
    protocol::AccessControlEntryRecord access() {
        protocol::AccessControlEntryRecord record;
        record.id = uuid("access", below(5));
        record.resource_type = static_cast<std::int8_t>(below(7));
        record.resource_name = word("resource");
        record.pattern_type = static_cast<std::int8_t>(3 + below(2));
        record.principal = word("User:");
        record.host = "*";
        record.operation = static_cast<std::int8_t>(below(12));
        record.permission_type = static_cast<std::int8_t>(2 + below(2));
        return record;
    }
    protocol::RemoveAccessControlEntryRecord remove_access() {
        protocol::RemoveAccessControlEntryRecord record;
        record.id = uuid("access", below(5));
        return record;
    }

    Random dice_;
};

}  // namespace barnabas::metadata
