#include "engine/replication/checks.h"

#include <utility>

#include "engine/log/jobs.h"

namespace barnabas::replication {

Check Checks::take(std::uint32_t slot) {
    const auto found = queues_.find(slot);
    CHECK(found != queues_.end() && !begun_.contains(slot));
    Check check = std::move(found->second.front());
    found->second.pop_front();
    if (found->second.empty()) queues_.erase(found);
    if (check.is_orphaned) orphaned_bytes_ -= check.batch.records.size();
    return check;
}

void Checks::begin(std::uint32_t slot, effect::Load load, const records::Rules& rules, Turn& turn) {
    const bool is_light = load == effect::Load::light;
    const auto effort = is_light ? records::Effort(light_effort) : records::Effort::without_end();
    const bool is_new =
        begun_.emplace(slot, Begun{load, records::validation_terms(rules, effort)}).second;
    CHECK(is_new);
    line(load).waiting[front(slot).asker.connection].push_back(slot);
    ask_next(load, turn);
}

void Checks::end(std::uint32_t slot, Turn& turn) {
    const auto found = begun_.find(slot);
    CHECK(found != begun_.end() && !found->second.terms);
    const effect::Load load = found->second.load;
    begun_.erase(found);
    --line(load).under_way;
    ask_next(load, turn);
}

void Checks::ask_next(effect::Load load, Turn& turn) {
    Line& of = line(load);
    while (of.under_way < under_way_max && !of.waiting.empty()) {
        auto next = of.waiting.upper_bound(of.last);
        if (next == of.waiting.end()) next = of.waiting.begin();
        of.last = next->first;
        const std::uint32_t slot = next->second.front();
        next->second.pop_front();
        if (next->second.empty()) of.waiting.erase(next);
        ++of.under_way;
        turn.ask(effect::Compute{job_of(slot),
                                 static_cast<std::uint32_t>(log::Job::validate_produced), load,
                                 *std::exchange(begun_.at(slot).terms, std::nullopt),
                                 front(slot).batch.records});
    }
}

std::vector<Check> Checks::forget(ConnectionId connection) {
    std::vector<Check> given_up;
    for (auto queue = queues_.begin(); queue != queues_.end();) {
        auto& [slot, checks] = *queue;
        for (std::size_t at = 0; at < checks.size();) {
            Check& check = checks[at];
            const bool is_begun = at == 0 && begun_.contains(slot);
            if (check.asker.connection != connection) {
                ++at;
            } else if (is_begun ||
                       orphaned_bytes_ + check.batch.records.size() <= orphaned_bytes_max) {
                orphaned_bytes_ += check.batch.records.size();
                check.is_orphaned = true;
                // A copy lets go of the frame.
                if (!is_begun) check.batch.records = Bytes::copy(check.batch.records.view());
                ++at;
            } else {
                given_up.push_back(std::move(check));
                checks.erase(checks.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        queue = checks.empty() ? queues_.erase(queue) : std::next(queue);
    }
    return given_up;
}

void Checks::digest(Hasher& hasher) const {
    hasher.add(orphaned_bytes_);
    for (const auto& [slot, checks] : queues_) {
        hasher.add(std::uint64_t{slot});
        for (const Check& check : checks) {
            hasher.add(check.asker.connection.value());
            hasher.add(check.asker.request);
            hasher.add(check.batch.records.view());
        }
    }
    for (const auto& [slot, begun] : begun_) {
        hasher.add(std::uint64_t{slot});
        hasher.add(static_cast<std::uint64_t>(begun.load));
        hasher.add(std::uint64_t{begun.terms.has_value()});
    }
}

}  // namespace barnabas::replication
