// Metadata: brokers, topics, leaders. A topic that is asked for by name and not there is made,
// where auto.create.topics.enable and the client allow it: the answer waits until it is, so that
// the client need not ask again.

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/metadata/directory_id.h"
#include "engine/metadata/topic_names.h"
#include "engine/protocol/controller_messages.h"
#include "engine/protocol/messages/metadata.h"

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

TopicRow row_of(const metadata::Topic& topic) {
    TopicRow row;
    row.name = topic.name;
    row.topic_id = topic.id;
    row.is_internal = metadata::is_internal(topic.name);
    row.partitions.reserve(topic.partitions.size());
    return row;
}

void add_partition(const metadata::Image& image, PartitionIndex index,
                   const metadata::PartitionRow& partition, TopicRow& row) {
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

TopicRow unknown(const TopicId& id) {
    TopicRow row;
    row.topic_id = id;
    row.name = std::nullopt;
    row.error_code = ErrorCode::unknown_topic_id;
    return row;
}

TopicRow unknown(const std::string& name) {
    TopicRow row;
    row.name = name;
    row.is_internal = metadata::is_internal(name);
    row.error_code = metadata::why_topic_name_is_invalid(name)
                         ? ErrorCode::invalid_topic_exception
                         : ErrorCode::unknown_topic_or_partition;
    return row;
}

// Topics are asked for by their ids from version 12 on; what is asked for has an id or a name. A
// request that does not keep to that is refused as a whole.
ErrorCode check_wanted(const MetadataRequest::MetadataRequestTopic& wanted, std::int16_t version) {
    const bool has_id = !wanted.topic_id.is_zero();
    if (version < 12 && (has_id || !wanted.name)) return ErrorCode::invalid_request;
    return has_id || wanted.name ? ErrorCode::none : ErrorCode::unknown_server_error;
}

// Tells of what is wanted, topic by topic and partition by partition. What its connection asks next
// waits meanwhile.
class MetadataAnswer : public Job {
  public:
    MetadataAnswer(const ReturnAddress& to, TopicsWanted wanted)
        : to_(to), wanted_(std::move(wanted)) {}

    std::unique_ptr<Job> copy() const override { return std::make_unique<MetadataAnswer>(*this); }

    bool advance(Node& node, Turn& turn) override {
        if (!is_done_ && !node.connections.has(to_.address.connection)) is_done_ = true;
        if (!is_done_) answer(node, turn);
        const bool is_held = std::exchange(is_holding_, !is_done_);
        if (!is_done_ && !is_held) node.jobs.begin(to_.address.connection);
        if (is_done_ && is_held) node.jobs.end(to_.address.connection, turn);
        return !is_done_ || !discard();
    }

  private:
    void answer(Node& node, Turn& turn) {
        if (!std::exchange(is_begun_, true)) begin(node);
        const std::uint64_t before = bytes_;
        Slice slice;
        while (!slice.is_over()) {
            slice.take();
            if (topic_ && !add_partitions(node.image, slice)) break;
            if (begin_topic(node.image)) continue;
            is_done_ = true;
            return node.reply(to_, std::move(response_), turn);
        }
        node.connections.charge(to_.address, bytes_ - before);
        if (bytes_ <= answer_memory_max) return;
        node.hang_up(to_, "it is too large", turn);
        is_done_ = true;
    }

    void begin(const Node& node) {
        response_.cluster_id = node.startup.cluster_id();
        response_.controller_id = node.id.value();
        for (const auto& [id, broker] : node.image.brokers()) {
            if (broker.is_fenced) continue;
            auto& row = response_.brokers.emplace_back();
            row.node_id = id.value();
            const Endpoint at = node.endpoint_for(broker, to_.address.connection);
            row.host = at.host;
            row.port = at.port;
            row.rack = broker.rack;
        }
        response_.topics.reserve(wanted_.all ? node.image.topics().size()
                                             : wanted_.names.size() + wanted_.ids.size());
    }

    // The next one that is wanted; false when all were told of.
    bool begin_topic(const metadata::Image& image) {
        const metadata::Topic* known = nullptr;
        if (wanted_.all) {
            const auto& topics = image.topics();
            const auto found = topic_ ? topics.upper_bound(*topic_) : topics.begin();
            if (found == topics.end()) return false;
            known = &*found->second;
        } else if (!wanted_.names.empty()) {
            const std::string name =
                std::move(wanted_.names.extract(wanted_.names.begin()).value());
            known = image.topic(name);
            if (known == nullptr) response_.topics.push_back(unknown(name));
        } else if (!wanted_.ids.empty()) {
            const TopicId id = wanted_.ids.extract(wanted_.ids.begin()).value();
            known = image.topic(id);
            if (known == nullptr) response_.topics.push_back(unknown(id));
        } else {
            return false;
        }
        topic_.reset();
        next_partition_ = PartitionIndex(0);
        if (known != nullptr) {
            topic_ = known->name;
            response_.topics.push_back(row_of(*known));
        }
        bytes_ += sizeof(TopicRow) + 2 * response_.topics.back().name.value_or("").size();
        return true;
    }

    // Of the topic that was begun last. False when the slice is over.
    bool add_partitions(const metadata::Image& image, Slice& slice) {
        const metadata::Topic* topic = image.topic(*topic_);
        if (topic == nullptr) return true;  // it is gone since
        const auto& partitions = topic->partitions;
        for (auto at = partitions.lower_bound(next_partition_); at != partitions.end(); ++at) {
            next_partition_ = at->first;
            if (slice.is_over()) return false;
            slice.take();
            add_partition(image, at->first, at->second, response_.topics.back());
            bytes_ += sizeof(MetadataResponse::MetadataResponsePartition) +
                      3 * sizeof(std::int32_t) * (at->second.replicas.size() + 4);
        }
        next_partition_ = PartitionIndex(INT32_MAX);
        return true;
    }

    bool discard() {
        std::size_t left = Slice::rows_max;
        for (; left > 0 && !wanted_.names.empty(); --left)
            wanted_.names.erase(wanted_.names.begin());
        for (; left > 0 && !wanted_.ids.empty(); --left) wanted_.ids.erase(wanted_.ids.begin());
        return left > 0 && protocol::Discarder::discard(response_, left);
    }

    ReturnAddress to_;
    TopicsWanted wanted_;
    MetadataResponse response_;
    std::optional<std::string> topic_;  // that was begun last, if it is known
    PartitionIndex next_partition_{0};
    std::uint64_t bytes_ = 0;  // of the answer in memory, about
    bool is_begun_ = false;
    bool is_done_ = false;
    bool is_holding_ = false;
};

// Gathers what is wanted, each topic once however often it is named, and makes what is missing and
// may be made. The answer begins when all of it is there.
struct MetadataWork {
    using Request = MetadataRequest;

    explicit MetadataWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        wanted.all = !request.topics || (to.api_version == 0 && request.topics->empty());
        if (!wanted.all && !check_all(slice)) return false;
        if (refusal != ErrorCode::none) return refuse_all(node, slice, turn);
        if (!wanted.all && !gather(node, slice)) return false;
        const bool is_asked = !missing.topics.empty();
        if (is_asked) {
            node.controller.ask(ForMetadata{to}, node.connections.principal(to.address.connection),
                                {std::move(missing)});
        } else if (node.settle(to_settle)) {
            answer_metadata(node, to, std::move(wanted), true, turn);
            return true;
        }
        node.waits_for_topics.push_back({to, is_asked, std::move(to_settle), std::move(wanted)});
        return true;
    }

    bool discard(std::size_t elements) {
        for (; elements > 0 && !wanted.names.empty(); --elements)
            wanted.names.erase(wanted.names.begin());
        for (; elements > 0 && !wanted.ids.empty(); --elements)
            wanted.ids.erase(wanted.ids.begin());
        return elements > 0 && protocol::Discarder::discard(response, elements);
    }

    bool check_all(Slice& slice) {
        for (; refusal == ErrorCode::none && checked < request.topics->size(); ++checked) {
            if (slice.is_over()) return false;
            slice.take();
            refusal = check_wanted((*request.topics)[checked], to.api_version);
        }
        return true;
    }

    bool refuse_all(Node& node, Slice& slice, Turn& turn) {
        response.topics.reserve(request.topics->size());
        for (; at < request.topics->size(); ++at) {
            if (slice.is_over()) return false;
            slice.take();
            const auto& one = (*request.topics)[at];
            auto& row = response.topics.emplace_back();
            row.name = one.name.value_or("");
            row.topic_id = one.topic_id;
            row.error_code = refusal;
            answer_bytes += sizeof(row);
        }
        response.cluster_id.reset();
        response.error_code = refusal;
        node.reply(to, std::move(response), turn);
        return true;
    }

    bool gather(Node& node, Slice& slice) {
        const bool may_make = request.allow_auto_topic_creation &&
                              node.settings.flag("auto.create.topics.enable");
        for (; at < request.topics->size() && !slice.is_over(); ++at) {
            slice.take();
            auto& one = (*request.topics)[at];
            if (!one.topic_id.is_zero()) {
                wanted.ids.insert(one.topic_id);
                continue;
            }
            const auto [name, is_new] = wanted.names.insert(*std::move(one.name));
            if (!is_new) continue;
            answer_bytes += bytes_of_name + name->size();
            if (may_make && !node.image.topic(*name) && missing.topics.size() < made_max) {
                auto& topic = missing.topics.emplace_back();
                topic.name = *name;
                topic.num_partitions = -1;
                topic.replication_factor = -1;
                to_settle.push_back(*name);
            } else if (!node.is_settled(*name)) {
                to_settle.push_back(*name);
            }
        }
        return at == request.topics->size();
    }

    static constexpr std::size_t bytes_of_name = 64;         // in a set
    static constexpr std::size_t made_max = 10'000;  // by one request, as the controller bounds it

    ReturnAddress to;
    Request request;
    TopicsWanted wanted;
    std::vector<std::string> to_settle;    // of them: to be made, or opened
    protocol::CreateTopicsRequest missing;  // that may be made
    std::size_t checked = 0;
    std::size_t at = 0;
    ErrorCode refusal = ErrorCode::none;
    MetadataResponse response;  // a refusal
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void answer_metadata(Node& node, const ReturnAddress& to, TopicsWanted wanted, bool is_at_once,
                     Turn& turn) {
    MetadataAnswer answer(to, std::move(wanted));
    if (!is_at_once || answer.advance(node, turn)) node.jobs.add(std::move(answer), turn);
}

void metadata(Node& node, const Call& call, Turn& turn) {
    begin_work<MetadataWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
