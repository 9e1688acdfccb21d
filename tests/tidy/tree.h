// The project as text: every file with its path from the top, sorted by path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace barnabas::tidy {

struct File {
    std::string path;
    std::string text;
};
using Tree = std::vector<File>;

// Dot-files at the top are left out, all but .ci. A directory at the top that does not belong there
// comes as one entry, its content unread.
Tree read_tree(const std::filesystem::path& top);

bool is_allowed_at_top(std::string_view name);

}  // namespace barnabas::tidy
