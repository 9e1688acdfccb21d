#include "engine/controller/partition_change.h"

#include <algorithm>

#include "engine/metadata/directory_id.h"

namespace barnabas::controller {

using metadata::Image;
using metadata::PartitionRow;
using metadata::Record;

namespace {

bool has(const std::vector<NodeId>& nodes, NodeId node) {
    return std::ranges::find(nodes, node) != nodes.end();
}

// Whether the node's copy is in one of these directories, or may be put into one.
bool is_in(const PartitionRow& row, NodeId node, const std::vector<Uuid>& directories) {
    for (std::size_t i = 0; i < row.replicas.size() && i < row.directories.size(); ++i) {
        if (row.replicas[i] != node) continue;
        return metadata::is_online(row.directories[i], directories);
    }
    return true;
}

bool is_alive(const Image& latest, NodeId node) {
    const auto found = latest.brokers().find(node);
    return found != latest.brokers().end() && !found->second.is_fenced;
}

std::optional<Record> resign(const Image& latest, NodeId node, const metadata::Topic& topic,
                             PartitionIndex index, const PartitionRow& row) {
    PartitionChange change(topic.id, index, row);
    const auto heir = std::ranges::find_if(
        row.isr, [&](NodeId other) { return other != node && is_alive(latest, other); });
    change.set_leader(heir == row.isr.end() ? no_node : *heir);
    if (heir != row.isr.end()) {
        std::vector<NodeId> isr = row.isr;
        std::erase(isr, node);
        change.set_isr(std::move(isr));
    }
    return change.record();
}

template <class Change>
std::vector<Record> change_each(const Image& latest, Change change) {
    std::vector<Record> records;
    for (const auto& [name, topic] : latest.topics()) {
        for (const auto& [index, row] : topic->partitions) {
            if (auto record = change(*topic, index, row)) records.push_back(*std::move(record));
        }
    }
    return records;
}

}  // namespace

void PartitionChange::set_directory(NodeId node, const Uuid& directory) {
    if (!directories_) {
        directories_ = row_.directories;
        directories_->resize(row_.replicas.size());
    }
    const auto found = std::ranges::find(row_.replicas, node);
    CHECK(found != row_.replicas.end());
    (*directories_)[static_cast<std::size_t>(found - row_.replicas.begin())] = directory;
}

std::optional<Record> PartitionChange::record() const {
    protocol::PartitionChangeRecord record;
    record.partition_id = index_.value();
    record.topic_id = topic_;
    if (leader_) record.leader = leader_->value();
    if (isr_ && *isr_ != row_.isr) record.isr = metadata::numbers(*isr_);
    if (elr_ && *elr_ != row_.elr) record.eligible_leader_replicas = metadata::numbers(*elr_);
    if (directories_ && *directories_ != row_.directories) record.directories = directories_;
    const bool is_empty = !leader_ && !record.isr && !record.eligible_leader_replicas &&
                          !record.directories;
    if (is_empty) return std::nullopt;
    return record;
}

std::vector<Record> resign(const Image& latest, NodeId node) {
    return change_each(latest, [&](const auto& topic, PartitionIndex index, const auto& row) {
        return row.leader == node ? resign(latest, node, topic, index, row) : std::nullopt;
    });
}

std::vector<Record> resign_outside(const Image& latest, NodeId node,
                                   const std::vector<Uuid>& online) {
    return change_each(latest, [&](const auto& topic, PartitionIndex index, const auto& row) {
        const bool is_due = row.leader == node && !is_in(row, node, online);
        return is_due ? resign(latest, node, topic, index, row) : std::nullopt;
    });
}

std::vector<Record> elect(const Image& latest, NodeId node,
                          const std::optional<std::vector<Uuid>>& online) {
    return change_each(latest, [&](const auto& topic, PartitionIndex index,
                                   const auto& row) -> std::optional<Record> {
        if (row.leader != no_node || (!has(row.isr, node) && !has(row.elr, node)))
            return std::nullopt;
        if (online && !is_in(row, node, *online)) return std::nullopt;
        PartitionChange change(topic.id, index, row);
        change.set_leader(node);
        if (!has(row.isr, node)) {
            std::vector<NodeId> others = row.elr;
            std::erase(others, node);
            change.set_isr({node});
            change.set_elr(std::move(others));
        }
        return change.record();
    });
}

}  // namespace barnabas::controller
