// What a node holds, into a hash: two nodes with one digest have one future.
#include "engine/base/digest.h"
#include "engine/node/commit_row.h"
#include "engine/node/node.h"
#include "engine/protocol/messages/quorum_records.h"

namespace barnabas::node {

void Snapshotting::digest(Hasher& hasher) const {
    digest_all(hasher, bytes_between_, interval_, bytes_, is_interval_over_, reached_, timestamp_,
               begun_, dump_, is_refused_);
}

void Node::digest(Hasher& hasher) const {
    digest_all(hasher, broker_, metadata_log_, voter_, transaction_, snapshotting_, controller_,
               answers_, prepared_end_, is_loading_, is_prepared_, is_refused_, is_work_asked_,
               are_snapshots_armed_, is_closing_, room_wait_, tried_at_, is_room_timer_armed_);
}

}  // namespace barnabas::node
