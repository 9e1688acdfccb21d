// AssignReplicasToDirs: a broker has put its copies of partitions into these directories.
#include "engine/controller/api/works.h"
#include "engine/controller/refusal.h"
#include "engine/controller/registrations.h"

namespace barnabas::controller {
namespace {

using protocol::AssignReplicasToDirsRequest;
using protocol::AssignReplicasToDirsResponse;
using protocol::ErrorCode;

void assign(ActiveController& controller, DecisionLog& log, AssignReplicasToDirsRequest& request,
            AssignReplicasToDirsResponse& response, Turn& turn) {
    const NodeId broker(request.broker_id);
    const auto found = controller.latest().brokers().find(broker);
    if (found == controller.latest().brokers().end() ||
        found->second.epoch != BrokerEpoch(request.broker_epoch)) {
        response.error_code = ErrorCode::stale_broker_epoch;
        return;
    }
    std::vector<metadata::Assignment> made;
    for (const auto& directory : request.directories) {
        auto& out = response.directories.emplace_back();
        out.id = directory.id;
        for (const auto& topic : directory.topics) {
            auto& row = out.topics.emplace_back();
            row.topic_id = topic.topic_id;
            for (const auto& partition : topic.partitions) {
                row.partitions.emplace_back().partition_index = partition.partition_index;
                made.push_back({TopicId(topic.topic_id), PartitionIndex(partition.partition_index),
                                directory.id});
            }
        }
    }
    if (!controller.commit(decide_assignments(controller.latest(), broker, made), log, turn))
        refuse_decided(response);
}

}  // namespace

std::unique_ptr<Work> work_on(AssignReplicasToDirsRequest request) {
    using AssignWork =
        AtOnce<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse, &assign>;
    return std::make_unique<WorkOf<AssignWork>>(std::move(request));
}

}  // namespace barnabas::controller
