#include "sim/scenario/judge.h"

#include <fmt/format.h>

namespace barnabas::scenario {
namespace {

using sim::Counts;
using sim::Ledger;

void judge_nothing_lost(Ledger& ledger) {
    const std::uint64_t lost = ledger.counts().lost + ledger.counts().lost_foreseen;
    if (lost > 0) ledger.report("lost", fmt::format("{} acknowledged records are gone", lost));
}

void judge_loss_at_most(std::int64_t most, Ledger& ledger) {
    const std::uint64_t lost = ledger.counts().lost_at_once;
    if (lost <= static_cast<std::uint64_t>(most)) return;
    ledger.report("lost", fmt::format("one power loss took {} acknowledged records of a partition, "
                                      "where {} may go",
                                      lost, most));
}

void judge_loss_as_young(Duration most, Ledger& ledger) {
    const Duration age = ledger.counts().lost_age;
    if (age <= most) return;
    ledger.report("lost", fmt::format("a power loss took a record that was acknowledged {} ms "
                                      "before",
                                      age / Duration(1ms)));
}

void judge_unavailable_less(const Expectation& expectation, Ledger& ledger) {
    const Duration longest = ledger.unavailable(expectation.partition);
    if (longest < expectation.time) return;
    ledger.report("unavailable",
                  fmt::format("{} acknowledged nothing for {} ms", expectation.partition.text(),
                              longest / Duration(1ms)));
}

void judge_unavailable_more(const Expectation& expectation, Ledger& ledger) {
    const Duration longest = ledger.unavailable(expectation.partition);
    if (longest > expectation.time) return;
    ledger.report("available",
                  fmt::format("{} was out of reach for {} ms only, where the scenario shows more",
                              expectation.partition.text(), longest / Duration(1ms)));
}

void judge_is_told(const Expectation& expectation, Ledger& ledger) {
    if (ledger.told(expectation.partition).contains(expectation.error)) return;
    ledger.report("untold", fmt::format("no producer of {} was told {}",
                                        expectation.partition.text(), name_of(expectation.error)));
}

}  // namespace

void judge(const Expectation& expectation, Ledger& ledger) {
    const Counts& counts = ledger.counts();
    switch (expectation.kind) {
        case Expectation::nothing_acknowledged_is_lost: return judge_nothing_lost(ledger);
        case Expectation::exactly_the_unflushed_is_lost: return;  // the rule "lost" holds it
        case Expectation::everything_acknowledged_is_consumed: return ledger.expect_all_consumed();
        case Expectation::everything_sent_is_acknowledged: return ledger.expect_all_settled();
        case Expectation::consumers_reach_the_end: return ledger.expect_ends_reached();
        case Expectation::nothing_is_doubled:
            if (counts.doubles == 0) return;
            return ledger.report("doubled", fmt::format("{} doubles", counts.doubles));
        case Expectation::something_is_lost:
            if (counts.lost_foreseen > 0) return;
            return ledger.report("lost", "nothing was lost, where the scenario shows a loss");
        case Expectation::something_is_doubled:
            if (counts.doubles > 0) return;
            return ledger.report("doubled", "nothing is doubled, where the scenario shows doubles");
        case Expectation::loss_is_at_most: return judge_loss_at_most(expectation.number, ledger);
        case Expectation::loss_is_as_young: return judge_loss_as_young(expectation.time, ledger);
        case Expectation::unavailable_less: return judge_unavailable_less(expectation, ledger);
        case Expectation::unavailable_more: return judge_unavailable_more(expectation, ledger);
        case Expectation::is_told: return judge_is_told(expectation, ledger);
    }
}

}  // namespace barnabas::scenario
