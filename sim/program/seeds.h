// Many seeds, each in a process of its own, some at once: what one of them does to its memory, or
// how it ends, is nothing to the others.
//
//     Seeds seeds({.first = 1, .count = 100, .jobs = 2, .program = "/proc/self/exe"});
//     const auto trouble = seeds.run([&](const explore::Outcome& outcome) { swarm.add(outcome); });
//
// A seed whose process was ended by a signal, or took too long, has broken a rule too: "crashed",
// "hung".
#pragma once

#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/outcome.h"
#include "sim/program/child.h"

namespace barnabas::program {

struct SeedsWanted {
    std::string file = {};  // a scenario; empty: what each seed draws
    std::vector<std::string> without = {};
    std::uint64_t first = 1;
    std::uint64_t count = 100;
    std::uint64_t jobs = 1;
    std::string program = "/proc/self/exe";
    std::string results = {};  // a file: what stands there is not run again, what is run is added
    bool until_violated = false;  // no more seeds than it takes
};

class Seeds {
  public:
    using OnOutcome = std::function<void(const explore::Outcome&)>;

    explicit Seeds(SeedsWanted wanted) : wanted_(std::move(wanted)) {}

    // Calls in the order of the seeds. What kept it from going on, if something did.
    std::optional<std::string> run(const OnOutcome& on_outcome);

  private:
    struct Job {
        std::uint64_t seed = 0;
        Child child;
        std::chrono::steady_clock::time_point since;
        bool is_hung = false;
    };

    std::optional<std::string> read_results();
    std::optional<std::string> start_next();
    std::optional<std::string> wait_for_some();
    std::optional<std::string> take(Job job);
    std::optional<std::string> keep(const std::string& line);
    void say_progress();

    bool has_more() const { return next_ < wanted_.first + wanted_.count && !is_enough_; }
    std::string file_of(std::uint64_t seed) const;

    SeedsWanted wanted_;
    std::uint64_t next_ = 0;  // not started yet
    std::vector<Job> jobs_;
    std::map<std::uint64_t, explore::Outcome> outcomes_;  // that were not called for yet
    bool is_enough_ = false;
    std::uint64_t done_ = 0;
    std::uint64_t violated_ = 0;
};

}  // namespace barnabas::program
