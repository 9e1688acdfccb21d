#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/offset_for_leader_epoch.h"
#include "engine/protocol/messages/produce.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries data_path() {
    return entries<ProduceRequest, ProduceResponse, FetchRequest, FetchResponse, ListOffsetsRequest,
                   ListOffsetsResponse, MetadataRequest, MetadataResponse, ApiVersionsRequest,
                   ApiVersionsResponse, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
                   DeleteRecordsRequest, DeleteRecordsResponse, DescribeProducersRequest,
                   DescribeProducersResponse>();
}

}  // namespace barnabas::protocol::registry
