// Java's .properties text, as Kafka's tools and Kafka itself write and read it.
//
// One `name=value` a line; `:` and white space separate too; `#` and `!` begin a comment; a
// backslash at the end of a line continues it; \t \n \r \f \uXXXX and \anything-else are escapes.
// The bytes are Latin-1, as Java reads them; what comes out is UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/settings/problem.h"

namespace barnabas::settings {

struct Property {
    std::string name;
    std::string value;
    Place name_at;
    Place value_at;
};

// All of them in order, a name that stands twice too. The one thing that can be wrong is \u without
// four hexadecimal digits.
Result<std::vector<Property>, Problem> parse_properties(std::string_view file,
                                                        std::string_view text);

// "NAME=VALUE" from a command line, nothing escaped, `from` being the option's name.
Result<Property, Problem> parse_assignment(std::string_view from, std::string_view assignment);

}  // namespace barnabas::settings
