#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/offset_for_leader_epoch.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_data_path(Rewrites& all) {
    add<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, ListOffsetsRequest,
        ListOffsetsResponse, MetadataRequest, MetadataResponse, ApiVersionsRequest,
        ApiVersionsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        DeleteRecordsRequest, DeleteRecordsResponse, DescribeProducersRequest,
        DescribeProducersResponse>(all);
}

}  // namespace barnabas::protocol::typed
