#include "sim/scenario/parse.h"

#include <algorithm>

#include "engine/settings/nearest.h"
#include "sim/faults/kinds.h"

namespace barnabas::scenario {
namespace {

using Trouble = std::optional<Mistake>;     // nothing: all is well
using Wanted = std::optional<std::string>;  // what was expected instead; nothing: all is well

// Takes all words of the form name=value. on_option(name, value) says what it expected instead.
// `known`: the names that it knows.
Trouble take_options(Line& line, const Line::Known& known, auto on_option) {
    while (!line.at_end()) {
        const std::string_view word = line.peek();
        const std::size_t sign = word.find('=');
        if (sign == std::string_view::npos) return std::nullopt;
        if (sign == 0 || sign + 1 == word.size()) return line.mistake("name=value");
        const std::string_view name = word.substr(0, sign);
        if (const Wanted wanted = on_option(name, word.substr(sign + 1))) {
            const bool is_known = std::ranges::find(known, name) != known.end();
            return line.mistake(*wanted, is_known ? Line::Known() : known);
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

Wanted read_isolation(client::Isolation& target, std::string_view value) {
    if (value == "read_committed")
        target = client::Isolation::read_committed;
    else if (value != "read_uncommitted")
        return "isolation.level=read_committed or isolation.level=read_uncommitted";
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

// 1ms, or 200us..2ms
Wanted read_span(Duration& least, Duration& most, std::string_view value) {
    const std::size_t dots = value.find("..");
    const auto first = read_duration(value.substr(0, dots));
    const auto last =
        dots == std::string_view::npos ? first : read_duration(value.substr(dots + 2));
    if (!first || !last || *first > *last) return "a time such as 1ms, or 200us..2ms";
    least = *first;
    most = *last;
    return std::nullopt;
}

Wanted read_bandwidth(std::uint64_t& target, std::string_view value) {
    if (!value.ends_with("/s")) return "a bandwidth such as 100MB/s";
    return read_bytes(target, value.substr(0, value.size() - 2), 1000, 1'000'000'000'000);
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
                                  {"disk", &Parser::disk},
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
        Line::Known known;
        for (const Head& head : heads) known.push_back(head.word);
        return line.mistake(quoted_list(known), known);
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
        return take_options(line, {"brokers", "seed"}, [&](std::string_view name,
                                                           std::string_view value) -> Wanted {
            if (name == "brokers") return read_into(scenario_.brokers, value, 1, 300);
            if (name == "seed") return read_into(scenario_.seed, value, 0, UINT64_MAX);
            return "brokers=N or seed=N";
        });
    }

    Trouble set(Line& line) {
        const std::size_t before = scenario_.settings.size();
        const Trouble trouble =
            take_options(line, {}, [&](std::string_view name, std::string_view value) -> Wanted {
                scenario_.settings.emplace_back(name, value);
                return std::nullopt;
            });
        if (trouble) return trouble;
        if (scenario_.settings.size() == before) return line.mistake("name=value");
        return std::nullopt;
    }

    Trouble without(Line& line) {
        const auto guard = guard_named(line.peek());
        Line::Known known;
        for (const GuardRow& row : all_guards()) known.push_back(row.name);
        if (!guard) return line.mistake("a guard (barnabas sim guards names them)", known);
        line.take();
        scenario_.guards.switch_off(*guard);
        return std::nullopt;
    }

    Trouble network(Line& line) {
        Network& made = scenario_.network;
        return take_options(line, {"latency", "bandwidth"}, [&](std::string_view name,
                                                                std::string_view value) -> Wanted {
            if (name == "latency") return read_span(made.latency_least, made.latency_most, value);
            if (name == "bandwidth") return read_bandwidth(made.bandwidth, value);
            return "latency=200us..2ms or bandwidth=100MB/s";
        });
    }

    Trouble disk(Line& line) {
        Medium& made = scenario_.medium;
        const Line::Known known{"latency", "flush", "bandwidth", "queue"};
        return take_options(line, known, [&](std::string_view name,
                                             std::string_view value) -> Wanted {
            if (name == "latency") return read_span(made.latency_least, made.latency_most, value);
            if (name == "flush") return read_span(made.flush_least, made.flush_most, value);
            if (name == "bandwidth") return read_bandwidth(made.bandwidth, value);
            if (name == "queue") return read_into(made.queue, value, 1, 1024);
            return "latency=10us..50us, flush=400us..2ms, bandwidth=2GB/s or queue=8";
        });
    }

    Trouble topic(Line& line) {
        const auto name = line.name("the topic's name");
        if (!name) return name.error();
        if (has_topic(*name)) return line.mistake_before("a topic that does not stand above");
        Topic topic{.name = *name, .settings = {}};
        const Trouble trouble =
            take_options(line, {}, [&](std::string_view name, std::string_view value) -> Wanted {
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
        if (is_reserved(*name)) return line.mistake_before("a name that means nobody else");
        if (has_client(*name)) return line.mistake_before("a name that nobody else has");
        target = *name;
        clients_.push_back(*name);
        return std::nullopt;
    }

    Trouble known_topic(Line& line, std::string_view before, std::string& target) {
        if (!line.take_if(before)) return line.mistake('"' + std::string(before) + '"', {before});
        const auto name = line.name("the name of a topic");
        if (!name) return name.error();
        if (!has_topic(*name)) {
            return line.mistake_before("a topic that stands above", topics_known());
        }
        target = *name;
        return std::nullopt;
    }

    Trouble producer(Line& line) {
        Producer made;
        if (auto trouble = new_client(line, made.name, "the producer's name")) return trouble;
        if (auto trouble = known_topic(line, "to", made.topic)) return trouble;
        while (!line.at_end()) {
            const Line before = line;
            if (auto trouble = producer_options(line, made)) return trouble;
            made.is_idempotent |= line.take_if("idempotent");
            if (auto trouble = optional_time(line, "from", made.from)) return trouble;
            if (auto trouble = optional_time(line, "for", made.length)) return trouble;
            if (line.peek() == before.peek() && !line.at_end()) break;
        }
        if (!line.at_end()) {
            return line.mistake("name=value, \"idempotent\", \"from\" or \"for\"",
                                {"idempotent", "from", "for"});
        }
        if (made.tombstones > 0 && made.keys == 0)
            return line.mistake("keys=, of which tombstones delete one");
        if (made.is_idempotent && made.acks != client::Acks::all)
            return line.mistake("acks=all, which an idempotent producer needs");
        scenario_.producers.push_back(std::move(made));
        return std::nullopt;
    }

    Trouble producer_options(Line& line, Producer& made) {
        const Line::Known known{"rate",   "acks",            "size",             "keys",
                                "linger", "request.timeout", "delivery.timeout", "in.flight",
                                "tombstones"};
        return take_options(line, known, [&](std::string_view name,
                                             std::string_view value) -> Wanted {
            if (name == "rate") return read_rate(made.rate, value);
            if (name == "acks") return read_acks(made.acks, value);
            if (name == "size") return read_bytes(made.size, value, 24, 900'000);
            if (name == "keys") return read_into(made.keys, value, 1, 1'000'000);
            if (name == "tombstones") return read_into(made.tombstones, value, 2, 1'000'000);
            if (name == "linger") return read_into(made.linger, value);
            if (name == "request.timeout") return read_into(made.request_timeout, value);
            if (name == "delivery.timeout") return read_into(made.delivery_timeout, value);
            if (name == "in.flight") return read_into(made.in_flight, value, 1, 100);
            return "rate=, acks=, size=, keys=, tombstones=, linger=, request.timeout=, "
                   "delivery.timeout= or in.flight=";
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
        if (line.peek() != word) return line.mistake('"' + std::string(word) + '"', {word});
        return optional_time(line, word, target);
    }

    Trouble consumer(Line& line) {
        Consumer made;
        if (auto trouble = new_client(line, made.name, "the consumer's name")) return trouble;
        if (auto trouble = known_topic(line, "of", made.topic)) return trouble;
        if (line.take_if("from")) {
            if (auto trouble = place_to_begin(line, made)) return trouble;
        }
        if (auto trouble = optional_time(line, "after", made.after)) return trouble;
        const Line::Known known{"isolation.level"};
        if (auto trouble = take_options(
                line, known, [&](std::string_view name, std::string_view value) -> Wanted {
                    if (name == "isolation.level") return read_isolation(made.isolation, value);
                    return "isolation.level=";
                }))
            return trouble;
        scenario_.consumers.push_back(std::move(made));
        return std::nullopt;
    }

    Trouble place_to_begin(Line& line, Consumer& made) {
        if (line.take_if("latest")) {
            made.from = client::Start::latest;
        } else if (line.take_if("offset")) {
            const auto offset = line.count("an offset");
            if (!offset) return offset.error();
            if (*offset > INT32_MAX) return line.mistake_before("an offset of at most 2147483647");
            made.offset = static_cast<std::int64_t>(*offset);
        } else if (line.take_if("time")) {
            const auto time = line.duration();
            if (!time) return time.error();
            made.time = *time;
        } else if (!line.take_if("earliest")) {
            const Line::Known known{"earliest", "latest", "offset", "time"};
            return line.mistake(quoted_list(known), known);
        }
        return std::nullopt;
    }

    Trouble at(Line& line) {
        At made;
        const auto time = line.duration();
        if (!time) return time.error();
        made.time = *time;
        if (auto trouble = action(line, made)) return trouble;
        scenario_.actions.push_back(std::move(made));
        return std::nullopt;
    }

    // [for TIME] and what is done.
    Trouble action(Line& line, auto& made) {
        const Line length = line;
        Duration time{};
        if (line.peek() == "for") {
            if (auto trouble = optional_time(line, "for", time)) return trouble;
            made.length = time;
        }
        const Line start = line;
        const auto action = read_action(line);
        if (!action) return action.error();
        if (const auto mistake = wanted_of(*action, start)) return *mistake;
        const auto* fault = std::get_if<Fault>(&*action);
        const bool lasts = fault != nullptr && sim::row_of(fault->kind).lasts;
        if (made.length && !lasts) {
            return length.mistake("no \"for\" before what does not last");
        }
        made.action = *action;
        return std::nullopt;
    }

    Trouble when(Line& line) {
        When made;
        const Line start = line;
        const auto condition = read_condition(line);
        if (!condition) return condition.error();
        if (condition->who.number > scenario_.brokers) {
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
        if (auto trouble = action(line, made)) return trouble;
        if (std::holds_alternative<Wish>(made.action)) {
            return second.mistake(
                "anything but what the admin asks for: that takes \"at\" and its time");
        }
        made.condition = *condition;
        scenario_.whens.push_back(std::move(made));
        return std::nullopt;
    }

    // What a well-formed action lacks in this scenario.
    Trouble wanted_of(const Action& action, const Line& start) const {
        if (const auto* wish = std::get_if<Wish>(&action)) return wanted_of(*wish, start);
        if (const auto* treatment = std::get_if<Treatment>(&action)) {
            if (treatment->remedy == sim::Remedy::heal) return std::nullopt;
            if (auto mistake = wanted_of(treatment->who, start)) return mistake;
            if (treatment->who.kind == Selector::Kind::others) {
                return start.mistake("a broker or a client by its name");
            }
            return wanted_directory(treatment->directory, start);
        }
        return wanted_of(std::get<Fault>(action), start);
    }

    Trouble wanted_of(const Fault& fault, const Line& start) const {
        if (auto mistake = wanted_of(fault.who, start)) return mistake;
        if (auto mistake = wanted_of(fault.whom, start)) return mistake;
        if (auto mistake = wanted_directory(fault.directory, start)) return mistake;
        if (sim::is_of_ways(fault.kind)) {
            if (fault.who == fault.whom) return start.mistake("two different parties");
        } else if (fault.who.kind == Selector::Kind::others) {
            return start.mistake("a broker or a client by its name");
        } else if (sim::is_of_brokers(fault.kind) && !fault.who.is_of_brokers()) {
            return start.mistake("a fault that befalls clients, or a broker");
        }
        if (!fault.partition.topic.empty() && !has_partition(fault.partition)) {
            return start.mistake("a partition of a topic that stands above");
        }
        return std::nullopt;
    }

    Trouble wanted_of(const Wish& wish, const Line& start) const {
        const bool is_there = wish.kind == Wish::Kind::set_topic ? has_topic(wish.topic)
                                                                 : has_partition(wish.partition);
        if (is_there) return std::nullopt;
        return start.mistake(wish.kind == Wish::Kind::set_topic
                                 ? "a topic that stands above"
                                 : "a partition of a topic that stands above");
    }

    Trouble wanted_of(const Selector& selector, const Line& start) const {
        if (selector.number > scenario_.brokers) {
            return start.mistake("a broker from 1 to " + std::to_string(scenario_.brokers));
        }
        if (selector.kind != Selector::Kind::client || has_client(selector.name)) {
            return std::nullopt;
        }
        Mistake mistake =
            start.mistake("a client that stands above, not \"" + selector.name + '"');
        mistake.meant = settings::nearest_word(selector.name, clients_known()).value_or("");
        return mistake;
    }

    Trouble wanted_directory(const std::string& directory, const Line& start) const {
        if (directory.empty() || has_directory(directory)) return std::nullopt;
        return start.mistake("a directory of log.dirs as set above");
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
        made.is_each = line.peek() == "each";
        if ((line.take_if("each") || line.take_if("one")) && !line.take_if("of")) {
            return line.mistake("\"of\"", {"of"});
        }
        do {
            const auto kind = read_fault_name(line);
            if (!kind) return kind.error();
            const bool is_of_directory = sim::row_of(*kind).form.starts_with("directory");
            if (is_of_directory && scenario_.log_directories().size() < 2) {
                return line.mistake_before("two or more log.dirs above, of which one may fail");
            }
            if (*kind == FaultKind::bad_sector && scenario_.topics.empty()) {
                return line.mistake_before("a topic above, in whose log a sector may be bad");
            }
            made.kinds.push_back(*kind);
        } while (line.take_if(","));
        if (auto trouble = time(line, "every", made.every)) return trouble;
        if (made.every < Duration(10ms)) return line.mistake_before("at least 10ms");
        if (line.take_if("lasting")) {
            std::pair<Duration, Duration> lasting;
            const Wanted wanted = read_span(lasting.first, lasting.second, line.peek());
            if (wanted) return line.mistake(*wanted);
            line.take();
            made.lasting = lasting;
        }
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
        return std::ranges::find(clients_, name) != clients_.end();
    }
    Line::Known clients_known() const { return {clients_.begin(), clients_.end()}; }
    Line::Known topics_known() const {
        Line::Known known;
        for (const Topic& topic : scenario_.topics) known.push_back(topic.name);
        return known;
    }

    Scenario scenario_;
    std::vector<std::string> clients_;  // those of lines with mistakes too
    bool has_length_ = false;
};

}  // namespace

Result<Scenario, Mistakes> parse(std::string_view text, std::string_view file) {
    Parser parser(file);
    Mistakes mistakes;
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
        if (auto mistake = parser.sentence(line)) mistakes.all.push_back(std::move(*mistake));
    }
    if (!mistakes.all.empty()) return unexpected(std::move(mistakes));
    return std::move(parser).finish();
}

}  // namespace barnabas::scenario
