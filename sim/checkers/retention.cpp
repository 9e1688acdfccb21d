#include "sim/checkers/retention.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/admin_node.h"

namespace barnabas::sim {
namespace {

bool has_retention(const Cast::Topic& topic) {
    return topic.settings.is_deleted &&
           (topic.settings.retention.has_value() || topic.settings.retention_bytes.has_value());
}

std::uint64_t bytes_of(const std::vector<SegmentView>& segments) {
    std::uint64_t bytes = 0;
    for (const SegmentView& segment : segments) bytes += segment.bytes;
    return bytes;
}

Duration look_interval(const Cast& cast) {
    return std::chrono::milliseconds(cast.settings.number("log.retention.check.interval.ms"));
}

}  // namespace

std::string Retention::rest(const Sight& sight) const {
    const auto can_be_due = [&](const Cast::Topic& topic) {
        const auto& settings = topic.settings;
        const bool is_short =
            settings.retention && *settings.retention < sight.now().time_since_epoch() / 2;
        return has_retention(topic) && (settings.retention_bytes || is_short);
    };
    if (std::ranges::none_of(sight.cast.topics, can_be_due))
        return "no topic's retention is over in so short a run";
    return sight.cast.producers.empty() ? "nobody produces" : "";
}

void Retention::look(const Sight& sight) {
    if (sight.cast.admin == sight.node) follow_admin(sight);
    const bool has_begun =
        sight.changes != nullptr &&
        std::ranges::any_of(*sight.changes, [](const LogChange& change) {
            return change.kind == LogChange::Kind::begins;
        });
    if (has_begun && sight.durable == nullptr) judge_starts(sight, sight.node);
    if (!sight.has_second_passed) return;
    for (const Cast::Broker& broker : sight.cast.brokers) judge_hoards(sight, broker.node);
}

void Retention::follow_admin(const Sight& sight) {
    const auto& progress = sight.world.machine(sight.node).as<AdminNode>()->progress();
    for (; progress_told_ < progress.size(); ++progress_told_) {
        for (const Cast::Broker& broker : sight.cast.brokers) {
            Offset& start = logs_[{broker.node, progress[progress_told_].partition}].may_start;
            start = std::max(start, progress[progress_told_].below);
        }
    }
}

// Of the segments that were there a second ago at most, those that are gone now; with what the
// others hold by now.
void Retention::judge_starts(const Sight& sight, NodeIndex broker) {
    for (const LogChange& change : *sight.changes) {
        if (change.kind != LogChange::Kind::begins) continue;
        Log& log = logs_[{broker, change.partition}];
        const auto first_left = std::ranges::find_if(log.segments, [&](const SegmentView& one) {
            return one.base >= change.offset;
        });
        std::vector<SegmentView> all(log.segments.begin(), first_left);
        const auto left = sight.logs_of(broker).segments(change.partition);
        all.insert(all.end(), left.begin(), left.end());
        log.segments = std::move(all);
        judge_start(sight, broker, change.partition, log, change.offset);
    }
}

void Retention::judge_start(const Sight& sight, NodeIndex broker, const TopicPartition& partition,
                            Log& log, Offset start) {
    const Cast::Topic* topic = sight.cast.topic(partition.topic);
    while (!log.segments.empty() && log.segments.front().base < start) {
        const SegmentView gone = log.segments.front();
        const std::uint64_t bytes = bytes_of(log.segments);
        log.segments.erase(log.segments.begin());
        if (gone.next <= log.may_start || gone.bytes == 0) continue;
        if (topic == nullptr || !has_retention(*topic)) continue;  // the ledger judges that
        judged();
        const auto most = topic->settings.retention_bytes;
        const bool is_too_large =
            most && bytes - gone.bytes >= static_cast<std::uint64_t>(std::max<std::int64_t>(
                                              *most, 0));
        if (is_too_large || is_old(sight, broker, *topic, gone, sight.cast.clock_skew)) continue;
        report("early",
               fmt::format("the segment of {} at {} went, {} bytes, when the log had {}{}, and its "
                           "newest record was not too old",
                           partition.text(), gone.base.value(), gone.bytes, bytes,
                           most ? fmt::format(" and may have {}", *most) : ""));
    }
}

bool Retention::is_old(const Sight& sight, NodeIndex broker, const Cast::Topic& topic,
                       const SegmentView& segment, Duration skew) const {
    const auto retention = topic.settings.retention;
    if (!retention || segment.largest_timestamp < 0) return false;
    const auto age = sight.world.wall(broker).time_since_epoch() -
                     std::chrono::milliseconds(segment.largest_timestamp);
    return age > *retention - floor<std::chrono::milliseconds>(skew);
}

void Retention::judge_hoards(const Sight& sight, NodeIndex broker) {
    const Duration patience = 2 * look_interval(sight.cast) + Duration(2s);
    const Instant since = sight.now() - patience;
    const bool is_excused =
        sight.world.state(broker) != NodeState::running || sight.harm.started(broker) > since ||
        sight.harm.of_process(broker, since) || sight.harm.of_storage(broker, {}, since);
    sight.logs_of(broker).each_log(
        [&](const TopicPartition& partition, const std::vector<SegmentView>& segments) {
            const Cast::Topic* topic = sight.cast.topic(partition.topic);
            if (topic == nullptr || !has_retention(*topic) || segments.empty()) return;
            Log& log = logs_[{broker, partition}];
            log.segments = segments;
            judge_hoard(sight, broker, partition, *topic, log, is_excused, since);
        });
}

// Its oldest segment, which has had to go since `since` or before.
void Retention::judge_hoard(const Sight& sight, NodeIndex broker, const TopicPartition& partition,
                            const Cast::Topic& topic, Log& log, bool is_excused, Instant since) {
    const SegmentView& first = log.segments.front();
    const bool has_others = log.segments.size() > 1;
    const auto most = topic.settings.retention_bytes;
    const bool is_too_large =
        has_others && most && *most >= 0 &&
        bytes_of(log.segments) - first.bytes >= static_cast<std::uint64_t>(*most);
    const bool is_due = has_others && (is_too_large || is_old(sight, broker, topic, first,
                                                              -sight.cast.clock_skew));
    if (!is_excused && has_others) judged();
    if (is_excused || !is_due || log.due != first.base || !log.due_since) {
        log.due_since = is_due && !is_excused ? std::optional(sight.now()) : std::nullopt;
        log.due = first.base;
        return;
    }
    if (*log.due_since > since) return;
    report("hoarded", fmt::format("the segment of {} at {} has had to go since {}, and is there",
                                  partition.text(), first.base.value(),
                                  Harm::text(*log.due_since)));
    log.due_since = sight.now();
}

}  // namespace barnabas::sim
