// What the room holds, into a hash.
#include "engine/base/digest.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/quorum/lone_voter.h"

namespace barnabas::quorum {

void SnapshotScan::digest(Hasher& hasher) const {
    digest_all(hasher, file_size_, position_, bytes_wanted_, why_, control_, batches_);
}

void SnapshotLoader::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, directory_, stage_, left_overs_, rows_, to_try_, chosen_,
               complaint_, failure_, status_, is_open_, scan_);
}

void SnapshotWriter::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, directory_, plan_, stage_, status_, position_, next_,
               waiting_);
}

void MetadataLog::digest(Hasher& hasher) const {
    digest_all(hasher, directory_, first_token_, log_, retention_, stage_, loader_, snapshots_,
               writer_, control_, state_, storing_, has_records_, was_clean_stop_, begins_anew_,
               bootstrap_, file_read_, state_write_, look_at_, given_end_, loaded_end_, is_reading_,
               high_watermark_, appended_, committed_, lost_from_, failure_, refused_);
}

void LoneVoter::digest(Hasher& hasher) const {
    digest_all(hasher, node_, directory_, stage_, epoch_, epoch_start_, is_refused_);
}

}  // namespace barnabas::quorum
