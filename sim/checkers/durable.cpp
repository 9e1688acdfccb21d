#include "sim/checkers/durable.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::sim {
namespace {

// More than a run ever gives: it is never reached.
constexpr std::int64_t never = 1'000'000;

bool promises(const Cast::Topic& topic) {
    return topic.settings.flush_messages < never && !topic.settings.is_compacted;
}

}  // namespace

std::string Durable::rest(const Sight& sight) const {
    if (std::ranges::none_of(sight.cast.topics, promises)) return "no topic sets flush.messages";
    return sight.cast.producers.empty() ? "nobody produces" : "";
}

void Durable::look(const Sight& sight) {
    if (sight.deed != nullptr && sight.broker != nullptr) known_.clear();
    if (const Cast::Producer* producer = sight.producer) {
        if (!promises(*sight.cast.topic(producer->topic))) return;
        sight.fates.each([&](const client::Fate& fate) {
            if (fate.kind != client::Fate::Kind::acknowledged) return;
            judge(sight, producer->name, fate.to, fate.offset);
        });
    }
    if (const Cast::Consumer* consumer = sight.consumer) {
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
        const std::int64_t most = sight.cast.topic(partition.topic)->settings.flush_messages - 1;
        if (unflushed <= most) continue;
        report("undurable", fmt::format("{} was told of {}@{}, and {} records up to there are not "
                                        "flushed, where flush.messages allows {}",
                                        who, partition.text(), last.value(), unflushed, most));
    }
}

}  // namespace barnabas::sim
