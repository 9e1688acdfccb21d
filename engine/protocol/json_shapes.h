// What reading and writing of JSON share; only for those two files.
#pragma once

#include <boost/json/value.hpp>

#include "engine/protocol/schema.h"

namespace barnabas::protocol {

constexpr std::string_view unknown_tags_name = "unknownTaggedFields";

// The tagged field of this number that the version has; nothing when it knows none.
const SchemaField* find_tag(const Schema& schema, std::int64_t tag, std::int16_t version);

// The value of a field that is not there.
boost::json::value default_json(const SchemaField& row, std::int16_t version);

}  // namespace barnabas::protocol
