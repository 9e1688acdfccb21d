#include "engine/protocol/messages/alter_share_group_offsets.h"
#include "engine/protocol/messages/delete_share_group_offsets.h"
#include "engine/protocol/messages/delete_share_group_state.h"
#include "engine/protocol/messages/describe_share_group_offsets.h"
#include "engine/protocol/messages/initialize_share_group_state.h"
#include "engine/protocol/messages/read_share_group_state.h"
#include "engine/protocol/messages/read_share_group_state_summary.h"
#include "engine/protocol/messages/share_acknowledge.h"
#include "engine/protocol/messages/share_fetch.h"
#include "engine/protocol/messages/write_share_group_state.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_share_state(Rewrites& all) {
    add<ShareFetchRequest, ShareFetchResponse, ShareAcknowledgeRequest, ShareAcknowledgeResponse,
        InitializeShareGroupStateRequest, InitializeShareGroupStateResponse,
        ReadShareGroupStateRequest, ReadShareGroupStateResponse, WriteShareGroupStateRequest,
        WriteShareGroupStateResponse, DeleteShareGroupStateRequest, DeleteShareGroupStateResponse,
        ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse,
        DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse,
        AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse,
        DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(all);
}

}  // namespace barnabas::protocol::typed
