#include "engine/cli/commands.h"

namespace barnabas::cli {

void add_commands(CLI::App& app, Run& chosen) {
    add_broker(app, chosen);
    add_logs(app, chosen);
    add_replay(app, chosen);
    add_frame(app, chosen);
    add_message(app, chosen);
}

}  // namespace barnabas::cli
