// A message's fields as a table for people, one line each: name, type, versions, attributes.
#pragma once

#include <string>

#include "engine/protocol/schema.h"

namespace barnabas::protocol {

// "request  ProduceRequest  key 0  versions 3-13  flexible 9+  on broker", then the fields, each
// two spaces deeper than what holds it; structs that several fields use stand behind them.
std::string table_of(const Schema& message, const Format& format);

}  // namespace barnabas::protocol
