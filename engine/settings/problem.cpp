#include "engine/settings/problem.h"

namespace barnabas::settings {

std::string Problem::print() const {
    std::string line = place.file;
    if (place.line > 0) {
        line += ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
    }
    if (!line.empty()) line += ": ";
    if (!name.empty()) line += name + ": ";
    return line + text;
}

}  // namespace barnabas::settings
