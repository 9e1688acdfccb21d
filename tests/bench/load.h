// The load that the raw drivers put on a broker: batches of a wanted size, and a topic to take
// them.
#pragma once

#include <chrono>
#include <thread>

#include "tests/bench/measure.h"
#include "tests/support/frames.h"

namespace barnabas::bench {

inline std::int64_t wall_milliseconds() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

struct Load {
    Bytes batch;
    std::int32_t records = 0;  // in the batch
    std::int64_t payload = 0;  // record values in the batch, in bytes
};

// As many records as fit into `batch_bytes`, at least one.
inline Load load_of(std::size_t batch_bytes, std::size_t record_bytes) {
    const std::vector<std::uint8_t> value(record_bytes, 'x');
    const std::int64_t now = wall_milliseconds();
    records::BatchBuilder builder;
    std::size_t growth = 0;
    do {
        const std::size_t before = builder.size();
        builder.add(now, std::nullopt, ByteView(value));
        growth = builder.size() - before + 2;  // the next one's varints may be longer
    } while (builder.size() + growth <= batch_bytes);
    const std::int32_t count = builder.count();
    return {.batch = builder.finish().batch,
            .records = count,
            .payload = count * static_cast<std::int64_t>(record_bytes)};
}

inline std::uint16_t port_of(const Flags& flags) {
    return static_cast<std::uint16_t>(flags.number("port", 9092));
}

// Makes the topic if need be and waits until its partitions answer.
inline void ready_topic(support::Wire& wire, const std::string& topic, int partitions) {
    constexpr std::int16_t topic_already_exists = 36;
    if (!wire) fail("nobody listens on that port");
    const std::int16_t error = wire.create_topics(topic, 1, partitions);
    if (error != 0 && error != topic_already_exists) {
        fail("cannot make topic " + topic + ": error " + std::to_string(error));
    }
    for (int partition = 0; partition < partitions; ++partition) {
        const auto begin = Clock::now();
        while (wire.offset(topic, partition, true) < 0) {
            if (seconds_since(begin) > 20) fail("topic " + topic + " does not come up");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
}

}  // namespace barnabas::bench
