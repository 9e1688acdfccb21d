// DescribeCluster: the cluster's id, controller and brokers, or the controllers themselves.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct DescribeClusterRequest {
    static constexpr Api api{.key = ApiKey::describe_cluster,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::broker_and_controller};

    bool include_cluster_authorized_operations = false;
    std::int8_t endpoint_type = 1;
    bool include_fenced_brokers = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("IncludeClusterAuthorizedOperations", self.include_cluster_authorized_operations);
        field("EndpointType", self.endpoint_type, since(1), defaults(1));
        field("IncludeFencedBrokers", self.include_fenced_brokers, since(2));
    }
};

struct DescribeClusterResponse {
    static constexpr Api api = DescribeClusterRequest::api;

    struct DescribeClusterBroker {
        std::int32_t broker_id = 0;
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        bool is_fenced = false;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("BrokerId", self.broker_id, map_key, names_broker);
            field("Host", self.host);
            field("Port", self.port);
            field("Rack", self.rack, nullable(), defaults(null));
            field("IsFenced", self.is_fenced, since(2));
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    std::int8_t endpoint_type = 1;
    std::string cluster_id;
    std::int32_t controller_id = -1;
    std::vector<DescribeClusterBroker> brokers;
    std::int32_t cluster_authorized_operations = INT32_MIN;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("ErrorMessage", self.error_message, nullable(), defaults(null));
        field("EndpointType", self.endpoint_type, since(1), defaults(1));
        field("ClusterId", self.cluster_id);
        field("ControllerId", self.controller_id, defaults(-1), names_broker);
        field("Brokers", self.brokers);
        field("ClusterAuthorizedOperations", self.cluster_authorized_operations,
              defaults(INT32_MIN));
    }
};

}  // namespace barnabas::protocol
