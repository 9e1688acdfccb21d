#include "sim/explore/shrink.h"

#include <algorithm>

#include "sim/scenario/plan.h"

namespace barnabas::explore {
namespace {

using scenario::Run;
using scenario::Scenario;

class Shrinker {
  public:
    Shrinker(Scenario scenario, std::string rule, std::uint64_t runs_most, Run::BrokerMaker maker)
        : best_(std::move(scenario)),
          rule_(std::move(rule)),
          runs_most_(runs_most),
          maker_(maker) {}

    Shrunk shrink() {
        shorten();
        drop_from(&Scenario::actions);
        drop_from(&Scenario::whens);
        drop_from(&Scenario::consumers);
        drop_from(&Scenario::producers);
        while (lessen_workload()) {}
        drop_from(&Scenario::actions);
        drop_from(&Scenario::expectations);
        drop_from(&Scenario::settings);
        shorten();
        round_times();
        return {best_, rule_, runs_};
    }

  private:
    // Ends the run soon after the rule was broken.
    void shorten() {
        const auto broken_at = breaks(best_);
        if (!broken_at) return;  // the runs are used up
        Scenario shorter = best_;
        shorter.length = std::min(shorter.length, *broken_at + Duration(1s));
        std::erase_if(shorter.actions,
                      [&](const scenario::At& at) { return at.time >= shorter.length; });
        take(std::move(shorter));
    }

    // Halves, quarters, and at last single elements.
    template <class T>
    void drop_from(std::vector<T> Scenario::* part) {
        for (std::size_t size = (best_.*part).size(); size > 0; size /= 2) {
            for (std::size_t at = 0; at < (best_.*part).size();) {
                Scenario smaller = best_;
                auto& list = smaller.*part;
                const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
                list.erase(begin,
                           begin + static_cast<std::ptrdiff_t>(std::min(size, list.size() - at)));
                if (!take(std::move(smaller))) at += size;
            }
        }
    }

    bool lessen_workload() {
        bool lessened = false;
        for (std::size_t i = 0; i < best_.producers.size(); ++i) {
            Scenario smaller = best_;
            scenario::Producer& producer = smaller.producers[i];
            if (producer.rate <= 1) continue;
            producer.rate /= 2;
            lessened = take(std::move(smaller)) || lessened;
        }
        return lessened;
    }

    // Times as a person would write them.
    void round_times() {
        for (std::size_t i = 0; i < best_.actions.size(); ++i) {
            round([i](Scenario& one) -> Duration& { return one.actions[i].time; });
            if (best_.actions[i].length)
                round([i](Scenario& one) -> Duration& { return *one.actions[i].length; });
        }
        for (std::size_t i = 0; i < best_.producers.size(); ++i) {
            round([i](Scenario& one) -> Duration& { return one.producers[i].from; });
            round([i](Scenario& one) -> Duration& { return one.producers[i].length; });
        }
        round([](Scenario& one) -> Duration& { return one.length; });
    }

    // As round as it may be.
    template <class TimeOf>
    void round(TimeOf time_of) {
        for (const Duration unit : {Duration(1s), Duration(100ms), Duration(10ms), Duration(1ms)}) {
            Scenario rounder = best_;
            Duration& time = time_of(rounder);
            time = (time + unit / 2) / unit * unit;
            const bool is_round = rounder == best_;
            if (is_round || (time > Duration(0) && take(std::move(rounder)))) return;
        }
    }

    bool take(Scenario smaller) {
        if (smaller == best_ || !breaks(smaller)) return false;
        best_ = std::move(smaller);
        return true;
    }

    // When that rule was broken first; nothing when it was not, or no more runs are left.
    std::optional<Duration> breaks(const Scenario& candidate) {
        if (runs_ >= runs_most_) return std::nullopt;
        ++runs_;
        auto run = Run::make(candidate, maker_);
        if (!run) return std::nullopt;
        while (run->step()) {}
        const scenario::Report report = run->report();
        if (report.violation_count == 0 || report.violations.front().rule != rule_) {
            return std::nullopt;
        }
        return report.first_bad->at.time_since_epoch();
    }

    Scenario best_;
    std::string rule_;
    std::uint64_t runs_most_;
    Run::BrokerMaker maker_;
    std::uint64_t runs_ = 0;
};

}  // namespace

std::optional<Shrunk> shrink(const Scenario& failing, std::uint64_t runs_most,
                             Run::BrokerMaker maker) {
    Scenario concrete = failing;
    concrete.actions = scenario::plan(failing);
    concrete.faults.clear();
    auto run = Run::make(concrete, maker);
    if (!run) return std::nullopt;
    while (run->step()) {}
    const scenario::Report report = run->report();
    if (report.violation_count == 0) return std::nullopt;
    return Shrinker(std::move(concrete), report.violations.front().rule, runs_most, maker).shrink();
}

}  // namespace barnabas::explore
