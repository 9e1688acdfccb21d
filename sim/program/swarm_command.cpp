#include "sim/program/swarm_command.h"

#include <fmt/format.h>

#include <utility>

#include "engine/cli/files.h"
#include "engine/runtime/guard.h"
#include "sim/explore/draw.h"
#include "sim/explore/swarm.h"
#include "sim/program/exit_codes.h"

namespace barnabas::program {
namespace {

using explore::Outcome;

void say_at_once(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::string_view word_of(const Outcome& outcome) {
    return outcome.is_violated() ? std::string_view(outcome.violations.front().rule) : "held";
}

std::string hundredths(Duration time) {
    const auto number = time / Duration(10ms);
    return fmt::format("{}.{:02}", number / 100, number % 100);
}

// For a seed that breaks a rule with guards off, and none with all of them on.
struct Search {
    std::uint64_t seeds = 0;
    Duration cpu{};  // with the guards off
    std::optional<Outcome> found = {};

    std::optional<std::string> run(SeedsWanted wanted) {
        const std::uint64_t end = wanted.first + wanted.count;
        while (wanted.first < end && !found) {
            wanted.count = end - wanted.first;
            const auto trouble = Seeds(wanted).run([&](const Outcome& outcome) {
                ++seeds;
                cpu += outcome.cpu;
                if (outcome.is_violated()) found = outcome;
            });
            if (trouble || !found) return trouble;
            SeedsWanted with_all = wanted;
            with_all.without.clear();
            with_all.first = found->seed;
            with_all.count = 1;
            bool breaks_with_all_on = false;
            const auto more = Seeds(with_all).run(
                [&](const Outcome& outcome) { breaks_with_all_on = outcome.is_violated(); });
            if (more) return more;
            wanted.first = found->seed + 1;
            if (breaks_with_all_on) found.reset();
        }
        return std::nullopt;
    }
};

}  // namespace

int swarm(const SeedsWanted& wanted) {
    explore::Swarm swarm;
    const bool is_drawn = wanted.file.empty();
    swarm.title = is_drawn ? fmt::format("swarm:{} to {}", wanted.first,
                                         wanted.first + wanted.count - 1)
                           : wanted.file;
    const auto trouble = Seeds(wanted).run([&](const Outcome& outcome) {
        swarm.add(outcome);
        if (!is_drawn) return;
        say_at_once(fmt::format("{}: {}, {} events\n", explore::draw(outcome.seed).purpose,
                        word_of(outcome), outcome.events));
    });
    if (trouble) {
        cli::complain(*trouble);
        return bad_input;
    }
    // What is drawn is short: it counts by its number.
    if (is_drawn) swarm.passed += std::exchange(swarm.too_small, 0);
    say_at_once(swarm.text());
    if (!swarm.violated.empty()) return did_not_hold;
    const bool is_small = is_drawn ? swarm.counts.acknowledged == 0 : swarm.too_small > 0;
    return is_small ? says_nothing : held;
}

int swarm_of_guards(SeedsWanted wanted) {
    int code = held;
    wanted.until_violated = true;
    const auto say_row = [](auto... cells) {
        say_at_once(fmt::format("{:<30} {:>6} {:>9}  {}\n", cells...));
    };
    say_row("without", "seeds", "CPU s", "broken first");
    for (const GuardRow& row : all_guards()) {
        wanted.without = {std::string(row.name)};
        Search search;
        if (const auto trouble = search.run(wanted)) {
            cli::complain(*trouble);
            return bad_input;
        }
        if (!search.found) code = did_not_hold;
        const std::string found =
            search.found ? fmt::format("{} in {}", word_of(*search.found), search.found->scenario)
                         : "nothing";
        say_row(row.name, search.seeds, hundredths(search.cpu), found);
    }
    return code;
}

}  // namespace barnabas::program
