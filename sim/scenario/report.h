// What a run came to: plain, printable, and the same for the same seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "sim/checkers/watch.h"

namespace barnabas::scenario {

enum class Verdict : std::uint8_t {
    passed,
    too_small,  // no rule was broken, in too small a run to count
    violated,
};
std::string_view name_of(Verdict verdict);

// A run counts only from here on.
constexpr Duration counts_from_time = 60s;
constexpr std::uint64_t counts_from_events = 20'000;
constexpr std::uint64_t counts_from_acknowledged = 500;
constexpr std::uint64_t counts_from_faults = 3;

// Where the first rule was seen broken.
struct FirstBad {
    std::uint64_t event = 0;  // its number, from 1
    Instant at;
    std::string node;
    std::string what;  // the event, printed
};

struct Report {
    std::string scenario;  // its file
    std::uint64_t seed = 0;
    std::vector<std::string> without;  // guards that were off
    std::uint64_t events = 0;
    Duration time{};  // virtual
    Hash128 hash;
    Verdict verdict = Verdict::passed;
    sim::Counts counts;
    // For how long, at most, a producer had records for a partition and got no acknowledgement.
    std::vector<std::pair<std::string, Duration>> unavailable;
    // From the end of a fault, or a start, to the next acknowledgement.
    std::vector<Duration> recoveries;
    std::vector<std::pair<std::string, std::uint64_t>> faults;  // by kind, those that fired
    std::vector<std::string> ends;  // of brokers by themselves, each explained by a deed
    std::vector<sim::Watch::Account> checkers;
    std::uint64_t violation_count = 0;
    std::vector<sim::Violation> violations;  // the first of them
    std::optional<FirstBad> first_bad;
    std::string reproduce;  // the command that runs it again

    std::uint64_t fault_count() const;
    std::string text() const;  // for people, several lines
    std::string json() const;  // one line; the same byte for byte in every run of the seed
};

}  // namespace barnabas::scenario
