// Captured frames in words: what `barnabas frame` prints.
#pragma once

#include <string>

#include "engine/protocol/apis.h"
#include "engine/protocol/frame.h"

namespace barnabas::protocol {

struct Explanation {
    std::string text;      // lines for header and body; the last one says what is wrong
    bool is_whole = true;  // nothing was wrong
};

// A request says itself which API and version it is of. A length in front is understood.
Explanation explain_request(const Bytes& frame);

// A response does not: it is read as the answer to this API in this version.
Explanation explain_response(const Bytes& frame, ApiKey key, std::int16_t version);

}  // namespace barnabas::protocol
