// DescribeDelegationToken: tokens of some owners, or of all.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeDelegationTokenRequest {
    static constexpr Api api{.key = ApiKey::describe_delegation_token,
                             .valid = {1, 3},
                             .flexible_from = 2,
                             .on = Listeners::broker_and_controller};

    struct DescribeDelegationTokenOwner {
        std::string principal_type;
        std::string principal_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PrincipalType", self.principal_type);
            field("PrincipalName", self.principal_name);
        }
    };

    std::optional<std::vector<DescribeDelegationTokenOwner>> owners{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Owners", self.owners, nullable()); }
};

struct DescribeDelegationTokenResponse {
    static constexpr Api api = DescribeDelegationTokenRequest::api;

    struct DescribedDelegationTokenRenewer {
        std::string principal_type;
        std::string principal_name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PrincipalType", self.principal_type);
            field("PrincipalName", self.principal_name);
        }
    };

    struct DescribedDelegationToken {
        std::string principal_type;
        std::string principal_name;
        std::string token_requester_principal_type;
        std::string token_requester_principal_name;
        std::int64_t issue_timestamp = 0;
        std::int64_t expiry_timestamp = 0;
        std::int64_t max_timestamp = 0;
        std::string token_id;
        Bytes hmac;
        std::vector<DescribedDelegationTokenRenewer> renewers;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("PrincipalType", self.principal_type);
            field("PrincipalName", self.principal_name);
            field("TokenRequesterPrincipalType", self.token_requester_principal_type, since(3));
            field("TokenRequesterPrincipalName", self.token_requester_principal_name, since(3));
            field("IssueTimestamp", self.issue_timestamp);
            field("ExpiryTimestamp", self.expiry_timestamp);
            field("MaxTimestamp", self.max_timestamp);
            field("TokenId", self.token_id);
            field("Hmac", self.hmac);
            field("Renewers", self.renewers);
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribedDelegationToken> tokens;
    std::int32_t throttle_time_ms = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("Tokens", self.tokens);
        field("ThrottleTimeMs", self.throttle_time_ms);
    }
};

}  // namespace barnabas::protocol
