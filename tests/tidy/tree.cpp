#include "tests/tidy/tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace barnabas::tidy {
namespace {

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool is_allowed_at_top(std::string_view name) {
    constexpr std::string_view names[] = {"CMakeLists.txt", "README.md", "engine", "sim", "gui",
                                          "scenarios",      "tests"};
    return name.starts_with('.') || std::ranges::find(names, name) != std::end(names);
}

Tree read_tree(const std::filesystem::path& top) {
    Tree tree;
    const auto add = [&](const std::filesystem::path& file) {
        tree.push_back({file.lexically_relative(top).generic_string(), read_text(file)});
    };
    for (const auto& entry : std::filesystem::directory_iterator(top)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') && name != ".ci") continue;
        if (!entry.is_directory()) {
            add(entry.path());
        } else if (name != ".ci" && !is_allowed_at_top(name)) {
            tree.push_back({name, {}});
        } else {
            for (const auto& below : std::filesystem::recursive_directory_iterator(entry)) {
                if (below.is_regular_file()) add(below.path());
            }
        }
    }
    std::ranges::sort(tree, {}, &File::path);
    return tree;
}

}  // namespace barnabas::tidy
