#include "sim/checkers/retention.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/admin_node.h"

namespace barnabas::sim {
namespace {

bool has_retention(const Cast::Topic& topic) {
    return topic.can_be([](const settings::TopicSettings& settings) {
        return settings.is_deleted && (settings.retention || settings.retention_bytes);
    });
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
        return has_retention(topic) && topic.can_be([&](const auto& settings) {
            const bool is_short =
                settings.retention && *settings.retention < sight.now().time_since_epoch() / 2;
            return settings.retention_bytes || is_short;
        });
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
    const auto* admin = sight.world.machine(sight.node).as<AdminNode>();
    for (; changes_told_ < admin->changes().size(); ++changes_told_) {
        const AdminNode::Changed& one = admin->changes()[changes_told_];
        Current& current = current_[one.topic];
        current.since = sight.now();
        if (one.is_answered) current.changes = one.number;
    }
    const auto& progress = admin->progress();
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
    std::map<TopicPartition, std::vector<SegmentView>> present;
    for (SegmentView& one : sight.logs_of(broker).segments()) {
        present[one.partition].push_back(std::move(one));
    }
    for (const LogChange& change : *sight.changes) {
        if (change.kind != LogChange::Kind::begins) continue;
        Log& log = logs_[{broker, change.partition}];
        const auto first_left = std::ranges::find_if(log.segments, [&](const SegmentView& one) {
            return one.base >= change.offset;
        });
        std::vector<SegmentView> all(log.segments.begin(), first_left);
        const auto& left = present[change.partition];
        all.insert(all.end(), left.begin(), left.end());
        log.segments = std::move(all);
        judge_start(sight, broker, log, change.offset);
    }
}

void Retention::judge_start(const Sight& sight, NodeIndex broker, Log& log, Offset start) {
    while (!log.segments.empty() && log.segments.front().base < start) {
        const SegmentView gone = log.segments.front();
        const std::uint64_t bytes = bytes_of(log.segments);
        log.segments.erase(log.segments.begin());
        if (gone.next <= log.may_start || gone.bytes == 0) continue;
        const Cast::Topic* topic = sight.cast.topic(gone.partition.topic);
        if (topic == nullptr || !has_retention(*topic)) continue;  // the ledger judges that
        judged();
        const auto most = settings_of(*topic).retention_bytes;
        const bool may_go = topic->can_be([&](const settings::TopicSettings& settings) {
            const auto size = settings.retention_bytes;
            const bool is_too_large =
                size && bytes - gone.bytes >=
                            static_cast<std::uint64_t>(std::max<std::int64_t>(*size, 0));
            return is_too_large || is_old(sight, broker, gone, settings, sight.cast.clock_skew);
        });
        if (may_go) continue;
        report("early",
               fmt::format("the segment of {} at {} went, {} bytes, when the log had {}{}, and its "
                           "newest record was not too old",
                           gone.partition.text(), gone.base.value(), gone.bytes, bytes,
                           most ? fmt::format(" and may have {}", *most) : ""));
    }
}

const settings::TopicSettings& Retention::settings_of(const Cast::Topic& topic) const {
    const auto current = current_.find(topic.name);
    return topic.after(current == current_.end() ? 0 : current->second.changes);
}

bool Retention::is_old(const Sight& sight, NodeIndex broker, const SegmentView& segment,
                       const settings::TopicSettings& settings, Duration skew) {
    const auto retention = settings.retention;
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
    std::map<TopicPartition, std::vector<SegmentView>> present;
    for (SegmentView& one : sight.logs_of(broker).segments()) {
        present[one.partition].push_back(std::move(one));
    }
    for (auto& [partition, segments] : present) {
        const Cast::Topic* topic = sight.cast.topic(partition.topic);
        if (topic == nullptr || !has_retention(*topic)) continue;
        Log& log = logs_[{broker, partition}];
        log.segments = std::move(segments);
        const SegmentView& first = log.segments.front();
        const settings::TopicSettings& settings = settings_of(*topic);
        const auto most = settings.retention_bytes;
        const bool is_too_large =
            log.segments.size() > 1 && most && *most >= 0 &&
            bytes_of(log.segments) - first.bytes >= static_cast<std::uint64_t>(*most);
        const bool is_due =
            log.segments.size() > 1 &&
            settings.is_deleted &&
            (is_too_large || is_old(sight, broker, first, settings, -sight.cast.clock_skew));
        const auto changed = current_.find(partition.topic);
        const bool is_new = changed != current_.end() && changed->second.since > since;
        if (!is_excused && log.segments.size() > 1) judged();
        if (is_excused || is_new || !is_due || log.due != first.base || !log.due_since) {
            const bool begins = is_due && !is_excused && !is_new;
            log.due_since = begins ? std::optional(sight.now()) : std::nullopt;
            log.due = first.base;
            continue;
        }
        if (*log.due_since > since) continue;
        report("hoarded", fmt::format("the segment of {} at {} has had to go since {}, and is "
                                      "there",
                                      partition.text(), first.base.value(),
                                      Harm::text(*log.due_since)));
        log.due_since = sight.now();
    }
}

}  // namespace barnabas::sim
