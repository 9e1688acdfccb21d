#include "sim/explore/outcome.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

namespace barnabas::explore {
namespace {

using scenario::Verdict;

Verdict verdict_of(std::string_view text) {
    for (const Verdict one : {Verdict::passed, Verdict::too_small})
        if (text == name_of(one)) return one;
    return Verdict::violated;
}

// Throws where something is not there, or is something else.
Outcome outcome_of(const boost::json::object& report) {
    const auto number = [&](std::string_view name) {
        return boost::json::value_to<std::uint64_t>(report.at(name));
    };
    const auto text = [](const boost::json::value& value) {
        return std::string(value.as_string());
    };
    Outcome outcome;
    outcome.scenario = text(report.at("scenario"));
    outcome.seed = number("seed");
    outcome.verdict = verdict_of(text(report.at("verdict")));
    outcome.events = number("events");
    outcome.time = Duration(report.at("virtual_ns").as_int64());
    outcome.counts.given = number("given");
    outcome.counts.acknowledged = number("acknowledged");
    outcome.counts.consumed = number("consumed");
    outcome.counts.doubles = number("doubles");
    outcome.counts.lost_foreseen = number("lost_foreseen");
    outcome.counts.lost = number("lost");
    for (const auto& [kind, count] : report.at("faults").as_object())
        outcome.faults[kind] = boost::json::value_to<std::uint64_t>(count);
    for (const auto& time : report.at("recoveries_ns").as_array())
        outcome.recoveries.emplace_back(time.as_int64());
    for (const auto& one : report.at("violations").as_array())
        outcome.violations.push_back({text(one.at("rule")), text(one.at("text"))});
    if (const auto* guards = report.if_contains("without"))
        for (const auto& guard : guards->as_array()) outcome.without.push_back(text(guard));
    if (const auto* cpu = report.if_contains("cpu_us"))
        outcome.cpu = std::chrono::microseconds(cpu->as_int64());
    return outcome;
}

}  // namespace

Result<Outcome, std::string> read_outcome(std::string_view json) {
    try {
        return outcome_of(boost::json::parse(json).as_object());
    } catch (const std::exception& error) {  // what Boost.JSON has for bad input
        return unexpected(std::string("no report of a run: ") + error.what());
    }
}

}  // namespace barnabas::explore
