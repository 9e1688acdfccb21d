// A request to the active controller, on its way there.
#pragma once

#include "engine/protocol/controller_messages.h"
#include "engine/runtime/ids.h"

namespace barnabas::broker {

struct Ask {
    protocol::AskNumber number;
    Principal principal;
    protocol::ControllerRequest request;
};

}  // namespace barnabas::broker
