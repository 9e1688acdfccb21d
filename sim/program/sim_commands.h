// The commands that run scenarios, for the `barnabas` program to add to its own:
//
//     barnabas sim run FILE [--seed N] [--json]      one run, and what it came to
//     barnabas sim check FILE [--seed N]             the same run twice: are they the same?
//     barnabas sim swarm [FILE] [--seeds N] [--jobs J]  many seeds, of FILE or each of its own
//     barnabas sim shrink FILE [--seed N]            the smallest scenario that fails as this one
//     barnabas sim print FILE [--seed N]             the scenario, all of it spelt out
//     barnabas sim guards                            what --without NAME switches off
//
// FILE may be "swarm:N": the scenario that seed N of the swarm draws.
//
// Exit codes: 0 all held, 1 something did not, 2 the scenario could not be run.
#pragma once

#include "engine/cli/commands.h"

namespace barnabas::program {

void add_sim_commands(CLI::App& app, cli::Run& chosen);

}  // namespace barnabas::program
