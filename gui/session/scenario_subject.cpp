#include "gui/session/scenario_subject.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/node/node.h"
#include "gui/store/words.h"
#include "sim/clients/admin_node.h"
#include "sim/clients/consumer_node.h"
#include "sim/clients/producer_node.h"
#include "sim/faults/kinds.h"
#include "sim/scenario/words.h"

namespace barnabas::gui {
namespace {

std::string count(std::int64_t number) {
    return number < 0 ? std::to_string(number) : count_words(static_cast<std::uint64_t>(number));
}

void describe_broker(const broker::Broker& broker, NodeView& view) {
    constexpr std::size_t partitions_on_card = 3;
    std::int64_t records = 0;
    std::int64_t unflushed = 0;
    std::vector<Fact> partitions;
    const replication::PartitionTable& all = broker.node().partitions.table();
    for (std::uint32_t slot = 0; slot < all.slot_count(); ++slot) {
        const replication::Partition* partition = all.at(slot);
        if (!partition->log.is_loaded()) continue;
        const log::PartitionLog& log = partition->log;
        const Offset end = log.log_end_offset();
        const Offset high = partition->high_watermark();
        records += end - log.log_start_offset();
        unflushed += end - log.flushed_end();
        partitions.push_back(
            {partition->name.text(),
             fmt::format("end {} · HW {}", count(end.value()), count(high.value()))});
        view.more_facts.push_back(
            {partition->name.text(),
             fmt::format("log {} to {}, flushed to {}, high watermark {}, leader epoch {}",
                         count(log.log_start_offset().value()), count(end.value()),
                         count(log.flushed_end().value()), count(high.value()),
                         partition->leader() ? partition->leader()->epoch.value() : -1)});
    }
    if (!broker.is_serving()) view.facts.push_back({"not serving yet", ""});
    if (partitions.size() + view.facts.size() <= partitions_on_card) {
        view.facts.insert(view.facts.end(), partitions.begin(), partitions.end());
        return;
    }
    view.facts.push_back({"partitions", std::to_string(partitions.size())});
    view.facts.push_back({"records", count(records)});
    view.facts.push_back({"not flushed", count(unflushed)});
}

void describe_producer(const sim::ProducerNode& node, NodeView& view) {
    const client::Producer& producer = node.producer();
    const sim::Workload& work = node.workload();
    view.facts.push_back({"records given", count_words(node.next_number())});
    view.facts.push_back({"no answer yet", count_words(producer.unsettled())});
    const client::Acks acks = producer.options().acks;
    view.facts.push_back({"acks", acks == client::Acks::all      ? "all"
                                  : acks == client::Acks::leader ? "1"
                                                                 : "0"});
    view.more_facts.push_back({"workload", fmt::format("{} records a second of {} to {}", work.rate,
                                                       size_words(work.size), work.topic)});
    if (node.is_done()) view.more_facts.push_back({"", "It has sent all that it had to send."});
}

void describe_consumer(const sim::ConsumerNode& node, std::int32_t partitions, NodeView& view) {
    std::int64_t read = 0;
    std::int64_t behind = 0;
    bool is_known = true;
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
        const TopicPartition name{node.topic(), PartitionIndex(partition)};
        const auto position = node.consumer().position(name);
        const auto high = node.consumer().high_watermark(name);
        if (!position || !high) {
            is_known = false;
            view.more_facts.push_back({name.text(), "not known yet"});
            continue;
        }
        read += position->value();
        behind += std::max<std::int64_t>(0, *high - *position);
        view.more_facts.push_back(
            {name.text(), fmt::format("at {}, high watermark {}", count(position->value()),
                                      count(high->value()))});
    }
    view.facts.push_back({"topic", node.topic()});
    view.facts.push_back({"position", is_known ? count(read) : "not known yet"});
    view.facts.push_back({"behind", !is_known     ? "not known yet"
                                    : behind == 0 ? "caught up"
                                                  : count(behind)});
}

std::int32_t partitions_of(const scenario::Scenario& scenario, const std::string& topic) {
    for (const scenario::Topic& one : scenario.topics)
        if (one.name == topic) return one.partitions;
    return 0;
}

void describe_death(NodeView& view) {
    view.facts.push_back({"memory", "gone"});
    view.facts.push_back(
        {"disk", view.status == Status::powered_off ? "what was flushed" : "what was written"});
}

std::string one_line(std::string words) {
    std::replace(words.begin(), words.end(), '\n', ' ');
    const std::size_t first = words.find_first_not_of(' ');
    return first == std::string::npos ? std::string() : words.substr(first);
}

Role role_of(const scenario::Run& run, sim::NodeIndex node) {
    const scenario::Scenario& scenario = run.scenario();
    const std::string& name = run.world().name(node);
    const auto has_name = [&](const auto& one) { return one.name == name; };
    for (std::int32_t number = 1; number <= scenario.brokers; ++number)
        if (run.broker(number) == node) return Role::broker;
    if (std::any_of(scenario.producers.begin(), scenario.producers.end(), has_name))
        return Role::producer;
    if (std::any_of(scenario.consumers.begin(), scenario.consumers.end(), has_name))
        return Role::consumer;
    return Role::other;
}

}  // namespace

Verdict ScenarioSubject::verdict() const {
    const scenario::Report report = run_.report();
    const std::string counts = fmt::format(
        "{} acknowledged, {} consumed, {} faults", count_words(report.counts.acknowledged),
        count_words(report.counts.consumed), count_words(report.fault_count()));
    switch (report.verdict) {
        case scenario::Verdict::passed: return {"All promises kept: " + counts, true};
        case scenario::Verdict::too_small:
            return {"No rule broken, in a run too small to count: " + counts, true};
        case scenario::Verdict::violated: break;
    }
    std::string words = fmt::format(
        "{} broken",
        report.violation_count == 1 ? "1 rule" : count_words(report.violation_count) + " rules");
    if (!report.violations.empty())
        words += ": " + report.violations[0].rule + ", " + report.violations[0].text;
    return {words, false};
}

// What befalls the node now, by the names that scenarios have for it.
void ScenarioSubject::describe_faults(sim::NodeIndex node, NodeView& view) const {
    for (const sim::Spell& spell : run_.active_faults()) {
        const bool is_on_way = std::ranges::find(spell.whom, node) != spell.whom.end();
        if (!spell.is_on(node) && !is_on_way) continue;
        view.facts.push_back({"fault", std::string(sim::row_of(spell.fault.kind).name)});
        view.more_facts.push_back({"fault", scenario::write(spell.fault) + ", since " +
                                                exact_time(spell.since)});
    }
}

void ScenarioSubject::describe(sim::NodeIndex node, NodeView& view) const {
    describe_faults(node, view);
    const Machine& machine = run_.world().machine(node);
    if (is_down(view.status)) {
        if (view.status != Status::not_started) describe_death(view);
        return;
    }
    if (const auto* broker = machine.as<node::Node>()) describe_broker(broker->broker(), view);
    if (const auto* producer = machine.as<sim::ProducerNode>()) describe_producer(*producer, view);
    if (const auto* consumer = machine.as<sim::ConsumerNode>())
        describe_consumer(*consumer, partitions_of(run_.scenario(), consumer->topic()), view);
    if (const auto* admin = machine.as<sim::AdminNode>())
        view.facts.push_back({"topics", admin->is_done() ? "all made" : "being made"});
}

SessionInfo info_of(const scenario::Run& run) {
    const scenario::Scenario& scenario = run.scenario();
    const std::size_t slash = scenario.file.rfind('/');
    SessionInfo info{
        .title = slash == std::string::npos ? scenario.file : scenario.file.substr(slash + 1),
        .purpose = one_line(scenario.purpose),
        .seed = scenario.seed,
        .length = scenario.length};
    for (std::uint32_t i = 0; i < run.world().nodes(); ++i) {
        const sim::NodeIndex node(i);
        info.nodes.push_back(
            {run.world().name(node), run.world().address(node), role_of(run, node)});
    }
    for (const scenario::At& at : run.plan()) {
        std::string words = scenario::write(at.action);
        if (at.length) words += " for " + scenario::write_duration(*at.length);
        info.planned.push_back({Instant(at.time), std::move(words)});
    }
    return info;
}

}  // namespace barnabas::gui
