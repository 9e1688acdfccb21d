#include "engine/protocol/messages/add_offsets_to_txn.h"
#include "engine/protocol/messages/add_partitions_to_txn.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/describe_transactions.h"
#include "engine/protocol/messages/end_txn.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/list_transactions.h"
#include "engine/protocol/messages/txn_offset_commit.h"
#include "engine/protocol/messages/write_txn_markers.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_transactions(Rewrites& all) {
    add<InitProducerIdRequest, InitProducerIdResponse, AddPartitionsToTxnRequest,
        AddPartitionsToTxnResponse, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, EndTxnRequest,
        EndTxnResponse, WriteTxnMarkersRequest, WriteTxnMarkersResponse, TxnOffsetCommitRequest,
        TxnOffsetCommitResponse, DescribeTransactionsRequest, DescribeTransactionsResponse,
        ListTransactionsRequest, ListTransactionsResponse, AllocateProducerIdsRequest,
        AllocateProducerIdsResponse>(all);
}

}  // namespace barnabas::protocol::typed
