// Names of what brokers ask of the active controller, for who passes them on without a look:
// controller_messages.h has them whole.
#pragma once

#include <cstdint>

#include "engine/base/id.h"

namespace barnabas::protocol {

struct ControllerRequest;
struct ControllerResponse;

// By which an answer finds its question. Ascending in the life of a broker.
using AskNumber = Id<struct AskNumberTag, std::uint64_t>;

}  // namespace barnabas::protocol
