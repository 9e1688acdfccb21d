// A scenario: what runs, what goes wrong and when, what must hold. A plain value, read from a text
// that a newcomer can read, and printed back as such (parse.h). The grammar, one sentence a line,
// `#` to the end of the line is a comment; the comment lines on top say what the scenario teaches:
//
//   cluster brokers=1 seed=7
//   set log.flush.interval.messages=1            any setting of a broker, by Kafka's name
//   network latency=200us..2ms bandwidth=100MB/s
//   without torn_tails_are_cut                    a guard of the engine, switched off
//   topic orders partitions=1 retention.ms=1000
//   producer till to orders rate=200/s acks=all size=100B linger=5ms from 1s for 20s
//   producer once to orders acks=all idempotent   sequences: no try is stored twice
//   producer desk to prices keys=50               of a compacted topic
//   consumer desk of orders from earliest
//   at 5s kill broker 1                           any action of words.cpp's table
//   at 6s directory spare of broker 1 broken      one of log.dirs; or fails reads, writes, flushes
//   when orders-0 reaches offset 500, 2s kill broker 1    once, so long after it first holds
//   when broker 1 restarts directory spare of broker 1 healthy     before it looks at its disk
//   faults kill, reset, clog every 5s from 5s to 50s
//   run for 60s
//   expect nothing acknowledged is lost           any expectation of words.cpp's table
//
// Times count from the start of the run. Parties are `broker N`, a client's name, or `others`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/client/record.h"
#include "engine/protocol/errors.h"
#include "engine/runtime/guard.h"

namespace barnabas::scenario {

// `broker N`, or a client by its name, or everybody else.
struct Party {
    std::int32_t broker = 0;  // 0: not a broker
    std::string client;       // empty and no broker: `others`

    bool is_broker() const { return broker != 0; }
    bool is_others() const { return broker == 0 && client.empty(); }
    std::string text() const;
    friend auto operator<=>(const Party&, const Party&) = default;
};

enum class Verb : std::uint8_t {
    kill,          // SIGKILL: what was written stays
    stop,          // SIGTERM: a clean stop
    restart,       // a new life on the same disk
    lose_power,    // what was not flushed may be gone, or torn
    crash_after,   // SIGKILL between two effects, so many effects from now
    pause,         // SIGSTOP
    resume,        // SIGCONT
    cut,           // nothing passes, either way
    cut_one_way,   // nothing passes from who to whom
    clog,          // bytes wait, either way, until heal
    clog_one_way,  // bytes wait from who to whom
    reset,         // connections between the two break off
    heal,          // all cuts and clogs end
    disk_full,     // no write succeeds
    disk_slow,     // every operation takes so many times as long
    disk_broken,   // every operation fails
    disk_healthy,  // ends the three above, and the four below
    // One log directory: every operation in it fails, or those of one kind.
    directory_broken,
    directory_unreadable,
    directory_unwritable,
    directory_unflushable,
    directory_healthy,  // ends the four above
    flip_bit,      // one bit of that partition's log on that disk
    drift,         // its clock gains (or loses) parts per million
    step_wall,     // its wall clock jumps
    // Of a partition, below an offset: the admin asks for it.
    delete_records,
};

struct Action {
    Verb verb = Verb::heal;
    Party who;
    Party whom;
    TopicPartition partition;
    std::int64_t number = 0;  // effects, times, or parts per million
    Duration time{};
    std::string directory = {};  // one of log.dirs

    friend bool operator==(const Action&, const Action&) = default;
};

struct At {
    Duration time{};
    Action action;
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
    Party who;
    TopicPartition partition;
    std::int64_t number = 0;
    std::string topic;

    friend bool operator==(const Condition&, const Condition&) = default;
};

// Once, when the condition first holds, and then so long.
struct When {
    Condition condition;
    Duration delay{};
    Action action;
    friend bool operator==(const When&, const When&) = default;
};

// Kinds of faults that a seed may place. Each is an action and, later, what ends it.
enum class Fault : std::uint8_t {
    kill,
    power_loss,
    crash,
    pause,
    reset,
    cut,
    clog,
    full_disk,
    slow_disk,
    failed_directory,  // any but the first of log.dirs, until the broker is started anew
};

struct RandomFaults {
    std::vector<Fault> kinds;
    Duration every{};
    Duration from{};
    Duration to{};
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
    friend bool operator==(const Consumer&, const Consumer&) = default;
};

struct Network {
    Duration latency_least = 100us;
    Duration latency_most = 1ms;
    std::uint64_t bandwidth = 100'000'000;  // bytes a second
    friend bool operator==(const Network&, const Network&) = default;
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
