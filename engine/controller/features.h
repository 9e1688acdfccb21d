// What a controller sees to before it decides anything: the levels of features.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/metadata/image.h"

namespace barnabas::controller {

// The first records of an empty log: those of bootstrap.checkpoint, which a format has left there,
// else our own. The error says what is wrong with them.
Result<std::vector<metadata::Record>, std::string> decide_first_records(
    const std::vector<Bytes>& bootstrap);
// Ends a metadata transaction that an earlier controller began and did not end.
std::vector<metadata::Record> decide_abort();
// Why this release can not work with the levels that are finalized; empty when it can.
std::string why_level_is_unknown(const metadata::Image& latest);

}  // namespace barnabas::controller
