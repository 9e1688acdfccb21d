// Ledger: what may go from the start of a log, and what must.
#include <algorithm>

#include "sim/checkers/ledger.h"

namespace barnabas::sim {
namespace {

// An answer that is older than that reaches nobody: clients have given it up.
constexpr Duration answer_age_max = 10s;

}  // namespace

void Ledger::add_retention(const std::string& topic, Duration least) { retention_[topic] = least; }

bool Ledger::is_old(const TopicPartition& partition, const Given& record) const {
    const auto retention = retention_.find(partition.topic);
    return retention != retention_.end() && now_ - record.given_when >= retention->second;
}

void Ledger::deletion_asked(const TopicPartition& partition, Offset start) {
    Log& log = logs_[partition];
    log.may_start = std::max(log.may_start, start);
    log.deaths_when_asked = deaths_;
}

void Ledger::deletion_answered(const TopicPartition& partition, Offset start,
                               Offset low_watermark) {
    if (low_watermark < start) {
        report("undeleted", "the deletion below " + at_text(partition, start) +
                                 " was answered with a log start of " +
                                 std::to_string(low_watermark.value()));
    }
    Log& log = logs_[partition];
    if (log.deaths_when_asked == deaths_) log.deleted.push_back({start, now_});
}

void Ledger::forget_deletions() {
    ++deaths_;
    for (auto& [partition, log] : logs_) log.deleted.clear();
}

void Ledger::delay_deletions() {
    for (auto& [partition, log] : logs_)
        for (Deleted& one : log.deleted) one.since = now_;
}

Offset Ledger::must_start(const TopicPartition& partition, Duration time) const {
    Offset start{};
    const auto log = logs_.find(partition);
    if (log == logs_.end()) return start;
    for (const Deleted& one : log->second.deleted) {
        if (now_ - one.since > time) start = std::max(start, one.start);
    }
    return start;
}

void Ledger::judge_deleted(const std::string& consumer, const TopicPartition& partition,
                           Offset at) {
    const Offset start = must_start(partition, answer_age_max);
    if (at >= start) return;
    report("undeleted", consumer + " was led to " + at_text(partition, at) +
                             ", long after the deletion below " + std::to_string(start.value()) +
                             " was answered");
}

// A start that goes back shows what was deleted once more: the broker died before it had noted it.
void Ledger::begins(const TopicPartition& partition, Offset start) {
    Log& log = logs_[partition];
    const auto end = static_cast<std::size_t>(start.value());
    for (auto place = static_cast<std::size_t>(log.start.value()); place < end; ++place) {
        if (place >= log.entries->size()) break;
        const Offset offset(static_cast<std::int64_t>(place));
        if (log.absent.contains(offset)) continue;
        --counts_.stored;
        if (offset < log.may_start) continue;
        const Given* record = given_of((*log.entries)[place]);
        if (record == nullptr) continue;
        if (is_old(partition, *record)) continue;
        report("vanished", text_of((*log.entries)[place]) + " stood at " +
                                at_text(partition, offset) +
                                ", and went although nobody deleted it and it was not old enough");
    }
    for (auto place = end; place < static_cast<std::size_t>(log.start.value()); ++place) {
        const Offset offset(static_cast<std::int64_t>(place));
        counts_.stored += place < log.entries->size() && !log.absent.contains(offset);
    }
    log.start = start;
    if (end > log.entries->size()) log.entries.edit().resize(end);
}

}  // namespace barnabas::sim
