// A scenario that runs: a world, what is done to it, and the watch that holds it to its promises,
// as one copyable value. A copy is a fork.
//
//     auto run = Run::make(scenario);
//     while (run->step()) look(run->world().last());
//     puts(run->report().text().c_str());
//
// Whoever runs one installs sim::throw_on_check as the CHECK handler first.
#pragma once

#include <map>

#include "sim/checkers/watch.h"
#include "sim/faults/active.h"
#include "sim/scenario/report.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace barnabas::scenario {

class Run {
  public:
    // What becomes a broker. Another one stands in where a test wants it broken.
    using BrokerMaker = Machine (*)(const settings::BrokerSettings&);

    // Compiled once, not in every file that holds one: much state by value.
    Run(const Run& other);
    Run(Run&& other) noexcept;
    Run& operator=(const Run& other);
    Run& operator=(Run&& other) noexcept;
    ~Run();

    // What is wrong with the scenario's settings, in words, if something is.
    static Result<Run, std::string> make(Scenario scenario, BrokerMaker maker = nullptr);

    // One event of a machine, or one action, or the end of a fault; world().last() is what it did
    // last. False: it is over, and nothing was done.
    bool step();
    bool is_done() const { return is_done_; }

    const Scenario& scenario() const { return scenario_; }
    // Everything that is done to the world, sorted by time; what waits for a condition is not in it
    // before that holds.
    const std::vector<At>& plan() const { return plan_; }
    const sim::World& world() const { return world_; }
    const sim::Watch& watch() const { return watch_; }
    const sim::Ledger& ledger() const { return watch_.of<sim::Ledger>(); }
    sim::NodeIndex broker(std::int32_t number) const;
    // The faults that last now, oldest first.
    const std::vector<sim::Spell>& active_faults() const { return faults_.all(); }
    // Steps so far, actions included: a position in the run.
    std::uint64_t position() const { return position_; }

    Report report() const;

  private:
    Run(Scenario scenario, sim::World world, sim::Cast cast);

    struct Looking;  // at what faults do, deed by deed

    void act(const At& at);
    void end_fault();
    void look();
    void follow_up();
    bool holds(const Condition& condition) const;
    void finish();

    Scenario scenario_;
    std::vector<At> plan_;
    std::size_t next_action_ = 0;
    std::vector<When> whens_;  // that have not held yet
    sim::ActiveFaults faults_;
    std::multimap<Duration, sim::FaultId> ends_;  // of faults, by time
    sim::World world_;
    sim::Watch watch_;
    std::optional<FirstBad> first_bad_;
    std::uint64_t position_ = 0;
    bool is_done_ = false;
};

}  // namespace barnabas::scenario
