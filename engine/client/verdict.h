// What a client makes of an error: is it worth another try, is the metadata to blame, and may the
// broker have done what was asked all the same?
#pragma once

#include "engine/protocol/errors.h"

namespace barnabas::client {

struct Verdict {
    bool retry = false;    // another try may help
    bool refresh = false;  // what is known of the cluster may be wrong
    bool unsure = false;   // it may have been done all the same
};

// Of an error that a broker told; needs: not `none`.
Verdict verdict_of(protocol::ErrorCode error);

}  // namespace barnabas::client
