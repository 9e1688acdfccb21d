#include "engine/protocol/apis.h"

#include "engine/protocol/messages/add_offsets_to_txn.h"
#include "engine/protocol/messages/add_partitions_to_txn.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/alter_client_quotas.h"
#include "engine/protocol/messages/alter_configs.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/alter_replica_log_dirs.h"
#include "engine/protocol/messages/alter_share_group_offsets.h"
#include "engine/protocol/messages/alter_user_scram_credentials.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/assign_replicas_to_dirs.h"
#include "engine/protocol/messages/begin_quorum_epoch.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/consumer_group_describe.h"
#include "engine/protocol/messages/consumer_group_heartbeat.h"
#include "engine/protocol/messages/controller_registration.h"
#include "engine/protocol/messages/create_acls.h"
#include "engine/protocol/messages/create_delegation_token.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_acls.h"
#include "engine/protocol/messages/delete_groups.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/delete_share_group_offsets.h"
#include "engine/protocol/messages/delete_share_group_state.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_acls.h"
#include "engine/protocol/messages/describe_client_quotas.h"
#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_delegation_token.h"
#include "engine/protocol/messages/describe_groups.h"
#include "engine/protocol/messages/describe_log_dirs.h"
#include "engine/protocol/messages/describe_producers.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/describe_share_group_offsets.h"
#include "engine/protocol/messages/describe_topic_partitions.h"
#include "engine/protocol/messages/describe_transactions.h"
#include "engine/protocol/messages/describe_user_scram_credentials.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/end_quorum_epoch.h"
#include "engine/protocol/messages/end_txn.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/expire_delegation_token.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/fetch_snapshot.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/get_telemetry_subscriptions.h"
#include "engine/protocol/messages/heartbeat.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/initialize_share_group_state.h"
#include "engine/protocol/messages/join_group.h"
#include "engine/protocol/messages/leave_group.h"
#include "engine/protocol/messages/list_config_resources.h"
#include "engine/protocol/messages/list_groups.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/messages/list_transactions.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_delete.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/offset_for_leader_epoch.h"
#include "engine/protocol/messages/produce.h"
#include "engine/protocol/messages/push_telemetry.h"
#include "engine/protocol/messages/read_share_group_state.h"
#include "engine/protocol/messages/read_share_group_state_summary.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/renew_delegation_token.h"
#include "engine/protocol/messages/sasl_authenticate.h"
#include "engine/protocol/messages/sasl_handshake.h"
#include "engine/protocol/messages/share_acknowledge.h"
#include "engine/protocol/messages/share_fetch.h"
#include "engine/protocol/messages/share_group_describe.h"
#include "engine/protocol/messages/share_group_heartbeat.h"
#include "engine/protocol/messages/streams_group_describe.h"
#include "engine/protocol/messages/streams_group_heartbeat.h"
#include "engine/protocol/messages/sync_group.h"
#include "engine/protocol/messages/txn_offset_commit.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_features.h"
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/protocol/messages/vote.h"
#include "engine/protocol/messages/write_share_group_state.h"
#include "engine/protocol/messages/write_txn_markers.h"

namespace barnabas::protocol {

namespace {

template <class Request>
constexpr ApiRow row() {
    std::string_view name = name_of_type<Request>();
    name.remove_suffix(std::string_view("Request").size());
    return {Request::api, name};
}

// From the days of ZooKeeper; removed in Kafka 4.0.
constexpr ApiRow removed(ApiKey key, std::string_view name) {
    return {Api{.key = key, .valid = {}, .is_cluster_action = true}, name};
}

constexpr ApiRow api_rows[] = {
    row<ProduceRequest>(),
    row<FetchRequest>(),
    row<ListOffsetsRequest>(),
    row<MetadataRequest>(),
    removed(ApiKey::leader_and_isr, "LeaderAndIsr"),
    removed(ApiKey::stop_replica, "StopReplica"),
    removed(ApiKey::update_metadata, "UpdateMetadata"),
    removed(ApiKey::controlled_shutdown, "ControlledShutdown"),
    row<OffsetCommitRequest>(),
    row<OffsetFetchRequest>(),
    row<FindCoordinatorRequest>(),
    row<JoinGroupRequest>(),
    row<HeartbeatRequest>(),
    row<LeaveGroupRequest>(),
    row<SyncGroupRequest>(),
    row<DescribeGroupsRequest>(),
    row<ListGroupsRequest>(),
    row<SaslHandshakeRequest>(),
    row<ApiVersionsRequest>(),
    row<CreateTopicsRequest>(),
    row<DeleteTopicsRequest>(),
    row<DeleteRecordsRequest>(),
    row<InitProducerIdRequest>(),
    row<OffsetForLeaderEpochRequest>(),
    row<AddPartitionsToTxnRequest>(),
    row<AddOffsetsToTxnRequest>(),
    row<EndTxnRequest>(),
    row<WriteTxnMarkersRequest>(),
    row<TxnOffsetCommitRequest>(),
    row<DescribeAclsRequest>(),
    row<CreateAclsRequest>(),
    row<DeleteAclsRequest>(),
    row<DescribeConfigsRequest>(),
    row<AlterConfigsRequest>(),
    row<AlterReplicaLogDirsRequest>(),
    row<DescribeLogDirsRequest>(),
    row<SaslAuthenticateRequest>(),
    row<CreatePartitionsRequest>(),
    row<CreateDelegationTokenRequest>(),
    row<RenewDelegationTokenRequest>(),
    row<ExpireDelegationTokenRequest>(),
    row<DescribeDelegationTokenRequest>(),
    row<DeleteGroupsRequest>(),
    row<ElectLeadersRequest>(),
    row<IncrementalAlterConfigsRequest>(),
    row<AlterPartitionReassignmentsRequest>(),
    row<ListPartitionReassignmentsRequest>(),
    row<OffsetDeleteRequest>(),
    row<DescribeClientQuotasRequest>(),
    row<AlterClientQuotasRequest>(),
    row<DescribeUserScramCredentialsRequest>(),
    row<AlterUserScramCredentialsRequest>(),
    row<VoteRequest>(),
    row<BeginQuorumEpochRequest>(),
    row<EndQuorumEpochRequest>(),
    row<DescribeQuorumRequest>(),
    row<AlterPartitionRequest>(),
    row<UpdateFeaturesRequest>(),
    row<EnvelopeRequest>(),
    row<FetchSnapshotRequest>(),
    row<DescribeClusterRequest>(),
    row<DescribeProducersRequest>(),
    row<BrokerRegistrationRequest>(),
    row<BrokerHeartbeatRequest>(),
    row<UnregisterBrokerRequest>(),
    row<DescribeTransactionsRequest>(),
    row<ListTransactionsRequest>(),
    row<AllocateProducerIdsRequest>(),
    row<ConsumerGroupHeartbeatRequest>(),
    row<ConsumerGroupDescribeRequest>(),
    row<ControllerRegistrationRequest>(),
    row<GetTelemetrySubscriptionsRequest>(),
    row<PushTelemetryRequest>(),
    row<AssignReplicasToDirsRequest>(),
    row<ListConfigResourcesRequest>(),
    row<DescribeTopicPartitionsRequest>(),
    row<ShareGroupHeartbeatRequest>(),
    row<ShareGroupDescribeRequest>(),
    row<ShareFetchRequest>(),
    row<ShareAcknowledgeRequest>(),
    row<AddRaftVoterRequest>(),
    row<RemoveRaftVoterRequest>(),
    row<UpdateRaftVoterRequest>(),
    row<InitializeShareGroupStateRequest>(),
    row<ReadShareGroupStateRequest>(),
    row<WriteShareGroupStateRequest>(),
    row<DeleteShareGroupStateRequest>(),
    row<ReadShareGroupStateSummaryRequest>(),
    row<StreamsGroupHeartbeatRequest>(),
    row<StreamsGroupDescribeRequest>(),
    row<DescribeShareGroupOffsetsRequest>(),
    row<AlterShareGroupOffsetsRequest>(),
    row<DeleteShareGroupOffsetsRequest>(),
};

constexpr bool keys_are_positions() {
    for (std::size_t i = 0; i < std::size(api_rows); ++i) {
        if (static_cast<std::size_t>(api_rows[i].api.key) != i) return false;
    }
    return true;
}
static_assert(keys_are_positions());

}  // namespace

std::span<const ApiRow> all_apis() { return api_rows; }

const ApiRow* find_api(ApiKey key) {
    const auto index = static_cast<std::int32_t>(key);
    const auto count = static_cast<std::int32_t>(std::size(api_rows));
    return 0 <= index && index < count ? &api_rows[index] : nullptr;
}

const ApiRow* find_api(std::string_view name) {
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };  // names are letters
    for (const ApiRow& row : api_rows) {
        if (std::equal(name.begin(), name.end(), row.name.begin(), row.name.end(), same)) {
            return &row;
        }
    }
    return nullptr;
}

std::string_view name_of(ApiKey key) {
    const ApiRow* row = find_api(key);
    return row ? row->name : "unknown";
}

VersionRange served(ApiKey key, Listeners at) {
    const ApiRow* row = find_api(key);
    return row && includes(row->api.on, at) ? row->api.valid : VersionRange{};
}

VersionRange advertised(ApiKey key, Listeners at, Advertising with) {
    VersionRange range = served(key, at);
    if (range.empty()) return range;
    const bool is_telemetry =
        key == ApiKey::get_telemetry_subscriptions || key == ApiKey::push_telemetry;
    if (is_telemetry && !with.telemetry_receiver) return {};
    if (find_api(key)->api.latest_is_unstable && !with.unstable_versions) --range.latest;
    if (key == ApiKey::produce) range.oldest = 0;
    return range;
}

std::int16_t request_header_version(ApiKey key, std::int16_t version) {
    const ApiRow* row = find_api(key);
    return row && version >= row->api.flexible_from ? 2 : 1;
}

// A client reads the answer to ApiVersions before it knows what the broker can do.
std::int16_t response_header_version(ApiKey key, std::int16_t version) {
    if (key == ApiKey::api_versions) return 0;
    const ApiRow* row = find_api(key);
    return row && version >= row->api.flexible_from ? 1 : 0;
}

}  // namespace barnabas::protocol
