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

void Startup::digest(Hasher& hasher) const {
    digest_all(hasher, directories_, metadata_index_, cluster_id_, stage_, index_, entered_, read_,
               write_, is_removing_, is_refused_, failure_);
}

void Checkpoints::digest(Hasher& hasher) const {
    digest_all(hasher, gathering_, files_, write_, unwritten_, broken_directory_);
}

void CleanerManager::digest(Hasher& hasher) const {
    digest_all(hasher, is_enabled_, backoff_, bytes_per_second_max_, defaults_, stage_,
               directories_, cleaned_, ends_, reading_, storing_, unstored_, broken_directory_,
               read_, write_, next_slot_, best_, current_, uncleanable_, postponed_,
               is_slice_asked_, slice_at_);
}

void Replica::digest(Hasher& hasher) const {
    digest_all(hasher, name, topic_id, leader_epoch, leader, isr_size, directory, waits_to_open,
               settings, compression, log, produce_waits, fetch_waits, told_high_watermark,
               told_last_stable, slot);
}

void Replicas::digest(Hasher& hasher) const {
    digest_all(hasher, node_, default_settings_, default_config_, slots_, to_open_, under_way_,
               without_room_, closing_, news_, are_added_new_, loads_, broken_directory_,
               assignments_, by_name_);
}

void Broker::digest(Hasher& hasher) const {
    digest_all(hasher, node_, stage_, is_refused_, is_metadata_closed_, listening_, clean_up_from_,
               flush_from_, expire_from_, has_lost_directory_, is_telling_directories_,
               untold_places_, told_places_, checkpoints_, are_recovery_points_due_,
               are_log_starts_due_, cleaner_);
}

// settings are what the node was made with, and what the image says.
void Node::digest(Hasher& hasher) const {
    digest_all(hasher, id, incarnation, startup, broker_epoch, controller, image, metadata_end,
               delta, replicas, fetch_bytes_max, connections, listeners, produces, checks, fetches,
               fetch_deadlines, offsets, lookups, last_lookup, waits_for_topics, producer_ids,
               waits_for_producer_ids, jobs, is_stopping);
}

}  // namespace barnabas::broker
