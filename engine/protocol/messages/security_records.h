// Records of the metadata log about who may do what, and how much: access rules, SCRAM
// credentials, delegation tokens, quotas.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AccessControlEntryRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 18, .valid = {0, 0}, .flexible_from = 0};

    Uuid id;
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::int8_t pattern_type = 0;
    std::string principal;
    std::string host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Id", self.id);
        field("ResourceType", self.resource_type);
        field("ResourceName", self.resource_name);
        field("PatternType", self.pattern_type);
        field("Principal", self.principal);
        field("Host", self.host);
        field("Operation", self.operation);
        field("PermissionType", self.permission_type);
    }
};

struct RemoveAccessControlEntryRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 19, .valid = {0, 0}, .flexible_from = 0};

    Uuid id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Id", self.id); }
};

struct UserScramCredentialRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 11, .valid = {0, 0}, .flexible_from = 0};

    std::string name;
    std::int8_t mechanism = 0;
    Bytes salt;
    Bytes stored_key;
    Bytes server_key;
    std::int32_t iterations = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name);
        field("Mechanism", self.mechanism);
        field("Salt", self.salt);
        field("StoredKey", self.stored_key);
        field("ServerKey", self.server_key);
        field("Iterations", self.iterations);
    }
};

struct RemoveUserScramCredentialRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 22, .valid = {0, 0}, .flexible_from = 0};

    std::string name;
    std::int8_t mechanism = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Name", self.name);
        field("Mechanism", self.mechanism);
    }
};

struct DelegationTokenRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 10, .valid = {0, 0}, .flexible_from = 0};

    std::string owner;
    std::string requester;
    std::vector<std::string> renewers;
    std::int64_t issue_timestamp = 0;
    std::int64_t max_timestamp = 0;
    std::int64_t expiration_timestamp = 0;
    std::string token_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Owner", self.owner);
        field("Requester", self.requester);
        field("Renewers", self.renewers);
        field("IssueTimestamp", self.issue_timestamp);
        field("MaxTimestamp", self.max_timestamp);
        field("ExpirationTimestamp", self.expiration_timestamp);
        field("TokenId", self.token_id);
    }
};

struct RemoveDelegationTokenRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 26, .valid = {0, 0}, .flexible_from = 0};

    std::string token_id;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("TokenId", self.token_id); }
};

struct ClientQuotaRecord {
    static constexpr Format format{
        .kind = Kind::metadata, .key = 14, .valid = {0, 0}, .flexible_from = 0};

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EntityType", self.entity_type);
            field("EntityName", self.entity_name, nullable());
        }
    };

    std::vector<EntityData> entity;
    std::string key;
    double value = 0;
    bool remove = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Entity", self.entity);
        field("Key", self.key);
        field("Value", self.value);
        field("Remove", self.remove);
    }
};

}  // namespace barnabas::protocol
