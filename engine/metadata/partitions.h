// The partitions of one topic: flat rows of 36 bytes in chunks that copies of the image share.
//
// A row names its replicas, and who of them is in sync, by their places in it, and their
// directories by their places in a table that all topics share. What has no room in a flat row,
// more than three replicas or one that is on its way, stands beside it as it is. Readers see
// neither: they get a PartitionRow, made for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/hash.h"
#include "engine/base/persistent_map.h"
#include "engine/base/uuid.h"
#include "engine/protocol/types.h"

namespace barnabas::metadata {

struct PartitionRow {
    NodeId leader = no_node;
    LeaderEpoch leader_epoch{0};
    PartitionEpoch partition_epoch{0};
    std::vector<NodeId> replicas;
    std::vector<NodeId> isr;
    std::vector<NodeId> elr;        // not in the ISR, yet holding all that is committed (KIP-966)
    std::vector<Uuid> directories;  // of the replicas, in their order
    std::int8_t recovery_state = 0;  // 1: its leader was elected unclean and recovers
    // What few partitions have at any time.
    std::vector<NodeId> removing;  // replicas on their way out
    std::vector<NodeId> adding;    // and in
    std::vector<NodeId> last_known_elr;
    friend bool operator==(const PartitionRow&, const PartitionRow&) = default;
};

// The directories that any replica is in, each once: a place in it stays what it is.
class DirectoryTable {
  public:
    using Place = std::uint16_t;

    const Uuid& at(Place place) const { return (*ids_)[place]; }
    // Nothing when the table is full.
    std::optional<Place> place(const Uuid& id);

  private:
    Cow<std::vector<Uuid>> ids_;
    PersistentMap<Uuid, Place> places_;
};

class Partitions {
  public:
    // Its rows in order, each as a PartitionRow that lives until the iterator moves.
    class const_iterator;
    const_iterator begin() const;
    const_iterator end() const;
    const_iterator lower_bound(PartitionIndex index) const;
    const_iterator upper_bound(PartitionIndex index) const;

    std::size_t size() const { return rows_.size(); }
    // Nothing when there is no such partition.
    std::optional<PartitionRow> find(PartitionIndex index) const;
    void set(PartitionIndex index, PartitionRow row, DirectoryTable& directories);

    friend bool operator==(const Partitions& a, const Partitions& b);

  private:
    static constexpr std::size_t flat_replicas = 3;
    static constexpr std::uint8_t is_wide = 255;
    static constexpr std::int8_t no_place = -1;
    struct Flat {
        std::array<std::int32_t, flat_replicas> replicas{};
        std::int32_t leader_epoch = 0;
        std::int32_t partition_epoch = 0;
        std::array<DirectoryTable::Place, flat_replicas> directories{};
        std::uint8_t replicas_count = 0;    // or is_wide
        std::uint8_t directories_count = 0;
        std::int8_t leader = no_place;
        std::int8_t recovery_state = 0;
        std::uint8_t isr = 0;  // a bit a replica
        std::uint8_t elr = 0;
    };
    static_assert(sizeof(std::pair<PartitionIndex, Flat>) <= 40);
    using Rows = PersistentMap<PartitionIndex, Flat>;

    static std::optional<Flat> flattened(const PartitionRow& row, DirectoryTable& directories);
    PartitionRow widened(PartitionIndex index, const Flat& flat) const;

    Rows rows_;
    PersistentMap<PartitionIndex, PartitionRow> wide_;
    DirectoryTable directories_;  // as it was when the last row came: a place stays what it is
};

class Partitions::const_iterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::pair<PartitionIndex, PartitionRow>;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator(const Partitions& of, Rows::const_iterator at);
    reference operator*() const { return row_; }
    pointer operator->() const { return &row_; }
    const_iterator& operator++();
    friend bool operator==(const const_iterator& a, const const_iterator& b) {
        return a.at_ == b.at_;
    }

  private:
    void make_row();

    const Partitions* of_;
    Rows::const_iterator at_;
    value_type row_;
};

}  // namespace barnabas::metadata
