// A scenario's run as a session's subject, and the facts of its nodes in words.
#pragma once

#include "gui/session/subject.h"
#include "sim/scenario/run.h"

namespace barnabas::gui {

class ScenarioSubject {
  public:
    explicit ScenarioSubject(scenario::Run run) : run_(std::move(run)) {}

    bool step() { return run_.step(); }
    const sim::World& world() const { return run_.world(); }
    Verdict verdict() const;
    void describe(sim::NodeIndex node, NodeView& view) const;

  private:
    void describe_faults(sim::NodeIndex node, NodeView& view) const;

    scenario::Run run_;
};

// What the window says of a run from the first moment on.
SessionInfo info_of(const scenario::Run& run);

}  // namespace barnabas::gui
