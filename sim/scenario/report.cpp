#include "sim/scenario/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace barnabas::scenario {
namespace {

constexpr std::size_t violations_shown = 10;

std::string seconds(Duration time) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time).count();
    return fmt::format("{}.{:03}s", milliseconds / 1000, milliseconds % 1000);
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed: return "passed";
        case Verdict::too_small: return "too small";
        case Verdict::violated: return "violated";
    }
    return "?";
}

std::uint64_t Report::fault_count() const {
    std::uint64_t count = 0;
    for (const auto& [kind, fired] : faults) count += fired;
    return count;
}

std::string Report::text() const {
    std::string all = fmt::format("{}: {}\n", scenario, name_of(verdict));
    all += fmt::format("  seed {}, {} events in {} of virtual time, trace hash {}\n", seed, events,
                       seconds(time), hash.hex());
    for (const std::string& guard : without) all += fmt::format("  without {}\n", guard);
    all += fmt::format("  records: {} given, {} acknowledged, {} failed, {} unknown, {} consumed\n",
                       counts.given, counts.acknowledged, counts.failed, counts.unknown,
                       counts.consumed);
    all += fmt::format("  {} doubles, each explained by a lost reply; {} lost as foreseen\n",
                       counts.doubles, counts.lost_foreseen);
    if (counts.lost_at_once > 0) {
        all += fmt::format("  at most {} of a partition at once, acknowledged up to {} before\n",
                           counts.lost_at_once, seconds(counts.lost_age));
    }
    if (!unavailable.empty()) {
        const auto longest =
            *std::max_element(unavailable.begin(), unavailable.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; });
        all += fmt::format("  longest without an acknowledgement: {}, {}\n", longest.first,
                           seconds(longest.second));
    }
    all += fmt::format("  {} faults:", fault_count());
    for (const auto& [kind, fired] : faults) all += fmt::format(" {} {}", kind, fired);
    all += '\n';
    for (const std::string& end : ends) all += fmt::format("  {}\n", end);
    all += "  judged:";
    for (const sim::Watch::Account& one : checkers) {
        if (one.rest.empty()) all += fmt::format(" {} {}", one.name, one.tally.judgements);
    }
    all += '\n';
    for (const sim::Watch::Account& one : checkers) {
        if (!one.rest.empty()) all += fmt::format("  {} rests: {}\n", one.name, one.rest);
    }
    if (verdict == Verdict::too_small) {
        all += fmt::format(
            "  too small to count: that takes {} of virtual time, {} events, {} acknowledged "
            "records and {} faults\n",
            seconds(counts_from_time), counts_from_events, counts_from_acknowledged,
            counts_from_faults);
    }
    if (violation_count == 0) return all;
    all += fmt::format("  {} violations\n", violation_count);
    for (std::size_t i = 0; i < violations.size() && i < violations_shown; ++i) {
        all += fmt::format("    {}: {}\n", violations[i].rule, violations[i].text);
    }
    if (first_bad) {
        all += fmt::format("  first seen at event {}, {}, {}: {}\n", first_bad->event,
                           seconds(first_bad->at.time_since_epoch()), first_bad->node,
                           first_bad->what);
    }
    all += fmt::format("  again: {}\n", reproduce);
    return all;
}

std::string Report::json() const {
    boost::json::object faults_fired;
    for (const auto& [kind, fired] : faults) faults_fired[kind] = fired;
    boost::json::object longest;
    for (const auto& [partition, time] : unavailable) longest[partition] = time.count();
    boost::json::array recovered;
    for (const Duration time : recoveries) recovered.push_back(time.count());
    boost::json::array broken;
    for (const sim::Violation& one : violations) {
        broken.push_back({{"rule", one.rule}, {"text", one.text}});
    }
    boost::json::object all{{"scenario", scenario},
                            {"seed", seed},
                            {"events", events},
                            {"virtual_ns", time.count()},
                            {"hash", hash.hex()},
                            {"verdict", std::string(name_of(verdict))},
                            {"given", counts.given},
                            {"acknowledged", counts.acknowledged},
                            {"failed", counts.failed},
                            {"unknown", counts.unknown},
                            {"consumed", counts.consumed},
                            {"doubles", counts.doubles},
                            {"lost_foreseen", counts.lost_foreseen},
                            {"lost", counts.lost},
                            {"lost_at_once", counts.lost_at_once},
                            {"lost_age_ns", counts.lost_age.count()},
                            {"unavailable_ns", std::move(longest)},
                            {"recoveries_ns", std::move(recovered)},
                            {"stored", counts.stored},
                            {"faults", std::move(faults_fired)},
                            {"violation_count", violation_count},
                            {"violations", std::move(broken)}};
    boost::json::object judged;
    for (const sim::Watch::Account& one : checkers) {
        boost::json::object account{{"judgements", one.tally.judgements},
                                    {"looks", one.tally.looks},
                                    {"bytes", one.tally.bytes}};
        if (!one.rest.empty()) account["rests"] = one.rest;
        judged[one.name] = std::move(account);
    }
    all["checkers"] = std::move(judged);
    if (!ends.empty()) {
        boost::json::array ended;
        for (const std::string& end : ends) ended.push_back(boost::json::string(end));
        all["ends"] = std::move(ended);
    }
    if (!without.empty()) {
        boost::json::array guards;
        for (const std::string& guard : without) guards.push_back(boost::json::string(guard));
        all["without"] = std::move(guards);
    }
    if (first_bad) {
        all["first_bad"] = {{"event", first_bad->event},
                            {"virtual_ns", first_bad->at.time_since_epoch().count()},
                            {"node", first_bad->node},
                            {"what", first_bad->what}};
    }
    return boost::json::serialize(all);
}

}  // namespace barnabas::scenario
