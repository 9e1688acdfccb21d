// New topics: what is asked for is checked, planned, and told as records.
#pragma once

#include <cstdint>

#include "engine/base/random.h"
#include "engine/controller/decision.h"
#include "engine/metadata/image.h"
#include "engine/protocol/messages/create_topics.h"

namespace barnabas::controller {

constexpr std::int64_t partitions_max = 10'000;  // made by one request, as in Kafka

// What a topic gets that does not say it itself.
struct TopicDefaults {
    std::int32_t partitions = 1;          // num.partitions
    std::int16_t replication_factor = 1;  // default.replication.factor
};

// Topic by topic, as Kafka: a bad one is refused in the response and does not touch the others.
// More partitions than partitions_max are refused as a whole, together with those that the client
// asks for elsewhere in the same request.
Decision<protocol::CreateTopicsResponse> decide_create_topics(
    const metadata::Image& latest, const TopicDefaults& defaults,
    const protocol::CreateTopicsRequest& request, Random& placement, Random& identity,
    std::int64_t partitions_elsewhere = 0);

// How many partitions it asks for, before anything is planned: a request of a few bytes may ask for
// any number.
std::int64_t partitions_of(const protocol::CreateTopicsRequest::CreatableTopic& wanted,
                           const TopicDefaults& defaults);

}  // namespace barnabas::controller
