// The commands that need no simulator, for the `barnabas` program to add to its own.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace barnabas::cli {

// What a command line has chosen to run. Returns the exit code: 0 well, 1 it failed, 2 what was
// asked for makes no sense.
using Run = std::function<int()>;
constexpr int bad_input = 2;

// Adds `broker`, `logs`, `replay`, `frame` and `message`. When the command line names one of them,
// `chosen` is set.
void add_commands(CLI::App& app, Run& chosen);

void add_broker(CLI::App& app, Run& chosen);
void add_logs(CLI::App& app, Run& chosen);
void add_replay(CLI::App& app, Run& chosen);
void add_frame(CLI::App& app, Run& chosen);
void add_message(CLI::App& app, Run& chosen);

}  // namespace barnabas::cli
