#include "engine/protocol/messages/add_offsets_to_txn.h"
#include "engine/protocol/messages/add_partitions_to_txn.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/describe_transactions.h"
#include "engine/protocol/messages/end_txn.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/list_transactions.h"
#include "engine/protocol/messages/txn_offset_commit.h"
#include "engine/protocol/messages/write_txn_markers.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries transactions() {
    return entries<InitProducerIdRequest, InitProducerIdResponse, AddPartitionsToTxnRequest,
                   AddPartitionsToTxnResponse, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse,
                   EndTxnRequest, EndTxnResponse, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
                   TxnOffsetCommitRequest, TxnOffsetCommitResponse, DescribeTransactionsRequest,
                   DescribeTransactionsResponse, ListTransactionsRequest, ListTransactionsResponse,
                   AllocateProducerIdsRequest, AllocateProducerIdsResponse>();
}

}  // namespace barnabas::protocol::registry
