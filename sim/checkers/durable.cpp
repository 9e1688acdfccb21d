#include "sim/checkers/durable.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::sim {
namespace {

// More than a run ever gives: it is never reached.
constexpr std::int64_t never = 1'000'000;

bool promises(const Cast::Topic& topic) {
    const bool may_not = topic.can_be([](const settings::TopicSettings& settings) {
        return settings.flush_messages >= never || settings.is_compacted;
    });
    return !may_not;
}

}  // namespace

std::string Durable::rest(const Sight& sight) const {
    if (std::ranges::none_of(sight.cast.topics, promises)) return "no topic sets flush.messages";
    return sight.cast.producers.empty() ? "nobody produces" : "";
}

void Durable::look(const Sight& sight) {
    if (sight.deed != nullptr && sight.cast.broker(sight.node) != nullptr) known_.clear();
    if (const Cast::Producer* producer = sight.cast.producer(sight.node)) {
        if (!promises(*sight.cast.topic(producer->topic))) return;
        sight.fates.each([&](const client::Fate& fate) {
            if (fate.kind != client::Fate::Kind::acknowledged) return;
            judge(sight, producer->name, fate.to, fate.offset);
        });
    }
    if (const Cast::Consumer* consumer = sight.cast.consumer(sight.node)) {
        if (!promises(*sight.cast.topic(consumer->topic))) return;
        sight.seen.each([&](const Seen& seen) {
            if (seen.kind != Seen::Kind::record) return;
            judge(sight, consumer->name, {consumer->topic, seen.partition}, seen.offset);
        });
    }
}

void Durable::judge(const Sight& sight, const std::string& who, const TopicPartition& partition,
                    Offset last) {
    judged();
    Offset& known = known_[partition];
    if (last < known) return;
    for (const auto& [broker, logs] : sight.logs) {
        if (logs.end(partition) <= last) continue;  // a cut took it: the ledger judges that
        known = std::max(known, logs.flushed_end(partition, sight.world.disk(broker)));
        const std::int64_t unflushed = last + 1 - known;
        std::int64_t most = 0;  // as before or after a change: nobody knows when it has its effect
        sight.cast.topic(partition.topic)->can_be([&](const settings::TopicSettings& settings) {
            most = std::max<std::int64_t>(most, settings.flush_messages - 1);
            return false;
        });
        if (unflushed <= most) continue;
        report("undurable", fmt::format("{} was told of {}@{}, and {} records up to there are not "
                                        "flushed, where flush.messages allows {}",
                                        who, partition.text(), last.value(), unflushed, most));
    }
}

}  // namespace barnabas::sim
