// The `barnabas` program: what engine/cli offers, and the simulator.
#include <CLI/CLI.hpp>

#include "engine/cli/commands.h"
#include "sim/program/sim_commands.h"

int main(int argc, char** argv) {
    CLI::App app{"A Kafka-compatible broker that is also its own simulator"};
    app.set_version_flag("--version", "barnabas 0.1.0");
    app.require_subcommand(1);
    barnabas::cli::Run chosen;
    barnabas::cli::add_commands(app, chosen);
    barnabas::program::add_sim_commands(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? 0 : 2;
    }
    return chosen ? chosen() : 2;
}
