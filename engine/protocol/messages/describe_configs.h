// DescribeConfigs: settings of topics, brokers, groups and clients with where each comes from.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeConfigsRequest {
    static constexpr Api api{.key = ApiKey::describe_configs,
                             .valid = {1, 4},
                             .flexible_from = 4,
                             .on = Listeners::broker_and_controller};

    struct DescribeConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::optional<std::vector<std::string>> configuration_keys{std::in_place};
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ResourceType", self.resource_type);
            field("ResourceName", self.resource_name);
            field("ConfigurationKeys", self.configuration_keys, nullable());
        }
    };

    std::vector<DescribeConfigsResource> resources;
    bool include_synonyms = false;
    bool include_documentation = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("Resources", self.resources);
        field("IncludeSynonyms", self.include_synonyms, since(1), defaults(false));
        field("IncludeDocumentation", self.include_documentation, since(3), defaults(false));
    }
};

struct DescribeConfigsResponse {
    static constexpr Api api = DescribeConfigsRequest::api;

    struct DescribeConfigsSynonym {
        std::string name;
        std::optional<std::string> value = "";
        std::int8_t source = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(1));
            field("Value", self.value, since(1), nullable());
            field("Source", self.source, since(1));
        }
    };

    struct DescribeConfigsResourceResult {
        std::string name;
        std::optional<std::string> value = "";
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        std::vector<DescribeConfigsSynonym> synonyms;
        std::int8_t config_type = 0;
        std::optional<std::string> documentation = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name);
            field("Value", self.value, nullable());
            field("ReadOnly", self.read_only);
            field("ConfigSource", self.config_source, since(1), defaults(-1), ignorable);
            field("IsSensitive", self.is_sensitive);
            field("Synonyms", self.synonyms, since(1), ignorable);
            field("ConfigType", self.config_type, since(3), defaults(0), ignorable);
            field("Documentation", self.documentation, since(3), nullable(), ignorable);
        }
    };

    struct DescribeConfigsResult {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<DescribeConfigsResourceResult> configs;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
            field("ResourceType", self.resource_type);
            field("ResourceName", self.resource_name);
            field("Configs", self.configs);
        }
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeConfigsResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("Results", self.results);
    }
};

}  // namespace barnabas::protocol
