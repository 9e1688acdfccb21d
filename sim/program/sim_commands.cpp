#include "sim/program/sim_commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <thread>

#include "engine/cli/files.h"
#include "engine/runtime/visit.h"
#include "sim/explore/draw.h"
#include "sim/explore/shrink.h"
#include "sim/program/exit_codes.h"
#include "sim/program/swarm_command.h"
#include "sim/program/twin.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/plan.h"
#include "sim/scenario/words.h"

namespace barnabas::program {
namespace {

using scenario::Run;
using scenario::Scenario;
using scenario::Verdict;

struct Asked {
    std::string file;
    std::optional<std::uint64_t> seed;
    SeedsWanted seeds;
    bool guards = false;
    std::uint64_t runs = 300;
    std::uint64_t step = 0;
    std::string program = "/proc/self/exe";
    std::vector<std::string> without;
    bool json = false;
    bool costs = false;
};

// Read from its file, or drawn. Says what is wrong.
std::optional<Scenario> read_scenario(const Asked& asked) {
    if (const auto seed = explore::swarm_seed(asked.file)) return explore::draw(*seed);
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
    return std::move(*parsed);
}

// The scenario, with the seed that was asked for. Says what is wrong.
std::optional<Scenario> scenario_of(const Asked& asked) {
    auto parsed = read_scenario(asked);
    if (!parsed) return std::nullopt;
    if (asked.seed) parsed->seed = *asked.seed;
    for (const std::string& name : asked.without) parsed->guards.switch_off(*guard_named(name));
    // Whether a broker takes its settings shows when a run is made.
    if (const auto run = Run::make(*parsed); !run) {
        cli::complain(run.error());
        return std::nullopt;
    }
    return parsed;
}

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

scenario::Report report_of(const Scenario& scenario) {
    auto run = Run::make(scenario).value();
    while (run.step()) {}
    return run.report();
}

int code_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed: return held;
        case Verdict::too_small: return says_nothing;
        case Verdict::violated: break;
    }
    return did_not_hold;
}

// Counted, and so the same in every run; but for the last line.
std::string costs_of(const scenario::Report& report) {
    std::string all = fmt::format("  {:<12} {:>12} {:>12} {:>14}\n", "checker", "looks",
                                  "judgements", "bytes read");
    for (const sim::Watch::Account& one : report.checkers) {
        all += fmt::format("  {:<12} {:>12} {:>12} {:>14}\n", one.name, one.tally.looks,
                           one.tally.judgements, one.tally.bytes);
    }
    const double seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    return all + fmt::format("  {:.2f} s of CPU for all, {:.0f} events a second\n", seconds,
                             static_cast<double>(report.events) / seconds);
}

int run(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    const scenario::Report report = report_of(*scenario);
    say(asked.json ? report.json() + '\n' : report.text());
    if (asked.costs) say(costs_of(report));
    return code_of(report.verdict);
}

std::string line_of(const Run& run, bool went_on) {
    if (!went_on) return "the run is over, with another state of its nodes\n";
    const sim::Happening& last = run.world().last();
    const Event* event = last.event();
    std::string line =
        fmt::format("{}ns {} {}", last.at.time_since_epoch().count(), run.world().name(last.node),
                    event ? print(*event) : std::string("a deed of the scenario"));
    for (const Effect& effect : last.effects) line += "; " + print(effect);
    return line + '\n';
}

// The trace hash after each step, a line each; or what one of the steps was.
int steps(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    auto run = Run::make(*scenario).value();
    for (std::uint64_t step = 1;; ++step) {
        const bool went_on = run.step();
        if (step == asked.step) say(line_of(run, went_on));
        if (asked.step == 0) say(run.world().trace_hash().hex() + '\n');
        if (!went_on || step == asked.step) break;
    }
    return held;
}

std::vector<std::string> words_of(const Asked& asked, const Scenario& scenario) {
    std::vector<std::string> words{asked.file, "--seed", std::to_string(scenario.seed)};
    for (const std::string& guard : asked.without) {
        words.insert(words.end(), {"--without", guard});
    }
    return words;
}

int check(const Asked& asked) {
    const auto scenario = scenario_of(asked);
    if (!scenario) return bad_input;
    const scenario::Report report = report_of(*scenario);
    say(report.text());
    const auto compared = Twins(words_of(asked, *scenario), asked.program).compare();
    if (!compared) {
        cli::complain(compared.error());
        return bad_input;
    }
    if (const auto& difference = *compared) {
        say(fmt::format("{}: seed {} differs between two processes, first at step {}\n"
                        "  one:   {}  other: {}",
                        asked.file, scenario->seed, difference->step, difference->one,
                        difference->other));
        return did_not_hold;
    }
    say(fmt::format("{}: seed {} is the same in two processes: {} events, trace hash {}\n",
                    asked.file, scenario->seed, report.events, report.hash.hex()));
    return code_of(report.verdict);
}

int swarm(const Asked& asked) {
    if (!asked.file.empty() && !scenario_of(asked)) return bad_input;
    SeedsWanted wanted = asked.seeds;
    wanted.file = asked.file;
    wanted.without = asked.without;
    wanted.program = asked.program;
    return asked.guards ? swarm_of_guards(std::move(wanted)) : swarm(wanted);
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
        for (const auto& sentence : sentences) {
            if (sentence.meaning.empty()) {
                say(fmt::format("    {}\n", sentence.form));
            } else {
                say(fmt::format("    {:<61} {}\n", sentence.form, sentence.meaning));
            }
        }
    };
    list("at TIME [for TIME] ..., when CONDITION[, TIME] [for TIME] ...: actions",
         scenario::action_sentences());
    list("when ...: conditions", scenario::condition_sentences());
    list("faults one of ..., ... every TIME [lasting TIME..TIME] from TIME to TIME: in each span "
         "of \"every\" one of these kinds, or each of them with \"each of\"",
         scenario::fault_names());
    list("expect ...: expectations", scenario::expectation_sentences());
    say("WHO is \"broker N\", \"any broker\", a client's name, \"all clients\" or \"others\"; "
        "DIRECTORY is one of log.dirs; what stands in [] may be left out. A fault lasts as long as "
        "\"for\" says, or until a remedy ends it, and faults may overlap. "
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
    command->add_option("FILE", asked->file, "a scenario, or \"swarm:SEED\"")->required();
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

void add_swarm(CLI::App& sim, const std::shared_ptr<Asked>& asked, cli::Run& chosen) {
    CLI::App* many = add(sim, asked, chosen, "swarm", "run many seeds, each in its own process",
                         swarm);
    many->get_option("FILE")->required(false)->description(
        "a scenario; without one each seed draws a whole scenario of its own, which the other "
        "commands take as \"swarm:SEED\"");
    SeedsWanted& seeds = asked->seeds;
    seeds.jobs = std::max(1u, std::thread::hardware_concurrency());
    many->add_option("--seeds", seeds.count, "how many")->capture_default_str();
    many->add_option("--from,--first", seeds.first, "the first of them")->capture_default_str();
    many->add_option("--jobs", seeds.jobs, "so many processes at once")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    const auto resume = many->add_option("--resume", seeds.results,
                                         "a file of results: its seeds are not run again, and "
                                         "those that are run are added to it");
    many->add_flag("--guards", asked->guards,
                   "instead: with one guard off after another, how many seeds it takes until a "
                   "rule is broken")
        ->excludes("--without")
        ->excludes(resume);
    many->add_option("--program", asked->program, "which is run; this one")->group("");
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
    sim->get_subcommand("run")->add_flag("--costs", asked->costs, "say what each checker did");
    with_seed(add(*sim, asked, chosen, "check",
                  "run it in two processes with other layouts of memory, and compare", check))
        ->add_option("--program", asked->program, "which is run; this one")
        ->group("");
    with_seed(add(*sim, asked, chosen, "steps", "the trace hash after each step", steps))
        ->group("")
        ->add_option("--step", asked->step, "instead: what that step was, from 1");
    add_swarm(*sim, asked, chosen);
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
