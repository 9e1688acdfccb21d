// UpdateFeatures: raises and lowers the cluster's feature levels.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct UpdateFeaturesRequest {
    static constexpr Api api{.key = ApiKey::update_features,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller,
                             .is_cluster_action = true,
                             .is_forwardable = true};

    struct FeatureUpdateKey {
        std::string feature;
        std::int16_t max_version_level = 0;
        bool allow_downgrade = false;
        std::int8_t upgrade_type = 1;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Feature", self.feature, map_key);
            field("MaxVersionLevel", self.max_version_level);
            field("AllowDowngrade", self.allow_downgrade, until(0));
            field("UpgradeType", self.upgrade_type, since(1), defaults(1));
        }
    };

    std::int32_t timeout_ms = 60000;
    std::vector<FeatureUpdateKey> feature_updates;
    bool validate_only = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("timeoutMs", self.timeout_ms, defaults(60000));
        field("FeatureUpdates", self.feature_updates);
        field("ValidateOnly", self.validate_only, since(1), defaults(false));
    }
};

struct UpdateFeaturesResponse {
    static constexpr Api api = UpdateFeaturesRequest::api;

    struct UpdatableFeatureResult {
        std::string feature;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Feature", self.feature, map_key);
            field("ErrorCode", self.error_code);
            field("ErrorMessage", self.error_message, nullable());
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<UpdatableFeatureResult> results;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable());
        field("Results", self.results, until(1), ignorable);
    }
};

}  // namespace barnabas::protocol
