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
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_topics_and_configs(Rewrites& all) {
    add<CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
        CreatePartitionsRequest, CreatePartitionsResponse, DescribeTopicPartitionsRequest,
        DescribeTopicPartitionsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
        AlterConfigsRequest, AlterConfigsResponse, IncrementalAlterConfigsRequest,
        IncrementalAlterConfigsResponse, ListConfigResourcesRequest, ListConfigResourcesResponse,
        DescribeLogDirsRequest, DescribeLogDirsResponse, AlterReplicaLogDirsRequest,
        AlterReplicaLogDirsResponse, ElectLeadersRequest, ElectLeadersResponse,
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(all);
}

}  // namespace barnabas::protocol::typed
