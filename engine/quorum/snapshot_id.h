// A snapshot of the metadata log by its name: `OFFSET-EPOCH.checkpoint` holds what all records
// below that offset made, the last of them of that leader epoch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/protocol/types.h"

namespace barnabas::quorum {

struct SnapshotId {
    Offset end;
    LeaderEpoch epoch;
    friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;
};

// "00000000000000000140-0000000002.checkpoint"
std::string file_name(const SnapshotId& id);
// While it is written: the same with ".part" behind it.
std::string part_name(const SnapshotId& id);

struct SnapshotName {
    enum class What : std::uint8_t { whole, part };
    What what = What::whole;
    SnapshotId id;
};
// Apache Kafka writes more between the epoch and ".checkpoint.part": that is read too.
std::optional<SnapshotName> snapshot_name(std::string_view name);

}  // namespace barnabas::quorum
