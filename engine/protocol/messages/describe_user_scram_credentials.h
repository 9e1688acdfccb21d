// DescribeUserScramCredentials: which users have which SCRAM credentials.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeUserScramCredentialsRequest {
    static constexpr Api api{.key = ApiKey::describe_user_scram_credentials,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller};

    struct UserName {
        std::string name;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) { field("Name", self.name); }
    };

    std::optional<std::vector<UserName>> users{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("Users", self.users, nullable()); }
};

struct DescribeUserScramCredentialsResponse {
    static constexpr Api api = DescribeUserScramCredentialsRequest::api;

    struct CredentialInfo {
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Mechanism", self.mechanism);
            field("Iterations", self.iterations);
        }
    };

    struct DescribeUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::vector<CredentialInfo> credential_infos;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("User", self.user);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
            field("CredentialInfos", self.credential_infos);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<DescribeUserScramCredentialsResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
