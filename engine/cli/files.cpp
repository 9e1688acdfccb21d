#include "engine/cli/files.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

namespace barnabas::cli {

Result<std::string, std::string> read_text(const std::string& path) {
    const auto failed = [&path] {
        return unexpected(fmt::format("{}: {}", path, std::generic_category().message(errno)));
    };
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed();
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) return failed();
    return text;
}

Result<Bytes, std::string> read_bytes(const std::string& path) {
    const auto text = read_text(path);
    if (!text) return unexpected(text.error());
    return Bytes::copy(*text);
}

void complain(const std::string& text) { fmt::print(stderr, "barnabas: {}\n", text); }

}  // namespace barnabas::cli
