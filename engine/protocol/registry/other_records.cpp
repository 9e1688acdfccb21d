#include "engine/protocol/messages/headers.h"
#include "engine/protocol/messages/payloads.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/protocol/messages/storage_records.h"
#include "engine/protocol/messages/transaction_records.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries other_records() {
    return entries<RequestHeader, ResponseHeader, ConsumerProtocolSubscription,
                   ConsumerProtocolAssignment, DefaultPrincipalData, LeaderChangeMessage,
                   SnapshotHeaderRecord, SnapshotFooterRecord, KRaftVersionRecord, VotersRecord,
                   ControlRecordTypeSchema, QuorumStateData, ProducerSnapshot,
                   RemoteLogSegmentMetadataRecord, RemoteLogSegmentMetadataUpdateRecord,
                   RemotePartitionDeleteMetadataRecord, RemoteLogSegmentMetadataSnapshotRecord,
                   TransactionLogKey, TransactionLogValue, EndTxnMarker>();
}

}  // namespace barnabas::protocol::registry
