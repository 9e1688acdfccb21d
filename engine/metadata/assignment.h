// A broker has put its copy of a partition into a directory (Kafka's AssignReplicasToDirs).
#pragma once

#include "engine/base/uuid.h"
#include "engine/protocol/types.h"

namespace barnabas::metadata {

struct Assignment {
    TopicId topic;
    PartitionIndex partition;
    Uuid directory;
};

}  // namespace barnabas::metadata
