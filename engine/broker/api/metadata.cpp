// Metadata: brokers, topics, leaders. A topic that is asked for by name and not there is made,
// where auto.create.topics.enable and the client allow it: the answer waits until it is, so that
// the client need not ask again.

#include "engine/broker/api/routes.h"
#include "engine/metadata/directory_id.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;
using TopicRow = MetadataResponse::MetadataResponseTopic;

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
    std::vector<std::int32_t> numbers;
    for (const NodeId node : nodes) numbers.push_back(node.value());
    return numbers;
}

// Its broker is there, and the directory that it is in. A broker of a release before there were ids
// of directories tells none.
bool is_online(const metadata::Image& image, const metadata::PartitionRow& row, std::size_t copy) {
    const auto found = image.brokers().find(row.replicas[copy]);
    if (found == image.brokers().end() || found->second.is_fenced) return false;
    if (copy >= row.directories.size()) return true;
    const Uuid& directory = row.directories[copy];
    const std::vector<Uuid>& online = found->second.directories;
    if (online.empty() && !metadata::is_reserved(directory)) return true;
    return metadata::is_online(directory, online);
}

TopicRow row_of(const metadata::Image& image, const metadata::Topic& topic) {
    TopicRow row;
    row.name = topic.name;
    row.topic_id = topic.id;
    row.is_internal = metadata::is_internal(topic.name);
    for (const auto& [index, partition] : topic.partitions) {
        auto& out = row.partitions.emplace_back();
        out.partition_index = index.value();
        out.leader_id = partition.leader.value();
        out.leader_epoch = partition.leader_epoch.value();
        out.replica_nodes = numbers(partition.replicas);
        out.isr_nodes = numbers(partition.isr);
        for (std::size_t i = 0; i < partition.replicas.size(); ++i) {
            if (!is_online(image, partition, i))
                out.offline_replicas.push_back(partition.replicas[i].value());
        }
        if (partition.leader == no_node) out.error_code = ErrorCode::leader_not_available;
    }
    return row;
}

TopicRow unknown(const MetadataRequest::MetadataRequestTopic& wanted) {
    TopicRow row;
    row.topic_id = wanted.topic_id;
    if (!wanted.topic_id.is_zero()) {
        row.name = std::nullopt;
        row.error_code = ErrorCode::unknown_topic_id;
        return row;
    }
    row.name = wanted.name;
    row.is_internal = metadata::is_internal(*wanted.name);
    row.error_code = metadata::why_topic_name_is_invalid(wanted.name.value_or(""))
                         ? ErrorCode::invalid_topic_exception
                         : ErrorCode::unknown_topic_or_partition;
    return row;
}

const metadata::Topic* find(const metadata::Image& image,
                            const MetadataRequest::MetadataRequestTopic& wanted) {
    return wanted.topic_id.is_zero() ? image.topic(wanted.name.value_or(""))
                                     : image.topic(wanted.topic_id);
}

}  // namespace

void answer_metadata(Node& node, const ReturnAddress& to, const MetadataRequest& request,
                     Turn& turn) {
    const metadata::Image& image = node.image;
    MetadataResponse response;
    response.cluster_id = node.startup.cluster_id();
    response.controller_id = node.id.value();
    for (const auto& [id, broker] : image.brokers()) {
        if (broker.is_fenced) continue;
        auto& row = response.brokers.emplace_back();
        row.node_id = id.value();
        const Endpoint at = node.endpoint_for(broker, to.address.connection);
        row.host = at.host;
        row.port = at.port;
        row.rack = broker.rack;
    }
    const bool wants_all = !request.topics || (to.api_version == 0 && request.topics->empty());
    if (wants_all) {
        for (const auto& [name, topic] : image.topics()) {
            response.topics.push_back(row_of(image, *topic));
        }
    } else {
        for (const auto& wanted : *request.topics) {
            const metadata::Topic* topic = find(image, wanted);
            auto& row =
                response.topics.emplace_back(topic ? row_of(image, *topic) : unknown(wanted));
            // Before version 12 the name cannot be null.
            if (!row.name && to.api_version < 12) row.name = "";
        }
    }
    node.reply(to, response, turn);
}

namespace {

// The topics that are to be made before this request can be answered.
protocol::CreateTopicsRequest missing(const Node& node, const MetadataRequest& request) {
    protocol::CreateTopicsRequest make;
    if (!request.topics || !request.allow_auto_topic_creation) return make;
    if (!node.settings.flag("auto.create.topics.enable")) return make;
    for (const auto& wanted : *request.topics) {
        if (!wanted.topic_id.is_zero() || !wanted.name) continue;
        if (node.controller.latest().topic(*wanted.name)) continue;
        auto& topic = make.topics.emplace_back();
        topic.name = *wanted.name;
        topic.num_partitions = -1;
        topic.replication_factor = -1;
    }
    return make;
}

// Topics are asked for by their ids from version 12 on; what is asked for has an id or a name. A
// request that does not keep to that is refused as a whole.
ErrorCode check_topics(const MetadataRequest& request, std::int16_t version) {
    if (!request.topics) return ErrorCode::none;
    for (const auto& wanted : *request.topics) {
        const bool has_id = !wanted.topic_id.is_zero();
        if (version < 12 && (has_id || !wanted.name)) return ErrorCode::invalid_request;
        if (!has_id && !wanted.name) return ErrorCode::unknown_server_error;
    }
    return ErrorCode::none;
}

void refuse_all(Node& node, const ReturnAddress& to, const MetadataRequest& request,
                ErrorCode code, Turn& turn) {
    MetadataResponse response;
    response.cluster_id.reset();
    response.error_code = code;
    for (const auto& wanted : *request.topics) {
        auto& row = response.topics.emplace_back();
        row.name = wanted.name.value_or("");
        row.topic_id = wanted.topic_id;
        row.error_code = code;
    }
    node.reply(to, response, turn);
}

}  // namespace

void metadata(Node& node, const Call& call, const MetadataRequest& request, Turn& turn) {
    if (const ErrorCode code = check_topics(request, call.to.api_version); code != ErrorCode::none)
        return refuse_all(node, call.to, request, code, turn);
    const auto make = missing(node, request);
    if (!make.topics.empty()) {
        const auto decision = node.controller.decide_create_topics(
            make, turn.random(Concern::placement), turn.random(Concern::identity));
        if (!decision.records.empty()) node.commit(decision, turn);
    }
    TopicsRow row{call.to, {}, {}, request};
    if (request.topics) {
        for (const auto& wanted : *request.topics) row.topics.push_back(wanted.name.value_or(""));
    }
    if (node.settle(row.topics)) return answer_metadata(node, call.to, request, turn);
    node.waits_for_topics.push_back(std::move(row));
}

}  // namespace barnabas::broker::api
