#include "engine/protocol/messages/headers.h"
#include "engine/protocol/messages/payloads.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/protocol/messages/storage_records.h"
#include "engine/protocol/messages/transaction_records.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_other_records(Rewrites& all) {
    add<RequestHeader, ResponseHeader, ConsumerProtocolSubscription, ConsumerProtocolAssignment,
        DefaultPrincipalData, LeaderChangeMessage, SnapshotHeaderRecord, SnapshotFooterRecord,
        KRaftVersionRecord, VotersRecord, ControlRecordTypeSchema, QuorumStateData,
        ProducerSnapshot, RemoteLogSegmentMetadataRecord, RemoteLogSegmentMetadataUpdateRecord,
        RemotePartitionDeleteMetadataRecord, RemoteLogSegmentMetadataSnapshotRecord,
        TransactionLogKey, TransactionLogValue, EndTxnMarker>(all);
}

}  // namespace barnabas::protocol::typed
