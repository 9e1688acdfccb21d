#include "sim/scenario/judge.h"

#include <fmt/format.h>

namespace barnabas::scenario {
namespace {

using sim::Counts;
using sim::Explained;
using sim::Ledger;
using sim::Progress;

void judge_nothing_lost(Ledger& ledger) {
    const std::uint64_t lost = ledger.counts().lost + ledger.counts().lost_foreseen;
    if (lost > 0) ledger.report("lost", fmt::format("{} acknowledged records are gone", lost));
}

// The rule "lost" holds each power loss against what was flushed when it happens. Here: that there
// was one, and that the recoveries behind it cut off nothing that the disk still had.
void judge_exactly_unflushed(Ledger& ledger) {
    const Counts& counts = ledger.counts();
    if (counts.power_losses == 0) {
        ledger.report("unjudged", "no power was lost: nothing shows that exactly the unflushed is");
    }
    if (counts.cut_back == 0) return;
    ledger.report("lost", fmt::format("{} records that stood on the disk after a power loss were "
                                      "cut off by recovery",
                                      counts.cut_back));
}

void judge_nothing_doubled(Ledger& ledger) {
    const std::uint64_t doubles = ledger.counts().doubles;
    if (doubles > 0) ledger.report("doubled", fmt::format("{} doubles", doubles));
}

void judge_something_lost(Ledger& ledger) {
    if (ledger.counts().lost_foreseen > 0) return;
    ledger.report("lost", "nothing was lost, where the scenario shows a loss");
}

void judge_something_doubled(Ledger& ledger) {
    if (ledger.counts().doubles > 0) return;
    ledger.report("doubled", "nothing is doubled, where the scenario shows doubles");
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

void judge_unavailable_less(const Expectation& expectation, Progress& progress) {
    const Duration longest = progress.unavailable(expectation.partition);
    if (longest < expectation.time) return;
    progress.report("unavailable",
                    fmt::format("{} acknowledged nothing for {} ms", expectation.partition.text(),
                              longest / Duration(1ms)));
}

void judge_unavailable_more(const Expectation& expectation, Progress& progress) {
    const Duration longest = progress.unavailable(expectation.partition);
    if (longest > expectation.time) return;
    progress.report("available",
                    fmt::format("{} was out of reach for {} ms only, where the scenario shows more",
                              expectation.partition.text(), longest / Duration(1ms)));
}

void judge_is_told(const Expectation& expectation, Explained& explained) {
    if (explained.told(expectation.partition).contains(expectation.error)) return;
    explained.report("untold", fmt::format("no producer of {} was told {}",
                                        expectation.partition.text(), name_of(expectation.error)));
}

}  // namespace

void judge(const Expectation& expectation, sim::Watch& watch) {
    Ledger& ledger = watch.of<Ledger>();
    Progress& progress = watch.of<Progress>();
    switch (expectation.kind) {
        case Expectation::nothing_acknowledged_is_lost: judge_nothing_lost(ledger); break;
        case Expectation::exactly_the_unflushed_is_lost: judge_exactly_unflushed(ledger); break;
        case Expectation::everything_acknowledged_is_consumed: ledger.expect_all_consumed(); break;
        case Expectation::everything_sent_is_acknowledged: ledger.expect_all_settled(); break;
        case Expectation::consumers_reach_the_end: ledger.expect_ends_reached(); break;
        case Expectation::nothing_is_doubled: judge_nothing_doubled(ledger); break;
        case Expectation::something_is_lost: judge_something_lost(ledger); break;
        case Expectation::something_is_doubled: judge_something_doubled(ledger); break;
        case Expectation::loss_is_at_most: judge_loss_at_most(expectation.number, ledger); break;
        case Expectation::loss_is_as_young: judge_loss_as_young(expectation.time, ledger); break;
        case Expectation::unavailable_less: judge_unavailable_less(expectation, progress); break;
        case Expectation::unavailable_more: judge_unavailable_more(expectation, progress); break;
        case Expectation::is_told: judge_is_told(expectation, watch.of<Explained>()); break;
    }
    watch.take_violations();
}

}  // namespace barnabas::scenario
