// Credentials, tokens, quotas and access rules as the metadata log tells them. Nothing enforces
// them yet: they are kept, so that a snapshot of ours loses none.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/protocol/messages/security_records.h"

namespace barnabas::metadata {

struct ScramRow {
    Bytes salt;
    Bytes stored_key;
    Bytes server_key;
    std::int32_t iterations = 0;
    friend bool operator==(const ScramRow&, const ScramRow&) = default;
};

struct TokenRow {
    std::string owner;
    std::string requester;
    std::vector<std::string> renewers;
    std::int64_t issued_at = 0;
    std::int64_t expires_latest = 0;  // however often it is renewed
    std::int64_t expires_at = 0;
    friend bool operator==(const TokenRow&, const TokenRow&) = default;
};

// The numbers are Kafka's.
struct AccessRow {
    std::string resource;
    std::string principal;
    std::string host;
    std::int8_t resource_type = 0;
    std::int8_t pattern_type = 0;
    std::int8_t operation = 0;
    std::int8_t permission = 0;
    friend bool operator==(const AccessRow&, const AccessRow&) = default;
};

// A quota as it stands in its record, a floating-point number: kept, not computed with.
using QuotaBits = std::uint64_t;

struct SecurityRows {
    using UserAndMechanism = std::pair<std::string, std::int8_t>;
    // Whom a quota is for: "user" -> its name, or nothing for the default of all users.
    using QuotaEntity = std::map<std::string, std::optional<std::string>>;
    using QuotaName = std::pair<QuotaEntity, std::string>;

    std::map<UserAndMechanism, ScramRow> credentials;
    std::map<std::string, TokenRow> tokens;  // by their ids
    std::map<QuotaName, QuotaBits> quotas;
    std::map<Uuid, AccessRow> access;

    void apply(const protocol::DelegationTokenRecord& record);
    void apply(const protocol::RemoveDelegationTokenRecord& record);
    void apply(const protocol::UserScramCredentialRecord& record);
    void apply(const protocol::RemoveUserScramCredentialRecord& record);
    void apply(const protocol::ClientQuotaRecord& record);
    void apply(const protocol::AccessControlEntryRecord& record);
    void apply(const protocol::RemoveAccessControlEntryRecord& record);

    friend bool operator==(const SecurityRows&, const SecurityRows&) = default;
};

}  // namespace barnabas::metadata
