// Every change to a partition is made here: what it leads to, then the record that says so.
//
//     PartitionChange change(topic.id, index, row);
//     change.set_leader(heir);
//     if (auto record = change.record()) records.push_back(*std::move(record));
//
// Only what differs from the row is in the record. A leader that is named is elected anew, also
// where it is the one before: the partition's leader epoch rises by one.
#pragma once

#include <optional>
#include <vector>

#include "engine/metadata/image.h"

namespace barnabas::controller {

class PartitionChange {
  public:
    PartitionChange(const TopicId& topic, PartitionIndex index, const metadata::PartitionRow& row)
        : topic_(topic), index_(index), row_(row) {}

    void set_leader(NodeId leader) { leader_ = leader; }
    // Needs: members.
    void set_isr(std::vector<NodeId> isr) { isr_ = std::move(isr); }
    void set_elr(std::vector<NodeId> elr) { elr_ = std::move(elr); }
    // Where the node's copy lies. Needs: it is a replica.
    void set_directory(NodeId node, const Uuid& directory);

    // Nothing when nothing changes.
    std::optional<metadata::Record> record() const;

  private:
    TopicId topic_;
    PartitionIndex index_;
    const metadata::PartitionRow& row_;  // lives as long as the decision that it is for
    std::optional<NodeId> leader_;
    std::optional<std::vector<NodeId>> isr_;
    std::optional<std::vector<NodeId>> elr_;
    std::optional<std::vector<Uuid>> directories_;
};

// What the node led has no leader any more, or another member of the in-sync set that is alive; a
// lone member keeps its place in the set.
std::vector<metadata::Record> resign(const metadata::Image& latest, NodeId node);
// The same of what it led outside of these directories.
std::vector<metadata::Record> resign_outside(const metadata::Image& latest, NodeId node,
                                             const std::vector<Uuid>& online);
// The node leads each partition without a leader of which it holds all that is committed: it is in
// the in-sync set, or an eligible leader. With `online`, only those whose copy is in one of these
// directories, or may be put into one.
std::vector<metadata::Record> elect(const metadata::Image& latest, NodeId node,
                                    const std::optional<std::vector<Uuid>>& online);

}  // namespace barnabas::controller
