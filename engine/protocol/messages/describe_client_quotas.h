// DescribeClientQuotas: limits of users, clients and addresses that match a filter.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeClientQuotasRequest {
    static constexpr Api api{.key = ApiKey::describe_client_quotas,
                             .valid = {0, 1},
                             .flexible_from = 1,
                             .on = Listeners::broker};

    struct ComponentData {
        std::string entity_type;
        std::int8_t match_type = 0;
        std::optional<std::string> match = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EntityType", self.entity_type);
            field("MatchType", self.match_type);
            field("Match", self.match, nullable());
        }
    };

    std::vector<ComponentData> components;
    bool strict = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Components", self.components);
        field("Strict", self.strict);
    }
};

struct DescribeClientQuotasResponse {
    static constexpr Api api = DescribeClientQuotasRequest::api;

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("EntityType", self.entity_type);
            field("EntityName", self.entity_name, nullable());
        }
    };

    struct ValueData {
        std::string key;
        double value = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Key", self.key);
            field("Value", self.value);
        }
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<ValueData> values;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Entity", self.entity);
            field("Values", self.values);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::optional<std::vector<EntryData>> entries{std::in_place};
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Entries", self.entries, nullable());
    }
};

}  // namespace barnabas::protocol
