// From a scenario's file to a session that runs it.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "gui/session/problem.h"
#include "gui/session/session.h"

namespace barnabas::gui {

// Needs: sim::throw_on_check is the CHECK handler, so that a failed check stops the run and not the
// window.
Result<std::unique_ptr<Session>, OpenProblem> open_scenario(
    const std::string& path, std::optional<std::uint64_t> seed = std::nullopt);

}  // namespace barnabas::gui
