#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "engine/cli/commands.h"
#include "engine/cli/files.h"
#include "engine/cli/hex.h"
#include "engine/protocol/explain.h"

namespace barnabas::cli {
namespace {

struct FrameOptions {
    std::string hex;
    std::string response_to;
    std::int16_t version = 0;
};

constexpr int not_whole = 1;
int print_explanation(const protocol::Explanation& explanation) {
    fmt::print("{}", explanation.text);
    return explanation.is_whole ? 0 : not_whole;
}

int run_frame(const FrameOptions& options) {
    const std::string text = options.hex.empty()
                                 ? std::string(std::istreambuf_iterator<char>(std::cin), {})
                                 : options.hex;
    const auto bytes = from_hex(text);
    if (!bytes) {
        complain(bytes.error());
        return bad_input;
    }
    if (options.response_to.empty()) return print_explanation(protocol::explain_request(*bytes));
    for (const protocol::ApiRow& row : protocol::all_apis()) {
        if (row.name != options.response_to) continue;
        return print_explanation(protocol::explain_response(*bytes, row.api.key, options.version));
    }
    complain(options.response_to + ": there is no API of this name, such as Produce or Fetch");
    return bad_input;
}

}  // namespace

void add_frame(CLI::App& app, Run& chosen) {
    auto options = std::make_shared<FrameOptions>();
    CLI::App* command = app.add_subcommand("frame", "Explain a captured request or response");
    command->add_option("HEX", options->hex, "The frame; without it, from standard input");
    auto* response = command->add_option("--response-to", options->response_to,
                                         "It is the answer to this API, such as Fetch");
    command->add_option("--version", options->version, "The request's version, for an answer")
        ->needs(response);
    command->footer(
        "A request says itself what it is; its length may stand in front or not.\n"
        "Exit codes: 0 all of it was understood, 1 not all, 2 no hexadecimal digits.\n\n"
        "  barnabas frame 001200040000000700047465737400057465737404312e3000");
    command->callback([options, &chosen] { chosen = [options] { return run_frame(*options); }; });
}

}  // namespace barnabas::cli
