// Ids for producers: each broker gets them in blocks, so that no two producers have one.
#pragma once

#include <cstdint>

#include "engine/controller/decision.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/allocate_producer_ids.h"

namespace barnabas::controller {

constexpr std::int32_t producer_id_block = 1000;

// The next block, for that broker alone.
Decision<protocol::AllocateProducerIdsResponse> decide_producer_ids(const metadata::Image& latest,
                                                                    NodeId broker,
                                                                    BrokerEpoch epoch);

}  // namespace barnabas::controller
