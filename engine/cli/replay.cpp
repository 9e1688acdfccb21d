#include <fmt/format.h>

#include <thread>

#include "engine/node/node.h"
#include "engine/cli/commands.h"
#include "engine/cli/files.h"
#include "engine/cli/recipe.h"
#include "engine/runtime/recording.h"
#include "engine/runtime/visit.h"

namespace barnabas::cli {
namespace {

struct ReplayOptions {
    std::string file;
    double pace = 0;  // times as fast as it was; 0: at once
    bool verbose = false;
};

constexpr int differs = 1;

// Waits as long as the recorded machine did between its turns, `pace` times faster.
void wait_until(Instant began, Instant turn, std::chrono::steady_clock::time_point started,
                double pace) {
    const auto passed = std::chrono::duration<double, std::nano>(turn - began) / pace;
    std::this_thread::sleep_until(
        started + std::chrono::nanoseconds(static_cast<std::int64_t>(passed.count())));
}

void print_turn(std::uint64_t number, const RecordedTurn& turn, const Replay& replay) {
    fmt::print("{:>8}  {:>14.6f}s  {}\n", number,
               std::chrono::duration<double>(turn.now.time_since_epoch()).count(),
               print(turn.event));
    for (const Effect& effect : replay.effects()) fmt::print("{:>28}{}\n", "-> ", print(effect));
}

int print_report(const Replay::Report& report) {
    if (!report.error.empty()) {
        complain(report.error);
        return bad_input;
    }
    if (report.tail > 0) fmt::print("cut off at the end: {} bytes\n", report.tail);
    if (report.difference) {
        fmt::print("turn {} differs: {}\nnow it asks for\n", report.difference->turn,
                   report.difference->event);
        for (const std::string& effect : report.difference->effects) fmt::print("  {}\n", effect);
        return differs;
    }
    fmt::print("{} turns, all with the effects that were recorded{}\n", report.turns,
               report.ended_in_turn ? "; the recorded node did not survive the last one" : "");
    return 0;
}

int run_replay(const ReplayOptions& options) {
    const auto bytes = read_bytes(options.file);
    if (!bytes) return complain(bytes.error()), bad_input;
    auto recording = Recording::open(*bytes);
    if (!recording) return complain(options.file + ": " + recording.error()), bad_input;
    const auto settings = settings_of_recording(recording->header().setup);
    if (!settings) return complain(options.file + ": " + settings.error()), bad_input;

    Replay replay(*std::move(recording), node::Node(*settings));
    const auto started = std::chrono::steady_clock::now();
    std::optional<Instant> began;
    for (std::uint64_t number = 1; replay.next(); ++number) {
        const RecordedTurn turn = *replay.next();
        if (!began) began = turn.now;
        if (options.pace > 0) wait_until(*began, turn.now, started, options.pace);
        if (!replay.step()) break;
        if (options.verbose) print_turn(number, turn, replay);
    }
    return print_report(replay.report());
}

}  // namespace

void add_replay(CLI::App& app, Run& chosen) {
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command =
        app.add_subcommand("replay", "Run a recording of a node through the engine again");
    command->add_option("FILE", options->file, "What `barnabas broker --record` wrote")->required();
    command->add_option("--pace", options->pace, "Times as fast as it was; 0 is at once")
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--verbose", options->verbose, "Print every turn: its event, its effects");
    command->footer(
        "Names the first turn whose effects differ from the recorded ones.\n"
        "Exit codes: 0 all the same, 1 a turn differs, 2 the file is no recording of a node.");
    command->callback([options, &chosen] { chosen = [options] { return run_replay(*options); }; });
}

}  // namespace barnabas::cli
