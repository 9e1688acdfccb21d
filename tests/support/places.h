// Where the source tree and the build lie. The paths are compiled into one file, so that all others
// are the same bytes in every checkout and a compiler cache knows them.
#pragma once

#include <string>
#include <string_view>

namespace barnabas::support {

// `below` the top of the source tree; the top itself when it is empty.
std::string source_path(std::string_view below);
// `below` the build's directory.
std::string build_path(std::string_view below);

}  // namespace barnabas::support
