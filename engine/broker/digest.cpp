// What a broker holds, into a hash: two nodes with one digest have one future.
#include "engine/base/digest.h"
#include "engine/broker/broker.h"

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

void Snapshotting::digest(Hasher& hasher) const {
    digest_all(hasher, bytes_between_, interval_, bytes_, is_interval_over_, reached_, timestamp_,
               begun_, dump_, is_refused_);
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
    digest_all(hasher, node_, stage_, listening_, clean_up_from_, flush_from_, expire_from_,
               untold_, telling_, checkpoints_, room_wait_, tried_at_, is_room_timer_armed_,
               is_enrolling_refused_, are_recovery_points_due_, are_log_starts_due_, cleaner_);
}

// settings are what the node was made with: nothing changes them.
void Node::digest(Hasher& hasher) const {
    digest_all(hasher, id, incarnation, startup, quorum, controller.latest(), image,
               metadata_transaction, snapshotting, touched, replicas, fetch_bytes_max, connections,
               listeners, produces, checks, fetches, fetch_deadlines, offsets, lookups, last_lookup,
               waits_for_topics, waits_for_commit, producer_ids, waits_for_producer_ids, jobs,
               is_stopping);
}

}  // namespace barnabas::broker
