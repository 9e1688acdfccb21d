// The partition that these tests watch.
#pragma once

#include "engine/protocol/types.h"

namespace barnabas::sim {

inline const TopicPartition orders{"orders", PartitionIndex(0)};

}  // namespace barnabas::sim
