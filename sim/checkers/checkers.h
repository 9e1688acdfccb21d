// All checkers of a run, in the order in which they look: the list to which a new one is added.
#pragma once

#include <tuple>

#include "sim/checkers/durable.h"
#include "sim/checkers/exits.h"
#include "sim/checkers/explained.h"
#include "sim/checkers/ledger.h"
#include "sim/checkers/liveness.h"
#include "sim/checkers/progress.h"
#include "sim/checkers/retention.h"
#include "sim/checkers/stored.h"
#include "sim/checkers/structure.h"

namespace barnabas::sim {

using Checkers = std::tuple<Ledger, Stored, Durable, Retention, Exits, Explained, Progress,
                            Liveness, Structure>;

}  // namespace barnabas::sim
