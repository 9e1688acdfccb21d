// Who runs the machine's turns, as the parts of the host see it.
#pragma once

#include "engine/runtime/event.h"

namespace barnabas::host {

class Turns {
  public:
    // Runs one turn. Its effects have reached the parts of the host when this returns.
    virtual void turn(const Event& event) = 0;

  protected:
    ~Turns() = default;
};

}  // namespace barnabas::host
