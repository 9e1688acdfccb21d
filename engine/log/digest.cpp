// What each machine of a log holds, into a hash: two logs with one digest have one future.
#include "engine/base/digest.h"
#include "engine/log/log_parts.h"

namespace barnabas::log {

void Ids::digest(Hasher& hasher) const {
    digest_all(hasher, next_operation_, last_slot_);
}

void IndexSearch::digest(Hasher& hasher) const {
    digest_all(hasher, kind_, is_by_position_, base_, key_, begin_, end_, key_before_, key_behind_,
               page_, is_halving_, offset_entry_, time_entry_, next_offset_entry_);
}

void BatchSearch::digest(Hasher& hasher) const {
    digest_all(hasher, position_, end_, offset_, timestamp_, is_found_, is_broken_, header_);
}

void LargestTime::digest(Hasher& hasher) const {
    digest_all(hasher, base_, end_, files_, stage_, entry_, largest_, is_index_right_, is_broken_,
               index_, batch_);
}

void SegmentIndex::digest(Hasher& hasher) const {
    digest_all(hasher, base_, interval_bytes_, bytes_since_entry_, largest_, last_time_entry_,
               offsets, times);
}

void SegmentScan::digest(Hasher& hasher) const {
    digest_all(hasher, base_, next_, file_size_, trust_, position_, bytes_wanted_, is_cut_, why_,
               index_, epochs_, first_timestamp_, largest_timestamp_, has_producers_, has_gaps_);
}

void RecentBatches::digest(Hasher& hasher) const {
    digest_into(hasher, rows_);
}

void LeaderEpochs::digest(Hasher& hasher) const {
    digest_all(hasher, latest_, entries_);
}

void TransactionIndex::digest(Hasher& hasher) const {
    digest_all(hasher, written_, asked_, first_, kept_, last_forgotten_);
}

void AbortedCollector::digest(Hasher& hasher) const {
    digest_all(hasher, from_, below_, is_complete_, found_);
}

void Lookup::digest(Hasher& hasher) const {
    digest_all(hasher, id_, aim_, from_, below_, bytes_max_, is_below_close_, timestamp_, stage_,
               segment_, sought_, largest_, wrong_index_, index_, batch_, range_position_,
               range_length_, first_batch_bytes_, is_index_doubted_, batch_bytes_, is_work_heavy_,
               found_);
}

void OffsetMap::digest(Hasher& hasher) const {
    digest_all(hasher, pieces_, entries_each_, keys_max_, size_);
}

void AbortedTransactions::digest(Hasher& hasher) const {
    digest_all(hasher, by_end_);
}

void CleaningFilter::digest(Hasher& hasher) const {
    digest_all(hasher, rules_, aborted_, running_, seen_aborted_, unpacked_, records_read_,
               records_kept_);
}

void Cleaner::digest(Hasher& hasher) const {
    digest_all(hasher, plan_, reading_slot_, writing_slot_, stage_, trouble_, status_, failure_,
               under_way_, is_waiting_, moved_, aborted_, map_, is_map_full_, filter_, at_,
               is_source_open_, position_, bytes_wanted_, unpacked_, next_, sources_end_,
               group_begin_, group_end_, is_group_open_, has_open_transactions_file_, written_,
               flushed_, index_, group_aborted_, cleaned_, bytes_before_, bytes_after_, away_);
}

void Cleaning::digest(Hasher& hasher) const { digest_all(hasher, cleaner, swap); }

void SegmentSwap::digest(Hasher& hasher) const {
    digest_all(hasher, directory_, fresh_, old_, stage_, under_way_, is_commit_due_, is_refused_,
               status_);
}

void SwapRecovery::digest(Hasher& hasher) const {
    digest_all(hasher, subject_, directory_, stage_, swaps_, segments_, removed_, begin_, end_,
               at_, scanned_, scan_, under_way_, asked_, failure_, status_);
}

void ProducerLoader::digest(Hasher& hasher) const {
    digest_all(hasher, plan_, token_, stage_, failure_, status_, snapshot_file_, file_,
               has_snapshots_, limit_, candidates_, strays_, states_, transactions_, replay_from_,
               at_, position_, bytes_wanted_, bytes_asked_, aborted_, has_changed_names_);
}

void Loader::digest(Hasher& hasher) const {
    digest_all(hasher, plan_, is_trusted_stop_, check_from_, was_compacted_, hole_before_, stage_,
               failure_, is_medium_broken_, is_out_of_room_, slot_before_, loaded_, under_way_,
               swap_, text_, has_id_file_, has_epochs_file_, left_overs_, unindexed_, at_,
               remove_from_, log_bytes_, offset_bytes_, time_bytes_, last_offset_, last_time_,
               scan_, is_scanned_wholly_, is_looking_at_ends_, producers_plan_, producers_);
}

void Room::digest(Hasher& hasher) const { digest_all(hasher, is_full_, is_probing_, probe_at_); }

void Tail::digest(Hasher& hasher) const {
    digest_all(hasher, writes_, recent_, index_, roll_jitter_ms_, creating_, cut_);
}

void Sealer::digest(Hasher& hasher) const {
    digest_all(hasher, segments_, operations_, flushes_, are_active_indexes_flushed_);
}

void Flusher::digest(Hasher& hasher) const {
    digest_all(hasher, end_, wanted_, asked_at_, acknowledged_before_, flushes_,
               directory_flushes_);
}

void TextFiles::digest(Hasher& hasher) const {
    digest_all(hasher, epochs_, are_epochs_stored_, is_metadata_stored_, epochs_file_,
               metadata_file_);
}

void ProducerFiles::digest(Hasher& hasher) const { digest_all(hasher, box_, newest_snapshot_); }

void AbortedLookups::digest(Hasher& hasher) const { digest_all(hasher, under_way_); }

void Lookups::digest(Hasher& hasher) const {
    digest_all(hasher, under_way_, found_, is_learning_timestamps_);
}

void Retention::digest(Hasher& hasher) const { digest_all(hasher, deleted_, deleting_, below_); }

void Compaction::digest(Hasher& hasher) const {
    digest_all(hasher, cleaning_, result_, reading_heads_);
}

void Opening::digest(Hasher& hasher) const { digest_all(hasher, loader_); }

void Closing::digest(Hasher& hasher) const { digest_all(hasher, is_flushed_); }

void EntryCount::digest(Hasher& hasher) const {
    digest_all(hasher, kind_, base_, below_, begin_, end_);
}

void Cutting::digest(Hasher& hasher) const { digest_all(hasher, box_); }

void LogParts::digest(Hasher& hasher) const {
    digest_all(hasher, ids, config, state, is_medium_broken, segments, start, end, written_end,
               room, flusher, tail, texts, producers, sealer, lookups, partition, topic_id,
               directory, failure, opening, aborted, retention, compaction, closing, cutting);
}

}  // namespace barnabas::log
