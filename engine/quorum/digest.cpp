// What the quorum holds, into a hash.
#include "engine/base/digest.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/quorum/quorum.h"

namespace barnabas::quorum {

void SnapshotScan::digest(Hasher& hasher) const {
    digest_all(hasher, file_size_, position_, bytes_wanted_, why_, constitution_, batches_);
}

void SnapshotLoader::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, directory_, stage_, left_overs_, rows_, to_try_, chosen_,
               complaint_, failure_, status_, is_open_, scan_);
}

void SnapshotWriter::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, directory_, plan_, stage_, status_, position_, next_,
               waiting_);
}

void Quorum::digest(Hasher& hasher) const {
    digest_all(hasher, node_, directory_, names_, log_, role_, epoch_, snapshot_, snapshots_,
               writer_, retention_, constitution_, has_records_, was_clean_stop_, begins_anew_,
               bootstrap_, file_read_, state_write_, replayed_, is_replaying_, appended_,
               committed_, lost_from_, failure_, refused_);
}

}  // namespace barnabas::quorum
