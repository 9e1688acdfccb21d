// What the controller decides.
#include <gtest/gtest.h>

#include <set>

#include "engine/controller/producer_ids.h"
#include "engine/controller/registrations.h"
#include "engine/controller/settings.h"
#include "engine/controller/topics.h"
#include "engine/metadata/directory_id.h"

namespace barnabas::controller {
namespace {

using metadata::Image;
using metadata::PartitionRow;
using metadata::Record;
using metadata::Resource;
using metadata::Topic;
using metadata::is_online;
using metadata::is_reserved;
using metadata::lost_directory;
using protocol::ErrorCode;

class Decisions : public testing::Test {
  protected:
    Decisions() {
        for (const int id : {1, 2, 3}) enroll(NodeId(id));
    }
    void enroll(NodeId id) {
        const Registration node{id, Uuid::draw(dice_), {{"PLAINTEXT", "host", 9092}}, {}, {}};
        apply(decide_registration(node, Offset(id.value())));
        apply(decide_unfence(latest_, id, false));
    }
    void apply(const std::vector<Record>& records) {
        for (const Record& record : records) latest_.apply(record);
    }
    static protocol::CreateTopicsRequest request_for(const std::string& name, int partitions,
                                                     int copies) {
        protocol::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = name;
        topic.num_partitions = partitions;
        topic.replication_factor = static_cast<std::int16_t>(copies);
        return request;
    }
    auto decide(const protocol::CreateTopicsRequest& request) {
        return decide_create_topics(latest_, defaults_, request, dice_, dice_);
    }
    ErrorCode code_of(const protocol::CreateTopicsRequest& request) {
        return decide(request).response.topics.at(0).error_code;
    }

    Random dice_{42};
    TopicDefaults defaults_{4, 2};
    Image latest_;
};

TEST_F(Decisions, ChangeNothingUntilTheyAreApplied) {
    const auto decision = decide(request_for("orders", 3, 2));
    EXPECT_EQ(latest_.topic("orders"), nullptr);
    apply(decision.records);
    EXPECT_EQ(latest_.topic("orders")->partitions.size(), 3u);
}

TEST_F(Decisions, TheBrokersDefaultsStandInForMinusOne) {
    apply(decide(request_for("orders", -1, -1)).records);
    const Topic* topic = latest_.topic("orders");
    EXPECT_EQ(topic->partitions.size(), 4u);
    EXPECT_EQ(topic->partitions.begin()->second.replicas.size(), 2u);
}

TEST_F(Decisions, ReplicasOfAPartitionLieOnDifferentBrokersAndLeadersAreSpread) {
    apply(decide(request_for("orders", 6, 3)).records);
    std::map<NodeId, int> leads;
    for (const auto& [index, row] : latest_.topic("orders")->partitions) {
        EXPECT_EQ(std::set<NodeId>(row.replicas.begin(), row.replicas.end()).size(), 3u);
        EXPECT_EQ(row.leader, row.replicas.front());
        ++leads[row.leader];
    }
    for (const auto& [node, count] : leads) EXPECT_EQ(count, 2) << node.value();
}

TEST_F(Decisions, WhatCannotBeIsRefusedWithKafkasCode) {
    apply(decide(request_for("a.b", 1, 1)).records);
    EXPECT_EQ(code_of(request_for("a.b", 1, 1)), ErrorCode::topic_already_exists);
    EXPECT_EQ(code_of(request_for("a_b", 1, 1)), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code_of(request_for("", 1, 1)), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code_of(request_for("..", 1, 1)), ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code_of(request_for(std::string(250, 'a'), 1, 1)),
              ErrorCode::invalid_topic_exception);
    EXPECT_EQ(code_of(request_for("ok", 0, 1)), ErrorCode::invalid_partitions);
    EXPECT_EQ(code_of(request_for("ok", 1, 4)), ErrorCode::invalid_replication_factor);
    auto with_setting = request_for("ok", 1, 1);
    auto& setting = with_setting.topics[0].configs.emplace_back();
    setting.name = "retention.ms";
    setting.value = "never";
    EXPECT_EQ(code_of(with_setting), ErrorCode::invalid_config);
}

TEST_F(Decisions, MoreThanTenThousandPartitionsInOneRequestAreRefusedBeforeAnyIsMade) {
    protocol::CreateTopicsRequest request = request_for("one", 6'000, 1);
    request.topics.push_back(request_for("two", 3'996, 1).topics[0]);
    request.topics.push_back(request_for("three", -1, 1).topics[0]);  // four, by default
    EXPECT_EQ(decide(request).records.size(), 3u + 10'000);
    const auto expect_refused = [&] {
        const auto decision = decide(request);
        EXPECT_TRUE(decision.records.empty());
        ASSERT_EQ(decision.response.topics.size(), request.topics.size());
        for (const auto& topic : decision.response.topics)
            EXPECT_EQ(topic.error_code, ErrorCode::policy_violation) << topic.name;
    };
    request.topics.push_back(request_for("four", 1, 1).topics[0]);
    expect_refused();
    request.topics[3] = request_for("four", -1, -1).topics[0];
    request.topics[3].assignments.emplace_back().broker_ids = {1};
    expect_refused();
    for (auto& topic : request.topics) topic.num_partitions = INT32_MAX;
    expect_refused();
}

TEST_F(Decisions, AnAssignmentByHandIsTakenOrRefusedAsAWhole) {
    auto request = request_for("orders", -1, -1);
    const auto assign = [&](int partition, std::vector<std::int32_t> brokers) {
        auto& one = request.topics[0].assignments.emplace_back();
        one.partition_index = partition;
        one.broker_ids = std::move(brokers);
    };
    assign(1, {3, 1});
    EXPECT_EQ(code_of(request), ErrorCode::invalid_replica_assignment);  // there is no partition 0
    assign(0, {2, 2});
    EXPECT_EQ(code_of(request), ErrorCode::invalid_replica_assignment);
    request.topics[0].assignments[1].broker_ids = {2, 3};
    const auto decision = decide(request);
    ASSERT_EQ(decision.response.topics.at(0).error_code, ErrorCode::none);
    apply(decision.records);
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(1))->leader, NodeId(3));
}

TEST_F(Decisions, AnswersThatOnlyValidateMakeNothing) {
    auto request = request_for("orders", 1, 1);
    request.validate_only = true;
    const auto decision = decide(request);
    EXPECT_EQ(decision.response.topics.at(0).error_code, ErrorCode::none);
    EXPECT_FALSE(decision.response.topics.at(0).topic_id.is_zero());
    EXPECT_TRUE(decision.records.empty());
    EXPECT_TRUE(decision.values.empty());
}

// Topics with these settings each; the code of all answers, which are alike.
class Bounds : public Decisions {
  protected:
    using Overrides = std::map<std::string, std::string>;
    protocol::CreateTopicsRequest topics(int count, const Overrides& settings) {
        protocol::CreateTopicsRequest request;
        for (int i = 0; i < count; ++i) {
            request.topics.push_back(request_for("topic-" + std::to_string(i), 1, 1).topics[0]);
            for (const auto& [name, value] : settings) {
                auto& config = request.topics.back().configs.emplace_back();
                config.name = name;
                config.value = value;
            }
        }
        return request;
    }
    static protocol::IncrementalAlterConfigsRequest alter(int count, const Overrides& settings) {
        protocol::IncrementalAlterConfigsRequest request;
        for (int i = 0; i < count; ++i) {
            auto& resource = request.resources.emplace_back();
            resource.resource_type = static_cast<std::int8_t>(Resource::topic);
            resource.resource_name = "topic-" + std::to_string(i);
            for (const auto& [name, value] : settings) {
                auto& config = resource.configs.emplace_back();
                config.name = name;
                config.value = value;
            }
        }
        return request;
    }
    static ErrorCode one_code(const auto& results) {
        for (const auto& result : results) {
            EXPECT_EQ(result.error_code, results.front().error_code);
            if constexpr (requires { result.topic_id; }) {
                EXPECT_EQ(result.topic_id.is_zero(), result.error_code != ErrorCode::none);
            }
        }
        return results.front().error_code;
    }
    ErrorCode create(const protocol::CreateTopicsRequest& request) {
        const auto decision = decide(request);
        EXPECT_EQ(decision.values.size(), decision.records.size());
        const ErrorCode code = one_code(decision.response.topics);
        EXPECT_EQ(decision.records.empty(), code != ErrorCode::none);
        return code;
    }
    ErrorCode alter(const protocol::IncrementalAlterConfigsRequest& request) {
        const auto decision = decide_alter_configs(latest_, request);
        EXPECT_EQ(decision.values.size(), decision.records.size());
        const ErrorCode code = one_code(decision.response.responses);
        EXPECT_EQ(decision.records.empty(), code != ErrorCode::none);
        return code;
    }

    const Overrides two_ = {{"retention.ms", "5"}, {"flush.ms", "5"}};
    // 32,767 bytes.
    const Overrides long_ = {{"leader.replication.throttled.replicas", [] {
                                  std::string list = "100:100";
                                  while (list.size() < 32'767) list += ",10:100";
                                  return list.substr(0, 32'767);
                              }()}};
};

// As Apache Kafka has it: 10,000 changes, and 8 MiB of the metadata log.
TEST_F(Bounds, OfWhatOneRequestMayChangeRefuseAllOfIt) {
    EXPECT_EQ(create(topics(3'333, two_)), ErrorCode::none);
    EXPECT_EQ(create(topics(3'334, two_)), ErrorCode::policy_violation);
    EXPECT_EQ(create(topics(250, long_)), ErrorCode::none);
    EXPECT_EQ(create(topics(256, long_)), ErrorCode::unknown_server_error);
    apply(decide(topics(6'000, {})).records);
    EXPECT_EQ(alter(alter(5'000, two_)), ErrorCode::none);
    EXPECT_EQ(alter(alter(5'001, two_)), ErrorCode::policy_violation);
    EXPECT_EQ(alter(alter(250, long_)), ErrorCode::none);
    EXPECT_EQ(alter(alter(256, long_)), ErrorCode::unknown_server_error);
}

TEST_F(Bounds, BesideThatOfBytesHoldForValidationToo) {
    auto request = topics(3'334, two_);
    request.validate_only = true;
    EXPECT_EQ(decide(request).response.topics.at(0).error_code, ErrorCode::policy_violation);
    request = topics(256, long_);
    request.validate_only = true;
    EXPECT_EQ(decide(request).response.topics.at(0).error_code, ErrorCode::none);
}

TEST_F(Decisions, OnTheMetadataLogsOwnNameAreRefused) {
    EXPECT_EQ(code_of(request_for("__cluster_metadata", 1, 1)), ErrorCode::invalid_request);
    EXPECT_EQ(code_of(request_for("__consumer_offsets", 1, 1)), ErrorCode::none);
}

TEST_F(Decisions, NoTopicIsTieredHere) {
    auto request = request_for("orders", 1, 1);
    auto& setting = request.topics[0].configs.emplace_back();
    setting.name = "remote.storage.enable";
    for (const char* value : {"true", "TRUE"}) {
        setting.value = value;
        EXPECT_EQ(code_of(request), ErrorCode::invalid_config);
    }
    setting.value = "false";
    EXPECT_EQ(code_of(request), ErrorCode::none);
}

// Apache Kafka's clean stop of a lone broker leaves its partitions so.
TEST_F(Decisions, ABrokerThatComesBackLeadsWhatItAloneIsEligibleFor) {
    apply(decide(request_for("orders", 1, 1)).records);
    const Topic* topic = latest_.topic("orders");
    const NodeId owner = topic->partitions.begin()->second.leader;
    protocol::PartitionChangeRecord stopped;
    stopped.partition_id = 0;
    stopped.topic_id = topic->id;
    stopped.leader = -1;
    stopped.isr = std::vector<std::int32_t>();
    stopped.eligible_leader_replicas = std::vector<std::int32_t>{owner.value()};
    latest_.apply(stopped);
    const LeaderEpoch before =
        latest_.partition("orders", PartitionIndex(0))->leader_epoch;
    enroll(NodeId(owner.value() == 1 ? 2 : 1));
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(0))->leader, no_node);
    enroll(owner);
    const auto row = latest_.partition("orders", PartitionIndex(0));
    EXPECT_EQ(row->leader, owner);
    EXPECT_EQ(row->isr, std::vector<NodeId>{owner});
    EXPECT_TRUE(row->elr.empty());
    EXPECT_GT(row->leader_epoch, before);
}

// Kafka's ids for "not known yet" and "out of reach": neither is a directory.
TEST_F(Decisions, ACopyThatIsOutOfReachDoesNotLeadAndOneWithoutADirectoryDoes) {
    const Uuid online = Uuid::draw(dice_);
    for (const int last : {0, 1, 2, 3}) {
        Uuid directory;
        directory.bytes.back() = static_cast<std::uint8_t>(last);
        EXPECT_TRUE(is_reserved(directory));
        EXPECT_EQ(is_online(directory, {online}), directory != lost_directory);
        const std::string name = "topic" + std::to_string(last);
        apply(decide(request_for(name, 1, 1)).records);
        const Topic* topic = latest_.topic(name);
        const NodeId node = topic->partitions.begin()->second.leader;
        protocol::PartitionChangeRecord assigned;
        assigned.partition_id = 0;
        assigned.topic_id = topic->id;
        assigned.directories = std::vector<Uuid>{directory};
        latest_.apply(assigned);
        apply(decide_directories(latest_, node, {online}));
        const auto row = latest_.partition(name, PartitionIndex(0));
        EXPECT_EQ(row->leader, last == 2 ? no_node : node);
    }
    EXPECT_FALSE(is_reserved(online));
    EXPECT_TRUE(is_online(online, {online}));
}

std::vector<std::string> names_of(const std::vector<Record>& records) {
    std::vector<std::string> names;
    for (const Record& record : records) names.emplace_back(metadata::name_of(record));
    return names;
}

// As Apache Kafka 4.4.0 writes it, where there are no eligible leader replicas.
TEST_F(Decisions, TheLeaderEpochRisesByTwoWhenALoneReplicasBrokerRestarts) {
    apply(decide(request_for("orders", 2, 1)).records);
    const NodeId owner = latest_.partition("orders", PartitionIndex(0))->leader;
    using Names = std::vector<std::string>;
    const auto crash = decide_fence(latest_, owner);
    EXPECT_EQ(names_of(crash), (Names{"PartitionChangeRecord", "BrokerRegistrationChangeRecord"}));
    const auto& change = std::get<protocol::PartitionChangeRecord>(crash.front());
    EXPECT_EQ(change.leader, -1);
    EXPECT_FALSE(change.isr);  // a lone member keeps its place
    apply(crash);
    EXPECT_TRUE(decide_fence(latest_, owner).empty());
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(0))->leader_epoch, LeaderEpoch(1));
    apply(decide_registration({owner, Uuid::draw(dice_), {}, {}, {}}, Offset(9)));
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(0))->leader, no_node);
    const auto start = decide_unfence(latest_, owner, false);
    EXPECT_EQ(names_of(start), (Names{"BrokerRegistrationChangeRecord", "PartitionChangeRecord"}));
    apply(start);
    EXPECT_TRUE(decide_unfence(latest_, owner, false).empty());
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(0))->leader, owner);
    EXPECT_EQ(latest_.partition("orders", PartitionIndex(0))->leader_epoch, LeaderEpoch(2));

    const auto stop = decide_controlled_shutdown(latest_, owner);
    EXPECT_EQ(names_of(stop), (Names{"BrokerRegistrationChangeRecord", "PartitionChangeRecord"}));
    apply(stop);
    EXPECT_EQ(names_of(decide_fence(latest_, owner)), (Names{"BrokerRegistrationChangeRecord"}));
}

TEST_F(Decisions, OfCopiesThatAreGoneOrInTheirPlaceAlreadyNothingIsDecided) {
    EXPECT_TRUE(decide_assignments(latest_, NodeId(1), {{TopicId(), {}, {}}}).empty());
    apply(decide(request_for("orders", 1, 3)).records);
    const Topic* topic = latest_.topic("orders");
    const Uuid place = Uuid::draw(dice_);
    const std::vector<metadata::Assignment> made = {{topic->id, PartitionIndex(0), place}};
    const auto records = decide_assignments(latest_, NodeId(1), made);
    EXPECT_EQ(records.size(), 1u);
    apply(records);
    EXPECT_TRUE(decide_assignments(latest_, NodeId(1), made).empty());
    EXPECT_TRUE(decide_assignments(latest_, NodeId(9), made).empty());
}

}  // namespace
}  // namespace barnabas::controller
