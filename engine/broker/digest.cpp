// What a broker holds, into a hash: two nodes with one digest have one future.
#include "engine/base/digest.h"
#include "engine/broker/broker.h"
#include "engine/broker/ask.h"

namespace barnabas::protocol {

// A payload that stands elsewhere is told by where.
void digest_aside(Hasher& hasher, const Records& records) {
    hasher.add(static_cast<std::uint64_t>(records.size()));
    if (const External* external = records.external()) return digest_into(hasher, external->tag);
    hasher.add(records.bytes().view());
}

}  // namespace barnabas::protocol

namespace barnabas::broker {

void FetchGather::digest(Hasher& hasher) const {
    digest_all(hasher, request, steps, stage, at, number, watched, is_watching, has_news, response,
               ranges, bytes, passed_over, passing, has_error);
}

void Broker::digest(Hasher& hasher) const {
    digest_all(hasher, node_, stage_, is_refused_, is_metadata_closed_, listening_,
               has_lost_directory_, is_telling_directories_,
               untold_places_, told_places_, checkpoints_, are_recovery_points_due_,
               are_log_starts_due_, cleaner_);
}

// settings are what the node was made with, and what the image says.
void Node::digest(Hasher& hasher) const {
    digest_all(hasher, id, incarnation, startup, broker_epoch, controller, image, metadata_end,
               delta, partitions, logs, placement, fetch_bytes_max, connections,
               listeners, gathers, fetch_deadlines, waits_for_topics, producer_ids,
               waits_for_producer_ids, jobs, is_stopping);
}

}  // namespace barnabas::broker
