// Where a controller appends what it decides: the metadata log, as its leader sees it. Lent for the
// length of a call.
#pragma once

#include <vector>

#include "engine/base/bytes.h"
#include "engine/protocol/types.h"
#include "engine/runtime/turn.h"

namespace barnabas::controller {

class DecisionLog {
  public:
    // One atomic batch of records. False when the log takes none: its disk is full. No values are
    // taken and are no batch.
    virtual bool append(const std::vector<Bytes>& values, Turn& turn) = 0;
    // The offset that the next record will have.
    virtual Offset end_offset() const = 0;

  protected:
    ~DecisionLog() = default;
};

}  // namespace barnabas::controller
