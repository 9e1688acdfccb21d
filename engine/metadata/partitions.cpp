#include "engine/metadata/partitions.h"

#include <algorithm>

namespace barnabas::metadata {
namespace {

// A bit for each of the nodes by its place among the replicas: they are a set. Nothing when one is
// no replica.
std::optional<std::uint8_t> mask_of(const std::vector<NodeId>& nodes,
                                    const std::vector<NodeId>& replicas) {
    std::uint8_t mask = 0;
    for (const NodeId node : nodes) {
        const auto found = std::ranges::find(replicas, node);
        if (found == replicas.end()) return std::nullopt;
        mask = static_cast<std::uint8_t>(mask | 1u << (found - replicas.begin()));
    }
    return mask;
}

}  // namespace

std::optional<DirectoryTable::Place> DirectoryTable::place(const Uuid& id) {
    if (const auto known = places_.find(id); known != places_.end()) return known->second;
    if (ids_->size() > UINT16_MAX) return std::nullopt;
    const auto place = static_cast<Place>(ids_->size());
    ids_.edit().push_back(id);
    places_.insert_or_assign(id, place);
    return place;
}

std::optional<Partitions::Flat> Partitions::flattened(const PartitionRow& row,
                                                      DirectoryTable& directories) {
    const bool has_room = row.replicas.size() <= flat_replicas &&
                          row.directories.size() <= flat_replicas && row.removing.empty() &&
                          row.adding.empty() && row.last_known_elr.empty();
    const auto isr = mask_of(row.isr, row.replicas);
    const auto elr = mask_of(row.elr, row.replicas);
    const auto leader = std::ranges::find(row.replicas, row.leader);
    const bool has_leader = row.leader != no_node;
    if (!has_room || !isr || !elr || (has_leader && leader == row.replicas.end()))
        return std::nullopt;
    Flat flat;
    for (std::size_t i = 0; i < row.replicas.size(); ++i)
        flat.replicas[i] = row.replicas[i].value();
    for (std::size_t i = 0; i < row.directories.size(); ++i) {
        const auto place = directories.place(row.directories[i]);
        if (!place) return std::nullopt;
        flat.directories[i] = *place;
    }
    flat.replicas_count = static_cast<std::uint8_t>(row.replicas.size());
    flat.directories_count = static_cast<std::uint8_t>(row.directories.size());
    if (has_leader) flat.leader = static_cast<std::int8_t>(leader - row.replicas.begin());
    flat.leader_epoch = row.leader_epoch.value();
    flat.partition_epoch = row.partition_epoch.value();
    flat.recovery_state = row.recovery_state;
    flat.isr = *isr;
    flat.elr = *elr;
    return flat;
}

PartitionRow Partitions::widened(PartitionIndex index, const Flat& flat) const {
    if (flat.replicas_count == is_wide) return wide_.at(index);
    PartitionRow row;
    row.leader_epoch = LeaderEpoch(flat.leader_epoch);
    row.partition_epoch = PartitionEpoch(flat.partition_epoch);
    row.recovery_state = flat.recovery_state;
    row.replicas.reserve(flat.replicas_count);
    row.isr.reserve(flat.replicas_count);
    for (std::size_t i = 0; i < flat.replicas_count; ++i) {
        const NodeId node(flat.replicas[i]);
        row.replicas.push_back(node);
        if (flat.isr >> i & 1u) row.isr.push_back(node);
        if (flat.elr >> i & 1u) row.elr.push_back(node);
        if (flat.leader == static_cast<int>(i)) row.leader = node;
    }
    row.directories.reserve(flat.directories_count);
    for (std::size_t i = 0; i < flat.directories_count; ++i)
        row.directories.push_back(directories_.at(flat.directories[i]));
    return row;
}

std::optional<PartitionRow> Partitions::find(PartitionIndex index) const {
    const auto found = rows_.find(index);
    if (found == rows_.end()) return std::nullopt;
    return widened(index, found->second);
}

void Partitions::set(PartitionIndex index, PartitionRow row, DirectoryTable& directories) {
    wide_.erase(index);
    if (auto flat = flattened(row, directories)) {
        directories_ = directories;
        rows_.insert_or_assign(index, *flat);
        return;
    }
    Flat flat;
    flat.replicas_count = is_wide;
    rows_.insert_or_assign(index, flat);
    wide_.insert_or_assign(index, std::move(row));
}

Partitions::const_iterator Partitions::begin() const { return {*this, rows_.begin()}; }
Partitions::const_iterator Partitions::end() const { return {*this, rows_.end()}; }

Partitions::const_iterator Partitions::lower_bound(PartitionIndex index) const {
    return {*this, rows_.lower_bound(index)};
}

Partitions::const_iterator Partitions::upper_bound(PartitionIndex index) const {
    return {*this, rows_.upper_bound(index)};
}

bool operator==(const Partitions& a, const Partitions& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

Partitions::const_iterator::const_iterator(const Partitions& of, Rows::const_iterator at)
    : of_(&of), at_(at) {
    make_row();
}

Partitions::const_iterator& Partitions::const_iterator::operator++() {
    ++at_;
    make_row();
    return *this;
}

void Partitions::const_iterator::make_row() {
    if (at_ == of_->rows_.end()) return;
    row_ = {at_->first, of_->widened(at_->first, at_->second)};
}

}  // namespace barnabas::metadata
