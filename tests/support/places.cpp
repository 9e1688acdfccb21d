#include "tests/support/places.h"

namespace barnabas::support {
namespace {

std::string joined(std::string_view top, std::string_view below) {
    std::string path(top);
    if (!below.empty()) path.append("/").append(below);
    return path;
}

}  // namespace

std::string source_path(std::string_view below) { return joined(BARNABAS_SOURCE_DIR, below); }
std::string build_path(std::string_view below) { return joined(BARNABAS_BINARY_DIR, below); }

}  // namespace barnabas::support
