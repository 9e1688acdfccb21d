#include "sim/program/sim_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "engine/cli/files.h"
#include "sim/explore/compare.h"
#include "sim/explore/shrink.h"
#include "sim/explore/swarm.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/words.h"

namespace barnabas::program {
namespace {

using scenario::Run;
using scenario::Scenario;
using scenario::Verdict;

constexpr int held = 0;
constexpr int did_not_hold = 1;
constexpr int bad_input = 2;

struct Asked {
    std::string file;
    std::optional<std::uint64_t> seed;
    std::uint64_t seeds = 100;
    std::uint64_t first = 1;
    std::uint64_t runs = 300;
    std::vector<std::string> without;
    bool json = false;
};

// The scenario, with the seed that was asked for. Says what is wrong.
std::optional<Scenario> scenario_of(const Asked& asked) {
    const auto text = cli::read_text(asked.file);
    if (!text) {
        cli::complain(text.error());
        return std::nullopt;
    }
    auto parsed = scenario::parse(*text, asked.file);
    if (!parsed) {
        cli::complain(parsed.error().text());
        return std::nullopt;
    }
    if (asked.seed) parsed->seed = *asked.seed;
    for (const std::string& name : asked.without) parsed->guards.switch_off(*guard_named(name));
    // Whether a broker takes its settings shows when a run is made.
    if (const auto run = Run::make(*parsed); !run) {
        cli::complain(run.error());
        return std::nullopt;
    }
    return std::move(*parsed);
}

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

scenario::Report report_of(const Scenario& scenario) {
    auto run = Run::make(scenario).value();
    while (run.step()) {}
    return run.report();
}

int run(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    const scenario::Report report = report_of(*scenario);
    say(asked.json ? report.json() + '\n' : report.text());
    return report.verdict == Verdict::violated ? did_not_hold : held;
}

int check(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    const explore::Comparison comparison = explore::run_twice(*scenario);
    say(comparison.first.text());
    say(comparison.text());
    const bool same = !comparison.difference.has_value();
    return same && comparison.first.verdict != Verdict::violated ? held : did_not_hold;
}

int swarm(const Asked& asked) {
    auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    explore::Swarm swarm;
    for (std::uint64_t i = 0; i < asked.seeds; ++i) {
        scenario->seed = asked.first + i;
        swarm.add(report_of(*scenario));
    }
    say(swarm.text());
    return swarm.violated.empty() ? held : did_not_hold;
}

int shrink(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    const auto shrunk = explore::shrink(*scenario, asked.runs);
    if (!shrunk) {
        say(asked.file + ": no rule is broken, there is nothing to shrink\n");
        return held;
    }
    say(fmt::format("# breaks the rule \"{}\"; found in {} runs\n", shrunk->rule, shrunk->runs));
    say(scenario::print(shrunk->scenario));
    return did_not_hold;
}

int print(const Asked& asked) {
    auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    scenario->actions = scenario::plan(*scenario);
    scenario->faults.clear();
    say(scenario::print(*scenario));
    return held;
}

int list_guards() {
    for (const GuardRow& row : all_guards()) {
        say(fmt::format("{}\n    {}\n", row.name, row.meaning));
    }
    return held;
}

int list_words() {
    const auto list = [](const char* title, const auto& sentences) {
        say(fmt::format("{}\n", title));
        for (const auto& sentence : sentences) say(fmt::format("    {}\n", sentence.form));
    };
    list("at TIME ..., when CONDITION ...: actions", scenario::action_sentences());
    list("when ...: conditions", scenario::condition_sentences());
    list("faults ..., ... every TIME from TIME to TIME: kinds", scenario::fault_words());
    list("expect ...: expectations", scenario::expectation_sentences());
    say("WHO is \"broker N\", a client's name or \"others\"; DIRECTORY one of log.dirs; "
        "sim/scenario/scenario.h shows the whole\n");
    return held;
}

std::string check_guard(const std::string& name) {
    if (guard_named(name)) return {};
    return '"' + name + "\" is no guard; barnabas sim guards names them";
}

CLI::App* add(CLI::App& sim, const std::shared_ptr<Asked>& asked, cli::Run& chosen,
              const char* name, const char* words, int (*carry_out)(const Asked&)) {
    CLI::App* command = sim.add_subcommand(name, words);
    command->add_option("FILE", asked->file, "a scenario")->required();
    command->add_option("--without", asked->without, "a guard of the engine to switch off")
        ->check(check_guard);
    command->callback([&chosen, asked, carry_out] {
        chosen = [asked, carry_out] {
            set_check_handler(sim::throw_on_check);
            return carry_out(*asked);
        };
    });
    return command;
}

}  // namespace

void add_sim_commands(CLI::App& app, cli::Run& chosen) {
    CLI::App* sim = app.add_subcommand("sim", "run scenarios in a simulated world");
    sim->require_subcommand(1);
    const auto asked = std::make_shared<Asked>();
    const auto with_seed = [&](CLI::App* command) {
        command->add_option("--seed", asked->seed, "instead of the scenario's own");
        return command;
    };
    with_seed(add(*sim, asked, chosen, "run", "run a scenario once", run))
        ->add_flag("--json", asked->json, "say what it came to as JSON, on one line");
    with_seed(add(*sim, asked, chosen, "check", "run it twice and compare, event by event", check));
    CLI::App* many = add(*sim, asked, chosen, "swarm", "run it under many seeds", swarm);
    many->add_option("--seeds", asked->seeds, "how many")->capture_default_str();
    many->add_option("--first", asked->first, "the first of them")->capture_default_str();
    with_seed(add(*sim, asked, chosen, "shrink", "make a failing scenario small", shrink))
        ->add_option("--runs", asked->runs, "at most so many runs")
        ->capture_default_str();
    sim->add_subcommand("guards", "name the guards of the engine, and what each sees to")
        ->callback([&chosen] { chosen = list_guards; });
    sim->add_subcommand("words", "list what a scenario can do, wait for and expect")
        ->callback([&chosen] { chosen = list_words; });
    with_seed(add(*sim, asked, chosen, "print", "spell it out, random faults included", print));
}

}  // namespace barnabas::program
