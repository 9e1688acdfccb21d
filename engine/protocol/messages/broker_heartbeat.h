// BrokerHeartbeat: a broker says that it lives and how far it has read the metadata log, and
// hears whether it is fenced.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct BrokerHeartbeatRequest {
    static constexpr Api api{.key = ApiKey::broker_heartbeat,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::controller,
                             .is_cluster_action = true};

    std::int32_t broker_id = 0;
    std::int64_t broker_epoch = -1;
    std::int64_t current_metadata_offset = 0;
    bool want_fence = false;
    bool want_shut_down = false;
    std::vector<Uuid> offline_log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("BrokerId", self.broker_id, names_broker);
        field("BrokerEpoch", self.broker_epoch, defaults(-1));
        field("CurrentMetadataOffset", self.current_metadata_offset);
        field("WantFence", self.want_fence);
        field("WantShutDown", self.want_shut_down);
        field("OfflineLogDirs", self.offline_log_dirs, since(1), tag(0));
        field("CordonedLogDirs", self.cordoned_log_dirs, since(2), nullable(2), defaults(null),
              tag(1));
    }
};

struct BrokerHeartbeatResponse {
    static constexpr Api api = BrokerHeartbeatRequest::api;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    bool is_caught_up = false;
    bool is_fenced = true;
    bool should_shut_down = false;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("IsCaughtUp", self.is_caught_up, defaults(false));
        field("IsFenced", self.is_fenced, defaults(true));
        field("ShouldShutDown", self.should_shut_down);
    }
};

}  // namespace barnabas::protocol
