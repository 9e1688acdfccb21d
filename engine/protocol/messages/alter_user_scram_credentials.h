// AlterUserScramCredentials: sets and removes SCRAM credentials.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterUserScramCredentialsRequest {
    static constexpr Api api{.key = ApiKey::alter_user_scram_credentials,
                             .valid = {0, 0},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct ScramCredentialDeletion {
        std::string name;
        std::int8_t mechanism = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Mechanism", self.mechanism);
        }
    };

    struct ScramCredentialUpsertion {
        std::string name;
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;
        Bytes salt;
        Bytes salted_password;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Mechanism", self.mechanism);
            field("Iterations", self.iterations);
            field("Salt", self.salt);
            field("SaltedPassword", self.salted_password);
        }
    };

    std::vector<ScramCredentialDeletion> deletions;
    std::vector<ScramCredentialUpsertion> upsertions;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Deletions", self.deletions);
        field("Upsertions", self.upsertions);
    }
};

struct AlterUserScramCredentialsResponse {
    static constexpr Api api = AlterUserScramCredentialsRequest::api;

    struct AlterUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("User", self.user);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterUserScramCredentialsResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
