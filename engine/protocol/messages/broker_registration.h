// BrokerRegistration: a broker joins the cluster and gets its epoch.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct BrokerRegistrationRequest {
    static constexpr Api api{.key = ApiKey::broker_registration,
                             .valid = {0, 4},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("Host", self.host);
            field("Port", self.port);
            field("SecurityProtocol", self.security_protocol);
        }
    };

    struct Feature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("Name", self.name, map_key);
            field("MinSupportedVersion", self.min_supported_version);
            field("MaxSupportedVersion", self.max_supported_version);
        }
    };

    std::int32_t broker_id = 0;
    std::string cluster_id;
    Uuid incarnation_id;
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    std::optional<std::string> rack = "";
    bool is_migrating_zk_broker = false;
    std::vector<Uuid> log_dirs;
    std::int64_t previous_broker_epoch = -1;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("ClusterId", self.cluster_id);
        field("IncarnationId", self.incarnation_id);
        field("Listeners", self.listeners);
        field("Features", self.features);
        field("Rack", self.rack, nullable());
        field("IsMigratingZkBroker", self.is_migrating_zk_broker, since(1), defaults(false));
        field("LogDirs", self.log_dirs, since(2), ignorable);
        field("PreviousBrokerEpoch", self.previous_broker_epoch, since(3), defaults(-1), ignorable);
    }
};

struct BrokerRegistrationResponse {
    static constexpr Api api = BrokerRegistrationRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t broker_epoch = -1;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
    }
};

}  // namespace barnabas::protocol
