#include "engine/cli/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <sstream>

#include "engine/cli/files.h"

namespace barnabas::cli {

std::string default_log_directory() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
    const std::string data = variable("XDG_DATA_HOME");
    if (!data.empty()) return data + "/barnabas";
    const std::string home = variable("HOME");
    return (home.empty() ? std::string(".") : home + "/.local/share") + "/barnabas";
}

std::optional<settings::BrokerSettings> settings_from(const std::string& config_file,
                                                      const std::vector<std::string>& assignments) {
    settings::Input input;
    input.file_name = config_file;
    input.assignments = assignments;
    input.default_log_directory = default_log_directory();
    if (!config_file.empty()) {
        auto text = read_text(config_file);
        if (!text) {
            complain(text.error());
            return std::nullopt;
        }
        input.file = *std::move(text);
    }
    const auto parsed = settings::parse(input);
    if (!parsed) {
        for (const settings::Problem& problem : parsed.error()) complain(problem.print());
        return std::nullopt;
    }
    for (const settings::Warning& warning : parsed->warnings) {
        complain("warning: " + warning.print());
    }
    return parsed->settings;
}

std::string recording_setup(const settings::BrokerSettings& settings) {
    std::string setup = fmt::format("log.dirs={}\n", fmt::join(settings.log_directories(), ","));
    for (const auto& [name, value] : settings.all_given()) {
        if (name != "log.dirs" && name != "log.dir") setup += fmt::format("{}={}\n", name, value);
    }
    return setup;
}

Result<settings::BrokerSettings, std::string> settings_of_recording(const std::string& setup) {
    settings::Input input;
    std::istringstream lines(setup);
    for (std::string line; std::getline(lines, line);) input.assignments.push_back(line);
    const auto parsed = settings::parse(input);
    if (!parsed) return unexpected(parsed.error().front().print());
    return parsed->settings;
}

}  // namespace barnabas::cli
