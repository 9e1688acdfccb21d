#include "sim/scenario/scenario.h"

#include <algorithm>

namespace barnabas::scenario {

std::vector<std::string> Scenario::log_directories() const {
    std::string_view list = default_log_directory;
    for (const auto& [name, value] : settings)
        if (name == "log.dirs") list = value;
    std::vector<std::string> all;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        all.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return all;
}

}  // namespace barnabas::scenario
