#include <fmt/format.h>

#include <charconv>
#include <iostream>

#include "engine/cli/commands.h"
#include "engine/cli/files.h"
#include "engine/cli/hex.h"
#include "engine/protocol/registry.h"

namespace barnabas::cli {
namespace {

constexpr int failed = 1;
struct Line {
    std::string_view name;
    std::string_view version;
    std::string_view rest;
};

std::optional<Line> split(std::string_view text) {
    const std::size_t first = text.find('\t');
    const std::size_t second = first == text.npos ? text.npos : text.find('\t', first + 1);
    if (second == text.npos) return std::nullopt;
    return Line{text.substr(0, first), text.substr(first + 1, second - first - 1),
                text.substr(second + 1)};
}

Result<std::string, std::string> convert(const Line& line, bool to_json) {
    const protocol::MessageType* type = protocol::find_message(line.name);
    if (type == nullptr) return unexpected(std::string("there is no message of this name"));
    std::int16_t version = 0;
    const char* const end = line.version.data() + line.version.size();
    if (std::from_chars(line.version.data(), end, version).ptr != end || line.version.empty()) {
        return unexpected(fmt::format("'{}' is no version", line.version));
    }
    if (to_json) {
        const auto bytes = from_hex(line.rest);
        if (!bytes) return unexpected(bytes.error());
        auto json = type->to_json(*bytes, version);
        if (!json) return unexpected(json.error().text());
        return *std::move(json);
    }
    const auto bytes = type->from_json(line.rest, version);
    if (!bytes) return unexpected(bytes.error().text());
    return to_hex(*bytes);
}

// One line out for each line in: what went wrong with one costs the others nothing.
int convert_all(bool to_json) {
    bool is_all_well = true;
    for (std::string text; std::getline(std::cin, text);) {
        if (text.empty()) continue;
        const auto line = split(text);
        if (!line) {
            fmt::print("error: a line is NAME<tab>VERSION<tab>{}\n", to_json ? "HEX" : "JSON");
            is_all_well = false;
            continue;
        }
        const auto out = convert(*line, to_json);
        is_all_well = is_all_well && out.has_value();
        fmt::print("{}\t{}\t{}\n", line->name, line->version, out ? *out : "error: " + out.error());
    }
    return is_all_well ? 0 : failed;
}

int list() {
    for (const protocol::MessageType& type : protocol::all_messages()) {
        const protocol::VersionRange versions = type.format.valid;
        fmt::print("{}\t{}-{}\n", type.name(), versions.oldest, versions.latest);
    }
    return 0;
}

int show(const std::string& name) {
    const protocol::MessageType* type = protocol::find_message(name);
    if (type == nullptr) {
        complain(name + ": there is no message of this name; `barnabas message list` has them all");
        return bad_input;
    }
    fmt::print("{}", type->table());
    return 0;
}

}  // namespace

void add_message(CLI::App& app, Run& chosen) {
    CLI::App* command =
        app.add_subcommand("message", "Kafka's messages and records as JSON, hex and tables");
    command->require_subcommand(1);
    command->add_subcommand("list", "Every message and record, with its versions")
        ->callback([&chosen] { chosen = list; });
    auto name = std::make_shared<std::string>();
    CLI::App* shown = command->add_subcommand("show", "The fields of one, with their versions");
    shown->add_option("NAME", *name, "Such as ProduceRequest")->required();
    shown->callback([name, &chosen] { chosen = [name] { return show(*name); }; });
    command->add_subcommand("decode", "Lines NAME<tab>VERSION<tab>HEX from standard input to JSON")
        ->callback([&chosen] { chosen = [] { return convert_all(true); }; });
    command->add_subcommand("encode", "Lines NAME<tab>VERSION<tab>JSON to HEX")
        ->callback([&chosen] { chosen = [] { return convert_all(false); }; });
    command->footer(
        "A line that cannot be converted comes out as NAME<tab>VERSION<tab>error: why.\n"
        "Exit codes: 0 all converted, 1 a line was not, 2 no such message.\n\n"
        "  barnabas message show FetchRequest\n"
        "  printf 'TopicRecord\\t0\\t{\"name\":\"orders\"}\\n' | barnabas message encode");
}

}  // namespace barnabas::cli
