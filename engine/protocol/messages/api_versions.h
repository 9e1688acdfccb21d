// ApiVersions: what a broker can do. The response's header never grows a tag section, and a
// version that the broker does not know is answered in version 0.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ApiVersionsRequest {
    static constexpr Api api{.key = ApiKey::api_versions,
                             .valid = {0, 4},
                             .flexible_from = 3,
                             .on = Listeners::broker_and_controller};

    std::string client_software_name;
    std::string client_software_version;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ClientSoftwareName", self.client_software_name, since(3), ignorable);
        field("ClientSoftwareVersion", self.client_software_version, since(3), ignorable);
    }
};

struct ApiVersionsResponse {
    static constexpr Api api = ApiVersionsRequest::api;

    struct ApiVersion {
        std::int16_t api_key = 0;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("ApiKey", self.api_key, map_key);
            field("MinVersion", self.min_version);
            field("MaxVersion", self.max_version);
        }
    };

    struct SupportedFeatureKey {
        std::string name;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(3), map_key);
            field("MinVersion", self.min_version, since(3));
            field("MaxVersion", self.max_version, since(3));
        }
    };

    struct FinalizedFeatureKey {
        std::string name;
        std::int16_t max_version_level = 0;
        std::int16_t min_version_level = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, since(3), map_key);
            field("MaxVersionLevel", self.max_version_level, since(3));
            field("MinVersionLevel", self.min_version_level, since(3));
        }
    };

    ErrorCode error_code = ErrorCode::none;
    std::vector<ApiVersion> api_keys;
    std::int32_t throttle_time_ms = 0;
    std::vector<SupportedFeatureKey> supported_features;
    std::int64_t finalized_features_epoch = -1;
    std::vector<FinalizedFeatureKey> finalized_features;
    bool zk_migration_ready = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ErrorCode", self.error_code);
        field("ApiKeys", self.api_keys);
        field("ThrottleTimeMs", self.throttle_time_ms, since(1), ignorable);
        field("SupportedFeatures", self.supported_features, since(3), tag(0), ignorable);
        field("FinalizedFeaturesEpoch", self.finalized_features_epoch, since(3), defaults(-1),
              tag(1), ignorable);
        field("FinalizedFeatures", self.finalized_features, since(3), tag(2), ignorable);
        field("ZkMigrationReady", self.zk_migration_ready, since(3), defaults(false), tag(3),
              ignorable);
    }
};

}  // namespace barnabas::protocol
