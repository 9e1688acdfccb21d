#include <algorithm>

#include "sim/faults/kinds.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/words.h"

namespace barnabas::scenario {
namespace {

std::string write_producer(const Producer& producer) {
    const std::string_view acks = producer.acks == client::Acks::all    ? "all"
                                  : producer.acks == client::Acks::none ? "0"
                                                                        : "1";
    return "producer " + producer.name + " to " + producer.topic +
           " rate=" + std::to_string(producer.rate) + "/s acks=" + std::string(acks) +
           " size=" + std::to_string(producer.size) +
           'B' + (producer.keys > 0 ? " keys=" + std::to_string(producer.keys) : "") +
           (producer.tombstones > 0 ? " tombstones=" + std::to_string(producer.tombstones) : "") +
           " linger=" + write_duration(producer.linger) +
           " request.timeout=" + write_duration(producer.request_timeout) +
           " delivery.timeout=" + write_duration(producer.delivery_timeout) +
           " in.flight=" + std::to_string(producer.in_flight) +
           (producer.is_idempotent ? " idempotent" : "") + " from " +
           write_duration(producer.from) + " for " + write_duration(producer.length) + '\n';
}

std::string write_consumer(const Consumer& consumer) {
    std::string text = "consumer " + consumer.name + " of " + consumer.topic + " from ";
    if (consumer.offset) {
        text += "offset " + std::to_string(*consumer.offset);
    } else if (consumer.time) {
        text += "time " + write_duration(*consumer.time);
    } else {
        text += consumer.from == client::Start::earliest ? "earliest" : "latest";
    }
    if (consumer.after > Duration(0)) text += " after " + write_duration(consumer.after);
    if (consumer.isolation == client::Isolation::read_committed)
        text += " isolation.level=read_committed";
    return text + '\n';
}

std::string write_span(Duration least, Duration most) {
    return write_duration(least) + ".." + write_duration(most);
}

std::string write_faults(const RandomFaults& faults) {
    std::string text = faults.is_each ? "faults each of " : "faults one of ";
    for (std::size_t i = 0; i < faults.kinds.size(); ++i) {
        if (i > 0) text += ", ";
        text += sim::row_of(faults.kinds[i]).name;
    }
    text += " every " + write_duration(faults.every);
    if (faults.lasting) {
        text += " lasting " + write_span(faults.lasting->first, faults.lasting->second);
    }
    return text + " from " + write_duration(faults.from) + " to " + write_duration(faults.to) +
           '\n';
}

std::string write_network(const Network& network) {
    return "network latency=" + write_span(network.latency_least, network.latency_most) +
           " bandwidth=" + std::to_string(network.bandwidth) + "/s\n";
}

std::string write_medium(const Medium& medium) {
    return "disk latency=" + write_span(medium.latency_least, medium.latency_most) +
           " flush=" + write_span(medium.flush_least, medium.flush_most) +
           " bandwidth=" + std::to_string(medium.bandwidth) +
           "/s queue=" + std::to_string(medium.queue) + '\n';
}

std::string commented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += "# " + std::string(text.substr(0, end)) + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

std::string print(const Scenario& scenario) {
    std::string text = commented(scenario.purpose);
    text += "cluster brokers=" + std::to_string(scenario.brokers) +
            " seed=" + std::to_string(scenario.seed) + '\n';
    for (const auto& [name, value] : scenario.settings) text += "set " + name + '=' + value + '\n';
    for (const GuardRow& row : all_guards()) {
        if (!scenario.guards.has(row.guard)) text += "without " + std::string(row.name) + '\n';
    }
    text += write_network(scenario.network) + write_medium(scenario.medium);
    for (const Topic& topic : scenario.topics) {
        text += "topic " + topic.name + " partitions=" + std::to_string(topic.partitions) +
                " replicas=" + std::to_string(topic.replicas);
        for (const auto& [name, value] : topic.settings) text += ' ' + name + '=' + value;
        text += '\n';
    }
    for (const Producer& producer : scenario.producers) text += write_producer(producer);
    for (const Consumer& consumer : scenario.consumers) {
        text += write_consumer(consumer);
    }
    for (const At& at : scenario.actions) text += write(at) + '\n';
    for (const When& when : scenario.whens) text += write(when) + '\n';
    for (const RandomFaults& faults : scenario.faults) text += write_faults(faults);
    text += "run for " + write_duration(scenario.length) + '\n';
    for (const Expectation& expectation : scenario.expectations) {
        text += "expect " + write(expectation) + '\n';
    }
    return text;
}

}  // namespace barnabas::scenario
