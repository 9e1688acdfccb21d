#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/assign_replicas_to_dirs.h"
#include "engine/protocol/messages/begin_quorum_epoch.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/controller_registration.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/end_quorum_epoch.h"
#include "engine/protocol/messages/fetch_snapshot.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/protocol/messages/vote.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries quorum_and_brokers() {
    return entries<VoteRequest, VoteResponse, BeginQuorumEpochRequest, BeginQuorumEpochResponse,
                   EndQuorumEpochRequest, EndQuorumEpochResponse, DescribeQuorumRequest,
                   DescribeQuorumResponse, FetchSnapshotRequest, FetchSnapshotResponse,
                   AddRaftVoterRequest, AddRaftVoterResponse, RemoveRaftVoterRequest,
                   RemoveRaftVoterResponse, UpdateRaftVoterRequest, UpdateRaftVoterResponse,
                   ControllerRegistrationRequest, ControllerRegistrationResponse,
                   BrokerRegistrationRequest, BrokerRegistrationResponse, BrokerHeartbeatRequest,
                   BrokerHeartbeatResponse, UnregisterBrokerRequest, UnregisterBrokerResponse,
                   AlterPartitionRequest, AlterPartitionResponse, AssignReplicasToDirsRequest,
                   AssignReplicasToDirsResponse>();
}

}  // namespace barnabas::protocol::registry
