// What one seed came to, as another process has told it: the line of JSON that `sim run` says.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "sim/scenario/report.h"

namespace barnabas::explore {

struct Outcome {
    std::string scenario;  // its file
    std::uint64_t seed = 0;
    std::vector<std::string> without;  // guards that were off
    scenario::Verdict verdict = scenario::Verdict::violated;
    std::uint64_t events = 0;
    Duration time{};  // virtual
    sim::Counts counts;
    std::map<std::string, std::uint64_t> faults;  // by kind
    std::vector<Duration> recoveries;
    std::vector<sim::Violation> violations;  // the first of them
    Duration cpu{};                          // that its process took; not of the run itself

    bool is_violated() const { return verdict == scenario::Verdict::violated; }
};

// Needs: no more than the line. An error says what it lacks.
Result<Outcome, std::string> read_outcome(std::string_view json);

}  // namespace barnabas::explore
