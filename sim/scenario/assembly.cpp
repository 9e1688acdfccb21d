#include "sim/scenario/assembly.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/clients/admin_node.h"
#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"
#include "sim/scenario/plan.h"

namespace barnabas::scenario {
namespace {

using sim::Cast;
using sim::NodeIndex;

constexpr std::uint16_t broker_port = 9092;

std::string broker_address(std::int32_t number) {
    return fmt::format("10.0.{}.{}", number / 250, number % 250 + 1);
}

// What a scenario's `set` lines do not say. Power is lost in simulations: nothing is flushed that
// Kafka would not flush.
std::vector<std::string> assignments_of(const Scenario& scenario, std::int32_t number) {
    std::vector<std::string> all{
        fmt::format("node.id={}", number),
        fmt::format("listeners=PLAINTEXT://{}:{}", broker_address(number), broker_port),
        fmt::format("log.dirs={}", default_log_directory)};
    for (const auto& [name, value] : scenario.settings) all.push_back(name + '=' + value);
    return all;
}

sim::DiskOptions disk_options(const Medium& medium) {
    sim::DiskOptions options;
    options.least = medium.latency_least;
    options.spread = medium.latency_most - medium.latency_least;
    options.flush_least = medium.flush_least;
    options.flush_spread = medium.flush_most - medium.flush_least;
    options.picoseconds_per_byte =
        static_cast<std::uint32_t>(1'000'000'000'000 / medium.bandwidth);
    options.queue = medium.queue;
    return options;
}

client::Options client_options(const Scenario& scenario, const std::string& name) {
    client::Options options;
    for (std::int32_t i = 1; i <= std::min(scenario.brokers, 3); ++i) {
        options.bootstrap.push_back({broker_address(i), broker_port});
    }
    options.client_id = name;
    options.create_topics = false;  // the admin makes them as the scenario wants them
    options.request_timeout = 5s;
    return options;
}

settings::TopicOverrides overrides_of(const Topic& topic) {
    settings::TopicOverrides overrides;
    for (const auto& [name, value] : topic.settings) overrides[name] = value;
    return overrides;
}

// By how much the scenario may set clocks apart, in all: those of producers, whose timestamps
// records have, and those of brokers, which take them for ages.
Duration clock_skew(const Scenario& scenario, const std::vector<At>& plan) {
    Duration skew{};
    const auto add = [&](const Action& action) {
        const auto* fault = std::get_if<Fault>(&action);
        if (fault == nullptr) return;
        if (fault->kind == FaultKind::wall_step) skew += fault->time;
        if (fault->kind == FaultKind::drift) {
            skew += scenario.length / 1'000'000 * std::abs(fault->number);
        }
    };
    for (const At& at : plan) add(at.action);
    for (const When& when : scenario.whens) add(when.action);
    return skew;
}

struct Assembly {
    const Scenario& scenario;
    sim::World& world;
    Cast cast;
    int clients = 0;

    Result<void, std::string> add_brokers(Machine (*maker)(const settings::BrokerSettings&));
    void add_topics(const std::vector<At>& plan);
    void add_admin(const std::vector<At>& plan);
    NodeIndex add_client(const std::string& name, Machine machine);
    void add_producer(const Producer& wanted);
    void add_consumer(const Consumer& wanted);
    std::int32_t partitions_of(const std::string& name) const {
        return cast.topic(name)->partitions;
    }
};

Result<void, std::string> Assembly::add_brokers(
    Machine (*maker)(const settings::BrokerSettings&)) {
    for (std::int32_t number = 1; number <= scenario.brokers; ++number) {
        const auto parsed =
            settings::parse({.file_name = {},
                             .file = std::nullopt,
                             .assignments = assignments_of(scenario, number),
                             .default_log_directory = std::string(default_log_directory)});
        if (!parsed) {
            std::string all;
            for (const settings::Problem& problem : parsed.error()) all += problem.print() + '\n';
            return unexpected(scenario.file + ": " + all);
        }
        cast.settings = parsed->settings;
        const NodeIndex node = world.add_node({.name = fmt::format("broker {}", number),
                                               .machine = maker(parsed->settings),
                                               .address = broker_address(number),
                                               .disk = disk_options(scenario.medium)});
        cast.brokers.push_back({node, cast.settings.log_directories()});
    }
    return {};
}

void Assembly::add_topics(const std::vector<At>& plan) {
    for (const Topic& topic : scenario.topics) {
        settings::TopicOverrides overrides = overrides_of(topic);
        Cast::Topic made{topic.name, topic.partitions,
                         settings::resolve_topic(overrides, cast.settings)};
        for (const At& at : plan) {
            const auto* wish = std::get_if<Wish>(&at.action);
            if (wish == nullptr || wish->kind != Wish::Kind::set_topic) continue;
            if (wish->topic != topic.name) continue;
            overrides[wish->setting.first] = wish->setting.second;
            made.later.push_back(settings::resolve_topic(overrides, cast.settings));
        }
        cast.topics.push_back(std::move(made));
    }
}

void Assembly::add_admin(const std::vector<At>& plan) {
    if (scenario.topics.empty()) return;
    std::vector<protocol::CreateTopicsRequest::CreatableTopic> topics;
    for (const Topic& topic : scenario.topics) {
        auto& wanted = topics.emplace_back();
        wanted.name = topic.name;
        wanted.num_partitions = topic.partitions;
        wanted.replication_factor = topic.replicas;
        for (const auto& [name, value] : topic.settings) {
            wanted.configs.push_back({.name = name, .value = value, .unknown_tags = {}});
        }
    }
    std::vector<sim::AdminNode::Wish> wishes;
    for (const At& at : plan) {
        const auto* wish = std::get_if<Wish>(&at.action);
        if (wish == nullptr) continue;
        if (wish->kind == Wish::Kind::delete_records) {
            const sim::AdminNode::Deletion deletion{wish->partition, wish->number};
            wishes.push_back({at.time, deletion});
        } else {
            const auto& [name, value] = wish->setting;
            wishes.push_back({at.time, sim::AdminNode::Change{wish->topic, name, value}});
        }
    }
    const sim::AdminNode admin({broker_address(1), broker_port}, std::move(topics),
                               std::move(wishes));
    cast.admin =
        world.add_node({.name = "admin", .machine = Machine(admin), .address = "10.1.0.1"});
}

NodeIndex Assembly::add_client(const std::string& name, Machine machine) {
    const int number = clients++;
    return world.add_node({.name = name,
                           .machine = std::move(machine),
                           .address = fmt::format("10.2.{}.{}", number / 250, number % 250 + 1)});
}

void Assembly::add_producer(const Producer& wanted) {
    client::ProducerOptions options;
    options.cluster = client_options(scenario, wanted.name);
    options.cluster.request_timeout = wanted.request_timeout;
    options.acks = wanted.acks;
    options.is_idempotent = wanted.is_idempotent;
    options.linger = wanted.linger;
    options.delivery_timeout = wanted.delivery_timeout;
    options.in_flight_max = wanted.in_flight;
    const std::int32_t partitions = partitions_of(wanted.topic);
    const sim::Workload workload{.name = wanted.name,
                                 .topic = wanted.topic,
                                 .partitions = partitions,
                                 .rate = wanted.rate,
                                 .size = wanted.size,
                                 .keys = wanted.keys,
                                 .tombstones = wanted.tombstones,
                                 .from = wanted.from,
                                 .length = wanted.length};
    const NodeIndex node =
        add_client(wanted.name, sim::ProducerNode(workload, std::move(options)));
    cast.producers.push_back({.node = node,
                              .name = wanted.name,
                              .topic = wanted.topic,
                              .partitions = partitions,
                              .acks = wanted.acks,
                              .is_idempotent = wanted.is_idempotent,
                              .keys = wanted.keys,
                              .tombstones = wanted.tombstones,
                              .linger = wanted.linger,
                              .request_timeout = wanted.request_timeout,
                              .delivery_timeout = wanted.delivery_timeout});
}

void Assembly::add_consumer(const Consumer& wanted) {
    client::ConsumerOptions options;
    options.cluster = client_options(scenario, wanted.name);
    options.reset = wanted.from;
    options.isolation = wanted.isolation;
    if (wanted.time) {
        options.begin_at = world_options(scenario).wall_start +
                           floor<std::chrono::milliseconds>(*wanted.time);
    }
    sim::Reading reading{.after = wanted.after};
    if (wanted.offset) reading.from = Offset(*wanted.offset);
    const std::int32_t partitions = partitions_of(wanted.topic);
    const NodeIndex node = add_client(
        wanted.name, sim::ConsumerNode(wanted.topic, partitions, std::move(options), reading));
    cast.consumers.push_back({.node = node,
                              .name = wanted.name,
                              .topic = wanted.topic,
                              .partitions = partitions,
                              .wants_all = wanted.from == client::Start::earliest &&
                                           !wanted.offset && !wanted.time,
                              .since = wanted.time});
}

}  // namespace

sim::WorldOptions world_options(const Scenario& scenario) {
    sim::WorldOptions options;
    options.seed = scenario.seed;
    options.guards = scenario.guards;
    options.network.latency.least = scenario.network.latency_least;
    options.network.latency.spread = scenario.network.latency_most - scenario.network.latency_least;
    options.network.bytes_per_second = scenario.network.bandwidth;
    return options;
}

Result<Cast, std::string> assemble(const Scenario& scenario,
                                   Machine (*maker)(const settings::BrokerSettings&),
                                   sim::World& world) {
    Assembly assembly{scenario, world, {}};
    if (auto added = assembly.add_brokers(maker); !added) return unexpected(added.error());
    const std::vector<At> planned = plan(scenario);
    const sim::Latency tail = world_options(scenario).network.latency;
    assembly.cast.latency_most = scenario.network.latency_most + tail.slow;
    assembly.cast.clock_skew = clock_skew(scenario, planned);
    assembly.add_topics(planned);
    assembly.add_admin(planned);
    for (const Producer& wanted : scenario.producers) assembly.add_producer(wanted);
    for (const Consumer& wanted : scenario.consumers) assembly.add_consumer(wanted);
    return std::move(assembly.cast);
}

}  // namespace barnabas::scenario
