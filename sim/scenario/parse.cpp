#include "sim/scenario/parse.h"

#include <algorithm>

namespace barnabas::scenario {
namespace {

using Trouble = std::optional<Mistake>;     // nothing: all is well
using Wanted = std::optional<std::string>;  // what was expected instead; nothing: all is well

// Takes all words of the form name=value. on_option(name, value) says what it expected instead.
Trouble take_options(Line& line, auto on_option) {
    while (!line.at_end()) {
        const std::string_view word = line.peek();
        const std::size_t sign = word.find('=');
        if (sign == std::string_view::npos) return std::nullopt;
        if (sign == 0 || sign + 1 == word.size()) return line.mistake("name=value");
        if (const Wanted wanted = on_option(word.substr(0, sign), word.substr(sign + 1))) {
            return line.mistake(*wanted);
        }
        line.take();
    }
    return std::nullopt;
}

Wanted read_into(auto& target, std::string_view value, std::uint64_t least, std::uint64_t most) {
    using Target = std::remove_reference_t<decltype(target)>;
    const auto number = read_number(value);
    if (!number || *number < least || *number > most) {
        return "a number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    target = static_cast<Target>(*number);
    return std::nullopt;
}

Wanted read_into(Duration& target, std::string_view value) {
    const auto time = read_duration(value);
    if (!time) return "a duration such as 5s, 200ms or 10us";
    target = *time;
    return std::nullopt;
}

Wanted read_rate(std::uint32_t& target, std::string_view value) {
    if (!value.ends_with("/s")) return "a rate such as 200/s";
    return read_into(target, value.substr(0, value.size() - 2), 1, 1'000'000);
}

Wanted read_acks(client::Acks& target, std::string_view value) {
    if (value == "0")
        target = client::Acks::none;
    else if (value == "1")
        target = client::Acks::leader;
    else if (value == "all")
        target = client::Acks::all;
    else
        return "acks=0, acks=1 or acks=all";
    return std::nullopt;
}

Wanted read_bytes(auto& target, std::string_view value, std::uint64_t least, std::uint64_t most) {
    using Target = std::remove_reference_t<decltype(target)>;
    const auto size = read_size(value);
    if (!size || *size < least || *size > most) {
        return "a size such as 100B or 4KB, from " + std::to_string(least) + "B to " +
               std::to_string(most) + "B";
    }
    target = static_cast<Target>(*size);
    return std::nullopt;
}

Wanted read_latency(Network& network, std::string_view value) {
    const std::size_t dots = value.find("..");
    const auto least = read_duration(value.substr(0, dots));
    const auto most =
        dots == std::string_view::npos ? least : read_duration(value.substr(dots + 2));
    if (!least || !most || *least > *most) return "a latency such as 1ms, or 200us..2ms";
    network.latency_least = *least;
    network.latency_most = *most;
    return std::nullopt;
}

class Parser {
  public:
    explicit Parser(std::string_view file) { scenario_.file = file; }

    Trouble sentence(Line& line) {
        struct Head {
            std::string_view word;
            Trouble (Parser::*read)(Line&);
        };
        constexpr Head heads[] = {{"cluster", &Parser::cluster},
                                  {"set", &Parser::set},
                                  {"without", &Parser::without},
                                  {"network", &Parser::network},
                                  {"topic", &Parser::topic},
                                  {"producer", &Parser::producer},
                                  {"consumer", &Parser::consumer},
                                  {"at", &Parser::at},
                                  {"when", &Parser::when},
                                  {"faults", &Parser::faults},
                                  {"run", &Parser::run},
                                  {"expect", &Parser::expect}};
        for (const Head& head : heads) {
            if (!line.take_if(head.word)) continue;
            if (Trouble trouble = (this->*head.read)(line)) return trouble;
            if (!line.at_end()) return line.mistake("the end of the line");
            return std::nullopt;
        }
        std::string all;
        for (const Head& head : heads) {
            if (!all.empty()) all += head.word == "expect" ? " or " : ", ";
            all += '"' + std::string(head.word) + '"';
        }
        return line.mistake(all);
    }

    void purpose(std::string_view comment) {
        if (!scenario_.purpose.empty()) scenario_.purpose += '\n';
        if (comment.starts_with(' ')) comment.remove_prefix(1);
        scenario_.purpose += comment;
    }

    Scenario finish() && {
        if (!has_length_) {
            for (const Producer& producer : scenario_.producers) {
                scenario_.length =
                    std::max(scenario_.length, producer.from + producer.length + Duration(10s));
            }
        }
        return std::move(scenario_);
    }

  private:
    Trouble cluster(Line& line) {
        return take_options(line, [&](std::string_view name, std::string_view value) -> Wanted {
            if (name == "brokers") return read_into(scenario_.brokers, value, 1, 300);
            if (name == "seed") return read_into(scenario_.seed, value, 0, UINT64_MAX);
            return "brokers=N or seed=N";
        });
    }

    Trouble set(Line& line) {
        const std::size_t before = scenario_.settings.size();
        const Trouble trouble =
            take_options(line, [&](std::string_view name, std::string_view value) -> Wanted {
                scenario_.settings.emplace_back(name, value);
                return std::nullopt;
            });
        if (trouble) return trouble;
        if (scenario_.settings.size() == before) return line.mistake("name=value");
        return std::nullopt;
    }

    Trouble without(Line& line) {
        const auto guard = guard_named(line.peek());
        if (!guard) return line.mistake("a guard (barnabas sim guards names them)");
        line.take();
        scenario_.guards.switch_off(*guard);
        return std::nullopt;
    }

    Trouble network(Line& line) {
        return take_options(line, [&](std::string_view name, std::string_view value) -> Wanted {
            if (name == "latency") return read_latency(scenario_.network, value);
            if (name == "bandwidth" && value.ends_with("/s")) {
                return read_bytes(scenario_.network.bandwidth, value.substr(0, value.size() - 2),
                                  1000, 1'000'000'000'000);
            }
            return "latency=200us..2ms or bandwidth=100MB/s";
        });
    }

    Trouble topic(Line& line) {
        const auto name = line.name("the topic's name");
        if (!name) return name.error();
        if (has_topic(*name)) return line.mistake_before("a topic that does not stand above");
        Topic topic{.name = *name, .settings = {}};
        const Trouble trouble =
            take_options(line, [&](std::string_view name, std::string_view value) -> Wanted {
                if (name == "partitions") return read_into(topic.partitions, value, 1, 10'000);
                if (name == "replicas") return read_into(topic.replicas, value, 1, 300);
                topic.settings.emplace_back(name, value);
                return std::nullopt;
            });
        scenario_.topics.push_back(std::move(topic));
        return trouble;
    }

    Trouble new_client(Line& line, std::string& target, std::string_view what) {
        const auto name = line.name(what);
        if (!name) return name.error();
        if (*name == "broker" || *name == "others" || has_client(*name)) {
            return line.mistake_before("a name that nobody else has");
        }
        target = *name;
        return std::nullopt;
    }

    Trouble known_topic(Line& line, std::string_view before, std::string& target) {
        if (!line.take_if(before)) return line.mistake('"' + std::string(before) + '"');
        const auto name = line.name("the name of a topic");
        if (!name) return name.error();
        if (!has_topic(*name)) return line.mistake_before("a topic that stands above");
        target = *name;
        return std::nullopt;
    }

    Trouble producer(Line& line) {
        Producer made;
        if (auto trouble = new_client(line, made.name, "the producer's name")) return trouble;
        if (auto trouble = known_topic(line, "to", made.topic)) return trouble;
        if (auto trouble = producer_options(line, made)) return trouble;
        made.is_idempotent = line.take_if("idempotent");
        if (made.is_idempotent && made.acks != client::Acks::all)
            return line.mistake_before("acks=all, which an idempotent producer needs");
        if (auto trouble = optional_time(line, "from", made.from)) return trouble;
        if (auto trouble = optional_time(line, "for", made.length)) return trouble;
        scenario_.producers.push_back(std::move(made));
        return std::nullopt;
    }

    Trouble producer_options(Line& line, Producer& made) {
        return take_options(line, [&](std::string_view name, std::string_view value) -> Wanted {
            if (name == "rate") return read_rate(made.rate, value);
            if (name == "acks") return read_acks(made.acks, value);
            if (name == "size") return read_bytes(made.size, value, 24, 900'000);
            if (name == "keys") return read_into(made.keys, value, 1, 1'000'000);
            if (name == "linger") return read_into(made.linger, value);
            if (name == "request.timeout") return read_into(made.request_timeout, value);
            if (name == "delivery.timeout") return read_into(made.delivery_timeout, value);
            if (name == "in.flight") return read_into(made.in_flight, value, 1, 100);
            return "rate=, acks=, size=, keys=, linger=, request.timeout=, delivery.timeout= or "
                   "in.flight=";
        });
    }

    Trouble optional_time(Line& line, std::string_view word, Duration& target) {
        if (!line.take_if(word)) return std::nullopt;
        const auto time = line.duration();
        if (!time) return time.error();
        target = *time;
        return std::nullopt;
    }

    Trouble time(Line& line, std::string_view word, Duration& target) {
        if (line.peek() != word) return line.mistake('"' + std::string(word) + '"');
        return optional_time(line, word, target);
    }

    Trouble consumer(Line& line) {
        Consumer made;
        if (auto trouble = new_client(line, made.name, "the consumer's name")) return trouble;
        if (auto trouble = known_topic(line, "of", made.topic)) return trouble;
        if (line.take_if("from")) {
            if (line.take_if("latest"))
                made.from = client::Start::latest;
            else if (!line.take_if("earliest"))
                return line.mistake("\"earliest\" or \"latest\"");
        }
        scenario_.consumers.push_back(std::move(made));
        return std::nullopt;
    }

    Trouble at(Line& line) {
        const auto time = line.duration();
        if (!time) return time.error();
        const Line start = line;
        const auto action = read_action(line);
        if (!action) return action.error();
        if (const Wanted wanted = wanted_of(*action)) return start.mistake(*wanted);
        scenario_.actions.push_back({*time, *action});
        return std::nullopt;
    }

    Trouble when(Line& line) {
        When made;
        const Line start = line;
        const auto condition = read_condition(line);
        if (!condition) return condition.error();
        if (condition->who.broker > scenario_.brokers) {
            return start.mistake("a broker from 1 to " + std::to_string(scenario_.brokers));
        }
        if (condition->kind == Condition::Kind::reaches && !has_partition(condition->partition)) {
            return start.mistake("a partition of a topic that stands above");
        }
        if (condition->kind == Condition::Kind::made && !has_topic(condition->topic)) {
            return start.mistake("a topic that stands above");
        }
        if (line.take_if(",")) {
            const auto delay = line.duration();
            if (!delay) return delay.error();
            made.delay = *delay;
        }
        const Line second = line;
        const auto action = read_action(line);
        if (!action) return action.error();
        if (const Wanted wanted = wanted_of(*action)) return second.mistake(*wanted);
        if (action->verb == Verb::delete_records) {
            return second.mistake("anything but a deletion: that takes \"at\" and its time");
        }
        made.condition = *condition;
        made.action = *action;
        scenario_.whens.push_back(std::move(made));
        return std::nullopt;
    }

    // What a well-formed action lacks in this scenario.
    Wanted wanted_of(const Action& action) const {
        const std::string cluster = std::to_string(scenario_.brokers);
        for (const Party* party : {&action.who, &action.whom}) {
            if (party->broker > scenario_.brokers) return "a broker from 1 to " + cluster;
            if (!party->client.empty() && !has_client(party->client)) {
                return "a client that stands above, not \"" + party->client + '"';
            }
        }
        const bool network = action.verb == Verb::cut || action.verb == Verb::cut_one_way ||
                             action.verb == Verb::clog || action.verb == Verb::clog_one_way ||
                             action.verb == Verb::reset;
        if (action.verb == Verb::heal) return std::nullopt;
        if (!action.directory.empty() && !has_directory(action.directory)) {
            return "a directory of log.dirs as set above";
        }
        if (network && action.who == action.whom) return "two different parties";
        const bool of_partition =
            action.verb == Verb::flip_bit || action.verb == Verb::delete_records;
        if (of_partition && !has_partition(action.partition)) {
            return "a partition of a topic that stands above";
        }
        if (!network && action.verb != Verb::delete_records && !action.who.is_broker()) {
            return "an action on a broker";
        }
        return std::nullopt;
    }

    bool has_partition(const TopicPartition& partition) const {
        return std::any_of(
            scenario_.topics.begin(), scenario_.topics.end(), [&](const Topic& topic) {
                return topic.name == partition.topic &&
                       partition.partition.value() < topic.partitions;
            });
    }

    Trouble faults(Line& line) {
        RandomFaults made;
        do {
            const auto kind = read_fault(line);
            if (!kind) return kind.error();
            if (*kind == Fault::failed_directory && scenario_.log_directories().size() < 2) {
                return line.mistake_before("two or more log.dirs above, of which one may fail");
            }
            made.kinds.push_back(*kind);
        } while (line.take_if(","));
        if (auto trouble = time(line, "every", made.every)) return trouble;
        if (made.every < Duration(10ms)) return line.mistake_before("at least 10ms");
        if (auto trouble = time(line, "from", made.from)) return trouble;
        if (auto trouble = time(line, "to", made.to)) return trouble;
        if (made.to <= made.from) return line.mistake_before("a time after the first");
        scenario_.faults.push_back(std::move(made));
        return std::nullopt;
    }

    Trouble run(Line& line) {
        has_length_ = true;
        return time(line, "for", scenario_.length);
    }

    Trouble expect(Line& line) {
        const Line start = line;
        const auto expectation = read_expectation(line);
        if (!expectation) return expectation.error();
        if (!expectation->partition.topic.empty() &&
            !has_partition(expectation->partition)) {
            return start.mistake("a partition of a topic that stands above");
        }
        scenario_.expectations.push_back(*expectation);
        return std::nullopt;
    }

    bool has_directory(const std::string& path) const {
        const auto all = scenario_.log_directories();
        return std::find(all.begin(), all.end(), path) != all.end();
    }

    bool has_topic(std::string_view name) const {
        return std::any_of(scenario_.topics.begin(), scenario_.topics.end(),
                           [&](const Topic& topic) { return topic.name == name; });
    }

    bool has_client(std::string_view name) const {
        const auto is_it = [&](const auto& client) { return client.name == name; };
        return std::any_of(scenario_.producers.begin(), scenario_.producers.end(), is_it) ||
               std::any_of(scenario_.consumers.begin(), scenario_.consumers.end(), is_it);
    }

    Scenario scenario_;
    bool has_length_ = false;
};

std::string write_producer(const Producer& producer) {
    const std::string_view acks = producer.acks == client::Acks::all    ? "all"
                                  : producer.acks == client::Acks::none ? "0"
                                                                        : "1";
    return "producer " + producer.name + " to " + producer.topic +
           " rate=" + std::to_string(producer.rate) + "/s acks=" + std::string(acks) +
           " size=" + std::to_string(producer.size) +
           'B' + (producer.keys > 0 ? " keys=" + std::to_string(producer.keys) : "") +
           " linger=" + write_duration(producer.linger) +
           " request.timeout=" + write_duration(producer.request_timeout) +
           " delivery.timeout=" + write_duration(producer.delivery_timeout) +
           " in.flight=" + std::to_string(producer.in_flight) +
           (producer.is_idempotent ? " idempotent" : "") + " from " +
           write_duration(producer.from) + " for " + write_duration(producer.length) + '\n';
}

std::string write_faults(const RandomFaults& faults) {
    std::string text = "faults ";
    for (std::size_t i = 0; i < faults.kinds.size(); ++i) {
        if (i > 0) text += ", ";
        text += write(faults.kinds[i]);
    }
    return text + " every " + write_duration(faults.every) + " from " +
           write_duration(faults.from) + " to " + write_duration(faults.to) + '\n';
}

std::string write_network(const Network& network) {
    return "network latency=" + write_duration(network.latency_least) + ".." +
           write_duration(network.latency_most) +
           " bandwidth=" + std::to_string(network.bandwidth) + "/s\n";
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

Parsed<Scenario> parse(std::string_view text, std::string_view file) {
    Parser parser(file);
    bool opening = true;
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (opening && raw.starts_with('#')) {
            parser.purpose(raw.substr(1));
            continue;
        }
        opening = false;
        Line line(raw, file, number);
        if (line.at_end()) continue;
        if (auto trouble = parser.sentence(line)) return unexpected(*trouble);
    }
    return std::move(parser).finish();
}

std::string print(const Scenario& scenario) {
    std::string text = commented(scenario.purpose);
    text += "cluster brokers=" + std::to_string(scenario.brokers) +
            " seed=" + std::to_string(scenario.seed) + '\n';
    for (const auto& [name, value] : scenario.settings) text += "set " + name + '=' + value + '\n';
    for (const GuardRow& row : all_guards()) {
        if (!scenario.guards.has(row.guard)) text += "without " + std::string(row.name) + '\n';
    }
    text += write_network(scenario.network);
    for (const Topic& topic : scenario.topics) {
        text += "topic " + topic.name + " partitions=" + std::to_string(topic.partitions) +
                " replicas=" + std::to_string(topic.replicas);
        for (const auto& [name, value] : topic.settings) text += ' ' + name + '=' + value;
        text += '\n';
    }
    for (const Producer& producer : scenario.producers) text += write_producer(producer);
    for (const Consumer& consumer : scenario.consumers) {
        text += "consumer " + consumer.name + " of " + consumer.topic + " from " +
                (consumer.from == client::Start::earliest ? "earliest" : "latest") + '\n';
    }
    for (const At& at : scenario.actions) {
        text += "at " + write_duration(at.time) + ' ' + write(at.action) + '\n';
    }
    for (const When& when : scenario.whens) {
        text += "when " + write(when.condition) + ", " + write_duration(when.delay) + ' ' +
                write(when.action) + '\n';
    }
    for (const RandomFaults& faults : scenario.faults) text += write_faults(faults);
    text += "run for " + write_duration(scenario.length) + '\n';
    for (const Expectation& expectation : scenario.expectations) {
        text += "expect " + write(expectation) + '\n';
    }
    return text;
}

}  // namespace barnabas::scenario
