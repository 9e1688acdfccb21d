// AlterClientQuotas: sets and removes limits.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct AlterClientQuotasRequest {
    static constexpr Api api{.key = ApiKey::alter_client_quotas,
                             .valid = {0, 1},
                             .flexible_from = 1,
                             .on = Listeners::broker_and_controller,
                             .is_forwardable = true};

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EntityType", self.entity_type);
            field("EntityName", self.entity_name, nullable());
        }
    };

    struct OpData {
        std::string key;
        double value = 0;
        bool remove = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Key", self.key);
            field("Value", self.value);
            field("Remove", self.remove);
        }
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<OpData> ops;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Entity", self.entity);
            field("Ops", self.ops);
        }
    };

    std::vector<EntryData> entries;
    bool validate_only = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Entries", self.entries);
        field("ValidateOnly", self.validate_only);
    }
};

struct AlterClientQuotasResponse {
    static constexpr Api api = AlterClientQuotasRequest::api;

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EntityType", self.entity_type);
            field("EntityName", self.entity_name, nullable());
        }
    };

    struct EntryData {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::vector<EntityData> entity;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
            field("Entity", self.entity);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<EntryData> entries;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Entries", self.entries);
    }
};

}  // namespace barnabas::protocol
