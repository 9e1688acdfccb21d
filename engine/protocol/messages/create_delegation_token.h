// CreateDelegationToken: a token that stands for a user.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct CreateDelegationTokenRequest {
    static constexpr Api api{.key = ApiKey::create_delegation_token,
                             .valid = {1, 3},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct CreatableRenewers {
        std::string principal_type;
        std::string principal_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PrincipalType", self.principal_type);
            field("PrincipalName", self.principal_name);
        }
    };

    std::optional<std::string> owner_principal_type = "";
    std::optional<std::string> owner_principal_name = "";
    std::vector<CreatableRenewers> renewers;
    std::int64_t max_lifetime_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("OwnerPrincipalType", self.owner_principal_type, since(3), nullable(3));
        field("OwnerPrincipalName", self.owner_principal_name, since(3), nullable(3));
        field("Renewers", self.renewers);
        field("MaxLifetimeMs", self.max_lifetime_ms);
    }
};

struct CreateDelegationTokenResponse {
    static constexpr Api api = CreateDelegationTokenRequest::api;

    ErrorCode error_code = ErrorCode::none;
    std::string principal_type;
    std::string principal_name;
    std::string token_requester_principal_type;
    std::string token_requester_principal_name;
    std::int64_t issue_timestamp_ms = 0;
    std::int64_t expiry_timestamp_ms = 0;
    std::int64_t max_timestamp_ms = 0;
    std::string token_id;
    Bytes hmac;
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("PrincipalType", self.principal_type);
        field("PrincipalName", self.principal_name);
        field("TokenRequesterPrincipalType", self.token_requester_principal_type, since(3));
        field("TokenRequesterPrincipalName", self.token_requester_principal_name, since(3));
        field("IssueTimestampMs", self.issue_timestamp_ms);
        field("ExpiryTimestampMs", self.expiry_timestamp_ms);
        field("MaxTimestampMs", self.max_timestamp_ms);
        field("TokenId", self.token_id);
        field("Hmac", self.hmac);
        field("ThrottleTimeMs", self.throttle_time_ms);
    }
};

}  // namespace barnabas::protocol
