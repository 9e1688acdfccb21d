// A scenario: what runs, what goes wrong and when, what must hold. A plain value, read from a text
// that a newcomer can read, and printed back as such (parse.h). The grammar, one sentence a line,
// `#` to the end of the line is a comment; the comment lines on top say what the scenario teaches:
//
//   cluster brokers=1 seed=7
//   set log.flush.interval.messages=1            any setting of a broker, by Kafka's name
//   network latency=200us..2ms bandwidth=100MB/s
//   disk latency=10us..50us flush=400us..2ms bandwidth=2GB/s queue=8
//   without torn_tails_are_cut                    a guard of the engine, switched off
//   topic orders partitions=1 retention.ms=1000
//   producer till to orders rate=200/s acks=all size=100B linger=5ms from 1s for 20s
//   producer once to orders idempotent acks=all   sequences: no try is stored twice
//   producer desk to prices keys=50 tombstones=10    of a compacted topic; each tenth deletes
//   consumer desk of orders from earliest
//   consumer late of orders from offset 500 after 20s isolation.level=read_committed
//   consumer clerk of orders from time 12s after 20s    from the first record as young as that
//   at 5s kill broker 1                           a fault that lasts until a remedy ends it
//   at 6s for 1.5s cut till off from broker 1     or for so long; faults may overlap
//   at 6s directory spare of broker 1 broken      one of log.dirs; or fails reads, writes, flushes
//   when orders-0 reaches offset 500, 2s kill broker 1    once, so long after it first holds
//   when broker 1 restarts directory spare of broker 1 healthy     before it looks at its disk
//   faults one of kill, reset, clog every 5s from 5s to 50s     one in each 5 s; or `each of`
//   faults one of cut every 5s lasting 1s..20s from 5s to 50s
//   run for 60s
//   expect nothing acknowledged is lost           any expectation of words.cpp's table
//
// Times count from the start of the run. Whom a sentence means: `broker N`, `any broker`, a client
// by its name, `all clients` or `others`. `barnabas sim words` lists all sentences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/client/record.h"
#include "engine/protocol/errors.h"
#include "engine/runtime/guard.h"
#include "sim/faults/fault.h"

namespace barnabas::scenario {

using sim::Fault;
using sim::FaultKind;
using sim::Selector;

// What ends faults, whenever they were to end.
struct Treatment {
    sim::Remedy remedy = sim::Remedy::heal;
    Selector who = {};
    std::string directory = {};  // one of log.dirs

    friend bool operator==(const Treatment&, const Treatment&) = default;
};

// What the admin asks the cluster for.
struct Wish {
    enum class Kind : std::uint8_t {
        delete_records,  // of a partition, below an offset
        set_topic,       // a setting of a topic
    };
    Kind kind = Kind::delete_records;
    TopicPartition partition = {};
    std::int64_t number = 0;
    std::string topic = {};
    std::pair<std::string, std::string> setting = {};

    friend bool operator==(const Wish&, const Wish&) = default;
};

using Action = std::variant<Fault, Treatment, Wish>;

struct At {
    Duration time{};
    Action action;
    std::optional<Duration> length = {};  // of a fault; nothing: until a remedy ends it
    std::uint32_t copy = 0;               // so many lines before say the same, word for word

    friend bool operator==(const At&, const At&) = default;
};

struct Condition {
    enum class Kind : std::uint8_t {
        restarts,  // a broker begins another life
        dies,      // a broker's process is gone
        reaches,   // a partition's log holds all records below an offset
        made,      // the admin was told that a topic is there
    };
    Kind kind = Kind::restarts;
    Selector who = {};
    TopicPartition partition = {};
    std::int64_t number = 0;
    std::string topic = {};

    friend bool operator==(const Condition&, const Condition&) = default;
};

// Once, when the condition first holds, and then so long.
struct When {
    Condition condition;
    Duration delay{};
    Action action;
    std::optional<Duration> length = {};  // of a fault

    friend bool operator==(const When&, const When&) = default;
};

// Faults that the seed places: in each span of `every` one of the kinds, or each of them.
struct RandomFaults {
    bool is_each = false;
    std::vector<FaultKind> kinds;
    Duration every{};
    Duration from{};
    Duration to{};
    // How long one lasts; nothing: mostly less than half of `every`, sometimes more than all of it.
    std::optional<std::pair<Duration, Duration>> lasting = {};

    friend bool operator==(const RandomFaults&, const RandomFaults&) = default;
};

struct Expectation {
    enum class Kind : std::uint8_t {
        nothing_acknowledged_is_lost,
        exactly_the_unflushed_is_lost,
        everything_acknowledged_is_consumed,
        everything_sent_is_acknowledged,
        consumers_reach_the_end,
        nothing_is_doubled,
        something_is_lost,  // a lesson that shows a loss must show one
        something_is_doubled,
        loss_is_at_most,   // acknowledged records, by one power loss, of one partition
        loss_is_as_young,  // acknowledged before it no longer ago than that
        unavailable_less,  // no acknowledgement for this partition, while some were waited for
        unavailable_more,  // a lesson that shows it must show it
        is_told,           // a producer was told this error of this partition
    };
    using enum Kind;

    Kind kind = nothing_acknowledged_is_lost;
    TopicPartition partition;
    std::int64_t number = 0;
    Duration time{};
    protocol::ErrorCode error = protocol::ErrorCode::none;

    friend bool operator==(const Expectation&, const Expectation&) = default;
};

using Settings = std::vector<std::pair<std::string, std::string>>;

// Where a broker's logs are when the scenario does not set log.dirs.
constexpr std::string_view default_log_directory = "data";

struct Topic {
    std::string name;
    std::int32_t partitions = 1;
    std::int16_t replicas = 1;
    Settings settings;
    friend bool operator==(const Topic&, const Topic&) = default;
};

struct Producer {
    std::string name;
    std::string topic;
    std::uint32_t rate = 100;  // records a second
    client::Acks acks = client::Acks::all;
    std::uint32_t size = 100;  // bytes of a value
    std::uint32_t keys = 0;    // how many; 0: records without a key
    std::uint32_t tombstones = 0;  // one of so many; 0: none
    Duration linger = 5ms;
    Duration request_timeout = 5s;
    Duration delivery_timeout = 30s;
    std::uint32_t in_flight = 5;
    bool is_idempotent = false;
    Duration from{};
    Duration length = 30s;
    friend bool operator==(const Producer&, const Producer&) = default;
};

struct Consumer {
    std::string name;
    std::string topic;
    client::Start from = client::Start::earliest;
    std::optional<std::int64_t> offset = {};  // instead; where it is gone, as `from` says
    std::optional<Duration> time = {};        // instead: the first record as young as that
    client::Isolation isolation = client::Isolation::read_uncommitted;
    Duration after{};  // it begins to read so late
    friend bool operator==(const Consumer&, const Consumer&) = default;
};

struct Network {
    Duration latency_least = 100us;
    Duration latency_most = 1ms;
    std::uint64_t bandwidth = 100'000'000;  // bytes a second
    friend bool operator==(const Network&, const Network&) = default;
};

// What all brokers write to.
struct Medium {
    Duration latency_least = 10us;
    Duration latency_most = 50us;
    Duration flush_least = 400us;
    Duration flush_most = 2ms;
    std::uint64_t bandwidth = 2'000'000'000;  // bytes a second
    std::uint32_t queue = 8;                  // operations at a time
    friend bool operator==(const Medium&, const Medium&) = default;
};

struct Scenario {
    std::string file;     // where it was read from, for messages
    std::string purpose;  // its opening paragraph
    std::int32_t brokers = 1;
    std::uint64_t seed = 1;
    Duration length = 60s;
    Settings settings;
    Guards guards;
    Network network;
    Medium medium;
    std::vector<Topic> topics;
    std::vector<Producer> producers;
    std::vector<Consumer> consumers;
    std::vector<At> actions;  // in the order of the text
    std::vector<When> whens;
    std::vector<RandomFaults> faults;
    std::vector<Expectation> expectations;

    // As set; the first one holds the metadata log, unless metadata.log.dir says otherwise.
    std::vector<std::string> log_directories() const;

    friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace barnabas::scenario
