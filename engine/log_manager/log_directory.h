// A log directory of this node, as its start found it.
#pragma once

#include <set>
#include <string>

#include "engine/base/uuid.h"
#include "engine/log/checkpoint.h"

namespace barnabas::log_manager {

struct LogDirectory {
    std::string path;
    Uuid id;
    bool is_online = true;
    bool is_new = false;           // it was empty
    bool holds_partitions = true;  // false: only the metadata log is here
    bool was_clean_stop = false;
    // The partitions that were found in it, when there are several directories; until all that
    // the metadata log names are placed.
    std::set<std::string, std::less<>> partitions;
    // What the checkpoint files say; a partition that they do not name is at 0.
    bool are_recovery_points_known = true;  // false: theirs cannot be read
    log::PartitionOffsets recovery_points;
    log::PartitionOffsets log_starts;
};

}  // namespace barnabas::log_manager
