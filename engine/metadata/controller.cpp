#include "engine/metadata/controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/metadata/directory_id.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/errors.h"

namespace barnabas::metadata {

using protocol::ErrorCode;

namespace {

constexpr std::size_t topic_name_size_max = 249;
constexpr std::int32_t use_default = -1;

}  // namespace

bool is_internal(std::string_view topic) {
    return topic == "__consumer_offsets" || topic == "__transaction_state" ||
           topic == "__share_group_state";
}

std::optional<std::string> why_topic_name_is_invalid(std::string_view name) {
    if (name.empty()) return "the topic name is empty";
    if (name == "." || name == "..") return "the topic name cannot be \".\" or \"..\"";
    if (name.size() > topic_name_size_max) {
        return fmt::format("the topic name has {} characters, more than {}", name.size(),
                           topic_name_size_max);
    }
    const auto is_legal = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    if (!std::ranges::all_of(name, is_legal)) {
        return "the topic name may only hold ASCII letters and digits, '.', '_' and '-'";
    }
    return std::nullopt;
}

std::vector<Record> Controller::decide_registration(const Registration& node, Offset at) const {
    protocol::RegisterBrokerRecord registration;
    registration.broker_id = node.id.value();
    registration.incarnation_id = node.incarnation;
    registration.broker_epoch = at.value();
    for (const Listener& listener : node.listeners) {
        protocol::RegisterBrokerRecord::BrokerEndpoint end;
        end.name = listener.name;
        end.host = listener.host;
        end.port = listener.port;
        end.security_protocol = 0;  // PLAINTEXT
        registration.end_points.push_back(std::move(end));
    }
    protocol::RegisterBrokerRecord::BrokerFeature version;
    version.name = metadata_version;
    version.min_supported_version = metadata_version_oldest;
    version.max_supported_version = metadata_version_level;
    registration.features.push_back(std::move(version));
    registration.rack = node.rack;
    registration.fenced = true;
    registration.log_dirs = node.directories;

    protocol::BrokerRegistrationChangeRecord unfence;
    unfence.broker_id = node.id.value();
    unfence.broker_epoch = at.value();
    unfence.fenced = -1;
    std::vector<Record> records = {std::move(registration), std::move(unfence)};
    for (Record& record : elect_where_leaderless(node)) records.push_back(std::move(record));
    if (!node.has_offline_directories) return records;
    for (Record& record : resign_outside(node.id, node.directories))
        records.push_back(std::move(record));
    return records;
}

namespace {

// Whether the node's copy is in one of these directories, or may be put into one.
bool is_in(const PartitionRow& row, NodeId node, const std::vector<Uuid>& directories) {
    for (std::size_t i = 0; i < row.replicas.size() && i < row.directories.size(); ++i) {
        if (row.replicas[i] != node) continue;
        return is_online(row.directories[i], directories);
    }
    return true;
}

}  // namespace

// Another member of the ISR that is alive leads on; a lone one keeps its place in it.
std::vector<Record> Controller::resign_outside(NodeId node, const std::vector<Uuid>& online) const {
    std::vector<Record> records;
    for (const auto& [name, topic] : latest_.topics()) {
        for (const auto& [index, row] : topic->partitions) {
            if (row.leader != node || is_in(row, node, online)) continue;
            protocol::PartitionChangeRecord change;
            change.partition_id = index.value();
            change.topic_id = topic->id;
            change.leader = no_node.value();
            const auto heir = std::ranges::find_if(row.isr, [&](NodeId other) {
                const auto found = latest_.brokers().find(other);
                return other != node && found != latest_.brokers().end() &&
                       !found->second.is_fenced;
            });
            if (heir != row.isr.end()) {
                std::vector<NodeId> isr = row.isr;
                std::erase(isr, node);
                change.leader = heir->value();
                change.isr = numbers(isr);
            }
            records.push_back(std::move(change));
        }
    }
    return records;
}

std::vector<Record> Controller::decide_directories(NodeId node,
                                                   const std::vector<Uuid>& online) const {
    const auto found = latest_.brokers().find(node);
    if (found == latest_.brokers().end()) return {};
    protocol::BrokerRegistrationChangeRecord change;
    change.broker_id = node.value();
    change.broker_epoch = found->second.epoch.value();
    change.log_dirs = online;
    std::vector<Record> records = {std::move(change)};
    for (Record& record : resign_outside(node, online)) records.push_back(std::move(record));
    return records;
}

std::vector<Record> Controller::decide_assignments(NodeId node,
                                                   const std::vector<Assignment>& made) const {
    std::vector<Record> records;
    if (latest_.record_level() < log_directories_since) return records;
    for (const Assignment& one : made) {
        const Topic* topic = latest_.topic(one.topic);
        if (topic == nullptr) continue;
        const auto found = topic->partitions.find(one.partition);
        if (found == topic->partitions.end()) continue;
        const PartitionRow& row = found->second;
        protocol::PartitionChangeRecord change;
        change.partition_id = one.partition.value();
        change.topic_id = one.topic;
        change.directories = row.directories;
        change.directories->resize(row.replicas.size());
        for (std::size_t i = 0; i < row.replicas.size(); ++i)
            if (row.replicas[i] == node) (*change.directories)[i] = one.directory;
        records.push_back(std::move(change));
    }
    return records;
}

std::vector<Record> Controller::elect_where_leaderless(const Registration& who) const {
    const NodeId node = who.id;
    const auto has = [node](const std::vector<NodeId>& nodes) {
        return std::ranges::find(nodes, node) != nodes.end();
    };
    std::vector<Record> records;
    for (const auto& [name, topic] : latest_.topics()) {
        for (const auto& [index, row] : topic->partitions) {
            if (row.leader != no_node || (!has(row.isr) && !has(row.elr))) continue;
            if (who.has_offline_directories && !is_in(row, node, who.directories)) continue;
            protocol::PartitionChangeRecord change;
            change.partition_id = index.value();
            change.topic_id = topic->id;
            change.leader = node.value();
            if (!has(row.isr)) {
                std::vector<NodeId> others = row.elr;
                std::erase(others, node);
                change.isr = std::vector<std::int32_t>{node.value()};
                change.eligible_leader_replicas = numbers(others);
            }
            records.push_back(std::move(change));
        }
    }
    return records;
}

std::optional<Refusal> Controller::check(const Wanted& wanted) const {
    if (wanted.name == cluster_metadata_topic) {
        return Refusal{
            ErrorCode::invalid_request,
            fmt::format("Creation of internal topic {} is prohibited.", cluster_metadata_topic)};
    }
    if (auto why = why_topic_name_is_invalid(wanted.name)) {
        return Refusal{ErrorCode::invalid_topic_exception, *std::move(why)};
    }
    if (latest_.topic(wanted.name)) {
        return Refusal{ErrorCode::topic_already_exists,
                       fmt::format("Topic '{}' already exists.", wanted.name)};
    }
    if (const auto other = latest_.colliding_topic(wanted.name)) {
        return Refusal{
            ErrorCode::invalid_topic_exception,
            fmt::format(
                "Topic '{}' collides with the existing topic '{}': '.' and '_' count as one.",
                wanted.name, *other)};
    }
    Settings overrides;
    for (const auto& setting : wanted.configs) {
        if (!setting.value) {
            return Refusal{
                ErrorCode::invalid_config,
                fmt::format("Null value not supported for topic configs: {}", setting.name)};
        }
        overrides.insert_or_assign(setting.name, *setting.value);
    }
    if (auto why = why_settings_are_invalid(overrides)) {
        return Refusal{ErrorCode::invalid_config, *std::move(why)};
    }
    return std::nullopt;
}

Result<Controller::Plan, Refusal> Controller::plan(const Wanted& wanted, Random& placement) const {
    if (auto refusal = check(wanted)) return unexpected(*std::move(refusal));
    return wanted.assignments.empty() ? plan_spread(wanted, placement) : plan_by_hand(wanted);
}

Result<Controller::Plan, Refusal> Controller::plan_by_hand(const Wanted& wanted) const {
    const auto refuse = [](ErrorCode code, std::string why) {
        return unexpected(Refusal{code, std::move(why)});
    };
    if (wanted.num_partitions != use_default || wanted.replication_factor != use_default) {
        return refuse(
            ErrorCode::invalid_request,
            "With a manual assignment the numbers of partitions and replicas must be -1.");
    }
    std::map<std::int32_t, std::vector<NodeId>> by_partition;
    for (const auto& one : wanted.assignments) {
        std::vector<NodeId>& replicas = by_partition[one.partition_index];
        for (const std::int32_t id : one.broker_ids) {
            if (!latest_.brokers().contains(NodeId(id)) ||
                std::ranges::count(replicas, NodeId(id)) > 0) {
                return refuse(ErrorCode::invalid_replica_assignment,
                              fmt::format("Broker {} of partition {} is unknown or named twice.",
                                          id, one.partition_index));
            }
            replicas.push_back(NodeId(id));
        }
        if (replicas.empty()) {
            return refuse(ErrorCode::invalid_replica_assignment,
                          fmt::format("Partition {} is given no replica.", one.partition_index));
        }
    }
    const auto last = static_cast<std::int32_t>(by_partition.size()) - 1;
    if (by_partition.begin()->first != 0 || by_partition.rbegin()->first != last) {
        return refuse(ErrorCode::invalid_replica_assignment,
                      "The partitions of a manual assignment must be 0, 1, 2 ... without a gap.");
    }
    Plan plan;
    for (auto& [index, replicas] : by_partition) plan.push_back(std::move(replicas));
    return plan;
}

Result<Controller::Plan, Refusal> Controller::plan_spread(const Wanted& wanted,
                                                          Random& placement) const {
    const auto given_or = [](auto given, auto otherwise) {
        return given == use_default ? otherwise : given;
    };
    const std::int32_t partitions = given_or(wanted.num_partitions, defaults_.partitions);
    const std::int16_t copies = given_or(wanted.replication_factor, defaults_.replication_factor);
    if (partitions <= 0) {
        return unexpected(Refusal{
            ErrorCode::invalid_partitions,
            fmt::format("The number of partitions was {}; it must be at least 1.", partitions)});
    }
    std::vector<NodeId> alive;
    for (const auto& [id, broker] : latest_.brokers()) {
        if (!broker.is_fenced && !broker.is_shutting_down) alive.push_back(id);
    }
    if (copies <= 0 || static_cast<std::size_t>(copies) > alive.size()) {
        return unexpected(Refusal{
            ErrorCode::invalid_replication_factor,
            fmt::format(
                "A replication factor of {} cannot be reached: {} broker(s) can take replicas.",
                copies, alive.size())});
    }
    const std::size_t first = placement.below(alive.size());
    Plan plan(static_cast<std::size_t>(partitions));
    for (std::size_t partition = 0; partition < plan.size(); ++partition) {
        for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy) {
            plan[partition].push_back(alive[(first + partition + copy) % alive.size()]);
        }
    }
    return plan;
}

Controller::Loads Controller::count_loads() const {
    Loads loads;
    const bool is_choice = std::ranges::any_of(
        latest_.brokers(), [](const auto& broker) { return broker.second.directories.size() > 1; });
    if (!is_choice) return loads;
    for (const auto& [name, topic] : latest_.topics())
        for (const auto& [index, row] : topic->partitions)
            for (const Uuid& directory : row.directories) ++loads[directory];
    return loads;
}

// The node's directory with the fewest copies, the first of equals.
Uuid Controller::place(NodeId node, Loads& loads) const {
    const auto& directories = latest_.brokers().at(node).directories;
    if (directories.size() <= 1) return directories.empty() ? Uuid() : directories.front();
    const Uuid chosen =
        *std::ranges::min_element(directories, {}, [&](const Uuid& one) { return loads[one]; });
    ++loads[chosen];
    return chosen;
}

std::vector<Record> Controller::topic_records(const Wanted& wanted, TopicId id, const Plan& plan,
                                              Loads& loads) const {
    std::vector<Record> records;
    protocol::TopicRecord topic;
    topic.name = wanted.name;
    topic.topic_id = id;
    records.push_back(std::move(topic));
    for (const auto& setting : wanted.configs) {
        protocol::ConfigRecord config;
        config.resource_type = static_cast<std::int8_t>(Resource::topic);
        config.resource_name = wanted.name;
        config.name = setting.name;
        config.value = setting.value;
        records.push_back(std::move(config));
    }
    for (std::size_t index = 0; index < plan.size(); ++index) {
        protocol::PartitionRecord partition;
        partition.partition_id = static_cast<std::int32_t>(index);
        partition.topic_id = id;
        partition.replicas = numbers(plan[index]);
        partition.isr = partition.replicas;
        partition.leader = partition.replicas.front();
        partition.leader_epoch = 0;
        partition.partition_epoch = 0;
        for (const NodeId node : plan[index]) partition.directories.push_back(place(node, loads));
        records.push_back(std::move(partition));
    }
    return records;
}

Decision<protocol::AllocateProducerIdsResponse> Controller::decide_producer_ids(
    NodeId broker, BrokerEpoch epoch) const {
    Decision<protocol::AllocateProducerIdsResponse> decision;
    const auto refuse = [&](ErrorCode code) {
        decision.response.error_code = code;
        return decision;
    };
    const auto found = latest_.brokers().find(broker);
    if (found == latest_.brokers().end()) return refuse(ErrorCode::broker_id_not_registered);
    if (found->second.epoch != epoch) return refuse(ErrorCode::stale_broker_epoch);
    const std::int64_t start = latest_.next_producer_id().value_or(ProducerId(0)).value();
    if (start > INT64_MAX - producer_id_block) return refuse(ErrorCode::unknown_server_error);
    protocol::ProducerIdsRecord record;
    record.broker_id = broker.value();
    record.broker_epoch = epoch.value();
    record.next_producer_id = start + producer_id_block;
    decision.records.emplace_back(std::move(record));
    decision.values.push_back(encode(decision.records.front(), latest_.record_level()));
    decision.response.producer_id_start = start;
    decision.response.producer_id_len = producer_id_block;
    return decision;
}

// Before anything is planned: a request of a few bytes may ask for any number.
std::int64_t Controller::partitions_of(const Wanted& wanted) const {
    if (!wanted.assignments.empty()) return static_cast<std::int64_t>(wanted.assignments.size());
    if (wanted.num_partitions == use_default) return defaults_.partitions;
    return std::max(wanted.num_partitions, 0);
}

namespace {

using TopicResult = protocol::CreateTopicsResponse::CreatableTopicResult;

void refuse_topic(TopicResult& result, const Refusal& why) {
    TopicResult refused;
    refused.name = std::move(result.name);
    refused.error_code = why.code;
    refused.error_message = protocol::error_text(why.message);
    result = std::move(refused);
}

}  // namespace

Decision<protocol::CreateTopicsResponse> Controller::decide_create_topics(
    const protocol::CreateTopicsRequest& request, Random& placement, Random& identity,
    std::int64_t partitions_elsewhere) const {
    Decision<protocol::CreateTopicsResponse> decision;
    auto& results = decision.response.topics;
    const auto refuse_all = [&](const Refusal& why) {
        decision.records.clear();
        for (TopicResult& result : results) refuse_topic(result, why);
        return decision;
    };
    const auto add = [&results](std::string_view name) -> TopicResult& {
        TopicResult& result = results.emplace_back();
        result.name = name;
        return result;
    };
    std::int64_t count = partitions_elsewhere;
    for (const Wanted& wanted : request.topics) count += partitions_of(wanted);
    if (count > partitions_max) {
        for (const Wanted& wanted : request.topics) add(wanted.name);
        return refuse_all({ErrorCode::policy_violation,
                           fmt::format("The request asks for {} partitions; one may make at most "
                                       "{}.",
                                       count, partitions_max)});
    }
    std::map<std::string_view, int> mentions;
    for (const auto& wanted : request.topics) ++mentions[wanted.name];
    for (const auto& [name, count] : mentions) {
        if (count == 1) continue;
        refuse_topic(add(name), {ErrorCode::invalid_request,
                           "The request names this topic more than once."});
    }
    Loads loads = count_loads();
    for (const auto& wanted : request.topics) {
        if (mentions[wanted.name] > 1) continue;
        TopicResult& result = add(wanted.name);
        const auto planned = plan(wanted, placement);
        if (!planned) {
            refuse_topic(result, planned.error());
            continue;
        }
        result.topic_id = Uuid::draw(identity);
        result.num_partitions = static_cast<std::int32_t>(planned->size());
        result.replication_factor = static_cast<std::int16_t>(planned->front().size());
        for (Record& record : topic_records(wanted, result.topic_id, *planned, loads)) {
            decision.records.push_back(std::move(record));
        }
    }
    if (const auto why = why_too_many(decision.records)) return refuse_all(*why);
    if (request.validate_only) decision.records.clear();
    decision.records = as_of(std::move(decision.records), latest_.record_level());
    auto values = values_of(decision.records, latest_.record_level());
    if (!values) return refuse_all(values.error());
    decision.values = *std::move(values);
    return decision;
}

}  // namespace barnabas::metadata
