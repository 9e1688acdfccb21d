#include "engine/protocol/messages/alter_configs.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/alter_replica_log_dirs.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_log_dirs.h"
#include "engine/protocol/messages/describe_topic_partitions.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/list_config_resources.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries topics_and_configs() {
    return entries<
        CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
        CreatePartitionsRequest, CreatePartitionsResponse, DescribeTopicPartitionsRequest,
        DescribeTopicPartitionsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
        AlterConfigsRequest, AlterConfigsResponse, IncrementalAlterConfigsRequest,
        IncrementalAlterConfigsResponse, ListConfigResourcesRequest, ListConfigResourcesResponse,
        DescribeLogDirsRequest, DescribeLogDirsResponse, AlterReplicaLogDirsRequest,
        AlterReplicaLogDirsResponse, ElectLeadersRequest, ElectLeadersResponse,
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>();
}

}  // namespace barnabas::protocol::registry
