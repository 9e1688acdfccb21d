// Which room will give effect to the settings that have none yet.
#include <algorithm>

#include "engine/settings/table.h"

namespace barnabas::settings {
namespace {

struct Rule {
    std::string_view front;  // of the name; of several that fit, the longest holds
    std::string_view room;
};

constexpr std::string_view nothing = "";

constexpr Rule rules[] = {
    {"add.partitions.to.txn", "transactions"},
    {"alter.config.policy", "security"},
    {"alter.log.dirs", "replication"},
    {"authorizer.", "security"},
    {"auto.leader.rebalance", "metadata"},
    {"background.threads", nothing},
    {"broker.heartbeat", "metadata"},
    {"broker.id", nothing},
    {"broker.session", "metadata"},
    {"cleanup.policy", "log"},
    {"client.quota", "quotas"},
    {"compression.", "records"},
    {"config.providers", "settings"},
    {"connection", "host"},
    {"controlled.shutdown", "replication"},
    {"controller.performance", "metrics"},
    {"controller.quorum", "quorum"},
    {"controller.quota", "quotas"},
    {"controller.socket", "rpc"},
    {"cordoned.log", "metadata"},
    {"create.topic.policy", "metadata"},
    {"delegation.token", "security"},
    {"delete.records.purgatory", nothing},
    {"delete.retention", "log"},
    {"delete.topic", "metadata"},
    {"early.start", "security"},
    {"fetch.max", "broker"},
    {"fetch.purgatory", nothing},
    {"file.delete", "log"},
    {"flush.", "log"},
    {"follower.fetch", "replication"},
    {"follower.replication", "quotas"},
    {"group.", "groups"},
    {"initial.broker", "metadata"},
    {"inter.broker", "replication"},
    {"internal.metadata", "quorum"},
    {"internal.segment", "log"},
    {"kafka.metrics", "metrics"},
    {"leader.imbalance", "metadata"},
    {"leader.replication", "quotas"},
    {"local.retention", "remote storage"},
    {"log.", "log"},
    {"log.cleaner.threads", nothing},
    {"log.flush.scheduler", nothing},
    {"log.initial.task", nothing},
    {"log.local", "remote storage"},
    {"max.compaction", "log"},
    {"max.connection", "host"},
    {"max.incremental.fetch", "broker"},
    {"max.request.partition", "broker"},
    {"metadata.log", "quorum"},
    {"metadata.max", "metadata"},
    {"metric", "metrics"},
    {"min.", "log"},
    {"num.io", nothing},
    {"num.network", nothing},
    {"num.recovery", nothing},
    {"num.replica", nothing},
    {"offset", "groups"},
    {"preallocate", "log"},
    {"principal.builder", "security"},
    {"producer.id", "transactions"},
    {"producer.purgatory", nothing},
    {"queued.max.requests", nothing},
    {"quota.window", "quotas"},
    {"remote.", "remote storage"},
    {"replica.", "replication"},
    {"replication.quota", "quotas"},
    {"request.timeout", "rpc"},
    {"sasl.", "security"},
    {"security.", "security"},
    {"server.max", "groups"},
    {"share.", "groups"},
    {"socket.", "host"},
    {"ssl.", "security"},
    {"telemetry.", "metrics"},
    {"transaction", "transactions"},
    {"unclean.leader", "replication"},
    {"unstable.", "protocol"},
};

}  // namespace

std::optional<std::string_view> room_to_come(std::string_view name) {
    const Rule* best = nullptr;
    for (const Rule& rule : rules) {
        const bool is_better = best == nullptr || rule.front.size() > best->front.size();
        if (name.starts_with(rule.front) && is_better) best = &rule;
    }
    if (best == nullptr) return std::nullopt;
    return best->room;
}

std::string words_for_no_effect(std::string_view name) {
    const auto room = room_to_come(name);
    if (!room) return "has no effect yet";
    if (room->empty()) return "has no effect: nothing here works the way that it sets";
    return "has no effect yet: that comes with " + std::string(*room);
}

}  // namespace barnabas::settings
