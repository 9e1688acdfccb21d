// What came of a slice of a request.
#pragma once

#include <optional>

#include "engine/controller/active_controller.h"
#include "engine/protocol/controller_messages.h"

namespace barnabas::controller {

struct ActiveController::Progress {
    protocol::AskNumber number;
    // The slice let go of what a request held that is answered: nothing else is told.
    bool is_cleaning_up = false;
    std::uint64_t answer_bytes = 0;  // of memory, about, that the answer holds so far
    // When all of the request is decided. Once: later slices let go of what the request held.
    std::optional<protocol::ControllerResponse> response;
};

}  // namespace barnabas::controller
