// Files that a person names on a command line.
#pragma once

#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace barnabas::cli {

// The whole file, or why not: "server.properties: No such file or directory".
Result<std::string, std::string> read_text(const std::string& path);
Result<Bytes, std::string> read_bytes(const std::string& path);

// "barnabas: " and the text, to stderr.
void complain(const std::string& text);

}  // namespace barnabas::cli
