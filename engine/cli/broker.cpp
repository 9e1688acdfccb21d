#include "engine/node/node.h"

#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/recipe.h"
#include "engine/host/crash.h"
#include "engine/host/host.h"

namespace barnabas::cli {
namespace {

struct BrokerOptions {
    std::string config_file;
    std::vector<std::string> assignments;
    std::string record;
    bool counts_times = false;
};

int run_broker(const BrokerOptions& options) {
    const auto settings = settings_from(options.config_file, options.assignments);
    if (!settings) return bad_input;
    host::report_crashes();
    host::Options with;
    with.record = options.record;
    with.count_times = options.counts_times;
    with.record_setup = recording_setup(*settings);
    host::Host host(node::Node(*settings), with);
    const int code = host.run();
    if (options.counts_times) fmt::print(stderr, "times: {}\n", host::text_of(host.times()));
    return code;
}

}  // namespace

void add_broker(CLI::App& app, Run& chosen) {
    auto options = std::make_shared<BrokerOptions>();
    CLI::App* command = app.add_subcommand("broker", "Run a node on this machine");
    command->add_option("--config", options->config_file, "Settings, one NAME=VALUE a line")
        ->type_name("FILE");
    command
        ->add_option("--set", options->assignments,
                     "One setting; may be given again and has the last word")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command
        ->add_option("--record", options->record,
                     "Write all that goes through the node's door, for `barnabas replay`. Holds "
                     "every record that clients send and every secret of the node: treat it like "
                     "those themselves")
        ->type_name("FILE");
    command->add_flag("--times", options->counts_times,
                      "Count what turns and passes use of the processor, and say at the end what "
                      "the longest took");
    command->footer(
        "Without any setting it is node 1 on 127.0.0.1:9092, its data in\n"
        "${XDG_DATA_HOME:-~/.local/share}/barnabas, broker and controller at once. Names are\n"
        "Apache Kafka's own. SIGTERM stops it cleanly; exit codes: 0 stopped, 1 failed, 2 bad "
        "settings.\n\n"
        "  barnabas broker\n"
        "  barnabas broker --set listeners=PLAINTEXT://127.0.0.1:19092 --set log.dirs=data\n"
        "  barnabas broker --config server.properties --set num.partitions=4");
    command->callback([options, &chosen] { chosen = [options] { return run_broker(*options); }; });
}

}  // namespace barnabas::cli
