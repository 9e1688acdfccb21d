// `quorum-state`: what a voter must not forget. JSON, as Kafka writes it.
#pragma once

#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/protocol/types.h"

namespace barnabas::quorum {

struct QuorumState {
    NodeId leader = no_node;
    LeaderEpoch epoch{0};
    NodeId voted = no_node;  // for whom, while nobody leads the epoch
    std::vector<NodeId> voters;  // of a static quorum: only the form 0 has them
    // The log directory of the voter that was voted for: only the form 1 has it.
    Uuid voted_directory;
    int version = 0;  // of the form; 1 where the voters stand in the log

    friend bool operator==(const QuorumState&, const QuorumState&) = default;
};

Bytes print(const QuorumState& state);
// The error says what is wrong with the text.
Result<QuorumState, std::string> parse_quorum_state(std::string_view text);

}  // namespace barnabas::quorum
