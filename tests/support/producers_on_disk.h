// A log on a fake disk with producers that number their batches, or write transactions.
#pragma once

#include "tests/support/log_on_disk.h"

namespace barnabas::tests {

constexpr ProducerId till{7};

inline log::LogConfig producer_segments() {
    log::LogConfig config;
    config.segment_bytes = 1000;
    config.index_interval_bytes = 200;
    config.producer_expiration_ms = INT64_MAX;
    return config;
}

inline records::Prepared batch_of(std::int32_t sequence, std::int64_t first_value, int count = 3,
                                  ProducerId id = till, bool is_transactional = false) {
    records::BatchBuilder builder({id, ProducerEpoch(0), sequence, is_transactional});
    for (int i = 0; i < count; ++i)
        builder.add(1'700'000'000'000, std::nullopt, as_bytes(std::to_string(first_value + i)));
    return builder.finish();
}
inline records::Prepared marker(bool is_commit, ProducerId id = till) {
    return records::end_transaction_marker(is_commit, 1, 1'700'000'000'000, id, ProducerEpoch(0));
}

// Batches 0 to `count` of one producer.
inline void write_idempotently(LogOnDisk& bench, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(bench.append(batch_of(3 * i, 3 * i)));
    bench.run();
}

// A producer that has written `batches` batches goes on here where it stopped.
inline void expect_knows(LogOnDisk& bench, int batches) {
    const auto last = 3 * (batches - 1);
    const auto again = bench.append(batch_of(last, last));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->is_duplicate);
    EXPECT_EQ(again->base, Offset(last));
    EXPECT_EQ(again->last, Offset(last + 2));
    EXPECT_EQ(bench.append(batch_of(last + 6, 0)).error(),
              log::AppendRefusal::out_of_order_sequence);
}

// `rounds` transactions of two producers that overlap: one is always aborted, the other committed.
inline void transact(LogOnDisk& bench, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        const ProducerId other(8);
        ASSERT_TRUE(bench.append(batch_of(3 * i, 0, 3, till, true)));
        ASSERT_TRUE(bench.append(batch_of(3 * i, 0, 3, other, true)));
        ASSERT_TRUE(bench.append(marker(i % 2 == 0), 0, log::Origin::coordinator));
        ASSERT_TRUE(bench.append(marker(i % 2 == 1, other), 0, log::Origin::coordinator));
        if (i % 3 == 0) bench.run();
    }
    bench.run();
}

}  // namespace barnabas::tests
