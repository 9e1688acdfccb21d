// In which log directory a partition's log belongs.
//
// As Kafka: what was here before this life is where its files are, whatever the image says. Where
// none are found they may be in a directory that is offline: then nothing begins anew. What is new
// goes where the fewest copies are.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log_manager/log_directory.h"
#include "engine/metadata/image.h"
#include "engine/runtime/turn.h"

namespace barnabas::log_manager {

// A copy that stands where the image did not say.
struct Placed {
    TopicId topic;
    PartitionIndex partition;
    Uuid directory;
};

class Placement {
  public:
    explicit Placement(NodeId node) : node_(node) {}

    // From now on what the image adds was made in this life: nothing of it is anywhere yet.
    void expect_new_partitions() { are_added_new_ = true; }
    // The place of the directory among `directories`.
    std::size_t place(const TopicPartition& name, const TopicId& topic,
                      const metadata::PartitionRow& row,
                      const std::vector<LogDirectory>& directories, Turn& turn);
    // What the controller has to hear of, since the last call.
    std::vector<Placed> take_placed() { return std::exchange(placed_, {}); }

    void digest(Hasher& hasher) const;

  private:
    std::size_t fewest(const std::vector<LogDirectory>& directories) const;

    NodeId node_;
    bool are_added_new_ = false;
    std::vector<std::size_t> loads_;  // copies in each directory
    std::vector<Placed> placed_;
};

}  // namespace barnabas::log_manager
