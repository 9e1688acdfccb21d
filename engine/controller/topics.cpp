#include "engine/controller/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/controller/settings.h"
#include "engine/metadata/topic_names.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/errors.h"

namespace barnabas::controller {

using metadata::Image;
using metadata::Record;
using protocol::ErrorCode;

namespace {

constexpr std::int32_t use_default = -1;

using Wanted = protocol::CreateTopicsRequest::CreatableTopic;
// The replicas of a topic to be, by partition.
using Plan = std::vector<std::vector<NodeId>>;
// How many copies each directory holds, as far as a choice depends on it.
using Loads = std::map<Uuid, std::size_t>;

Result<Plan, Refusal> plan_by_hand(const Image& latest, const Wanted& wanted);
Result<Plan, Refusal> plan_spread(const Image& latest, const TopicDefaults& defaults,
                                  const Wanted& wanted, Random& placement);

std::optional<Refusal> check(const Image& latest, const Wanted& wanted) {
    if (wanted.name == metadata::cluster_metadata_topic) {
        return Refusal{
            ErrorCode::invalid_request,
            fmt::format("Creation of internal topic {} is prohibited.",
                        metadata::cluster_metadata_topic)};
    }
    if (auto why = metadata::why_topic_name_is_invalid(wanted.name)) {
        return Refusal{ErrorCode::invalid_topic_exception, *std::move(why)};
    }
    if (latest.topic(wanted.name)) {
        return Refusal{ErrorCode::topic_already_exists,
                       fmt::format("Topic '{}' already exists.", wanted.name)};
    }
    if (const auto other = latest.colliding_topic(wanted.name)) {
        return Refusal{
            ErrorCode::invalid_topic_exception,
            fmt::format(
                "Topic '{}' collides with the existing topic '{}': '.' and '_' count as one.",
                wanted.name, *other)};
    }
    metadata::Settings overrides;
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

Result<Plan, Refusal> plan(const Image& latest, const TopicDefaults& defaults, const Wanted& wanted,
                           Random& placement) {
    if (auto refusal = check(latest, wanted)) return unexpected(*std::move(refusal));
    return wanted.assignments.empty() ? plan_spread(latest, defaults, wanted, placement)
                                      : plan_by_hand(latest, wanted);
}

Result<Plan, Refusal> plan_by_hand(const Image& latest, const Wanted& wanted) {
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
            if (!latest.brokers().contains(NodeId(id)) ||
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

Result<Plan, Refusal> plan_spread(const Image& latest, const TopicDefaults& defaults,
                                  const Wanted& wanted, Random& placement) {
    const auto given_or = [](auto given, auto otherwise) {
        return given == use_default ? otherwise : given;
    };
    const std::int32_t partitions = given_or(wanted.num_partitions, defaults.partitions);
    const std::int16_t copies = given_or(wanted.replication_factor, defaults.replication_factor);
    if (partitions <= 0) {
        return unexpected(Refusal{
            ErrorCode::invalid_partitions,
            fmt::format("The number of partitions was {}; it must be at least 1.", partitions)});
    }
    std::vector<NodeId> alive;
    for (const auto& [id, broker] : latest.brokers()) {
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

Loads count_loads(const Image& latest) {
    Loads loads;
    const bool is_choice = std::ranges::any_of(
        latest.brokers(), [](const auto& broker) { return broker.second.directories.size() > 1; });
    if (!is_choice) return loads;
    for (const auto& [name, topic] : latest.topics())
        for (const auto& [index, row] : topic->partitions)
            for (const Uuid& directory : row.directories) ++loads[directory];
    return loads;
}

// The node's directory with the fewest copies, the first of equals.
Uuid place(const Image& latest, NodeId node, Loads& loads) {
    const auto& directories = latest.brokers().at(node).directories;
    if (directories.size() <= 1) return directories.empty() ? Uuid() : directories.front();
    const Uuid chosen =
        *std::ranges::min_element(directories, {}, [&](const Uuid& one) { return loads[one]; });
    ++loads[chosen];
    return chosen;
}

std::vector<Record> topic_records(const Image& latest, const Wanted& wanted, TopicId id,
                                  const Plan& plan, Loads& loads) {
    std::vector<Record> records;
    protocol::TopicRecord topic;
    topic.name = wanted.name;
    topic.topic_id = id;
    records.push_back(std::move(topic));
    for (const auto& setting : wanted.configs) {
        protocol::ConfigRecord config;
        config.resource_type = static_cast<std::int8_t>(metadata::Resource::topic);
        config.resource_name = wanted.name;
        config.name = setting.name;
        config.value = setting.value;
        records.push_back(std::move(config));
    }
    for (std::size_t index = 0; index < plan.size(); ++index) {
        protocol::PartitionRecord partition;
        partition.partition_id = static_cast<std::int32_t>(index);
        partition.topic_id = id;
        partition.replicas = metadata::numbers(plan[index]);
        partition.isr = partition.replicas;
        partition.leader = partition.replicas.front();
        partition.leader_epoch = 0;
        partition.partition_epoch = 0;
        for (const NodeId node : plan[index])
            partition.directories.push_back(place(latest, node, loads));
        records.push_back(std::move(partition));
    }
    return records;
}

}  // namespace

std::int64_t partitions_of(const Wanted& wanted, const TopicDefaults& defaults) {
    if (!wanted.assignments.empty()) return static_cast<std::int64_t>(wanted.assignments.size());
    if (wanted.num_partitions == use_default) return defaults.partitions;
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

Decision<protocol::CreateTopicsResponse> decide_create_topics(
    const Image& latest, const TopicDefaults& defaults,
    const protocol::CreateTopicsRequest& request, Random& placement, Random& identity,
    std::int64_t partitions_elsewhere) {
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
    for (const Wanted& wanted : request.topics) count += partitions_of(wanted, defaults);
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
    Loads loads = count_loads(latest);
    for (const auto& wanted : request.topics) {
        if (mentions[wanted.name] > 1) continue;
        TopicResult& result = add(wanted.name);
        const auto planned = plan(latest, defaults, wanted, placement);
        if (!planned) {
            refuse_topic(result, planned.error());
            continue;
        }
        result.topic_id = Uuid::draw(identity);
        result.num_partitions = static_cast<std::int32_t>(planned->size());
        result.replication_factor = static_cast<std::int16_t>(planned->front().size());
        for (Record& record : topic_records(latest, wanted, result.topic_id, *planned, loads)) {
            decision.records.push_back(std::move(record));
        }
    }
    if (const auto why = why_too_many(decision.records)) return refuse_all(*why);
    if (request.validate_only) decision.records.clear();
    decision.records = metadata::as_of(std::move(decision.records), latest.record_level());
    auto values = values_of(decision.records, latest.record_level());
    if (!values) return refuse_all(values.error());
    decision.values = *std::move(values);
    return decision;
}

}  // namespace barnabas::controller
