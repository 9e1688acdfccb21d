// A partition's log on a fake disk, driven until nothing is left to do.
#pragma once

#include <gtest/gtest.h>

#include "engine/log/jobs.h"
#include "engine/log/partition_log.h"
#include "engine/records/build.h"
#include "tests/support/fake_disk.h"

namespace barnabas::tests {

struct LogOnDisk {
    FakeDisk disk;
    log::LogConfig config;
    std::optional<Offset> recovery_point = Offset(0);
    Offset log_start{};
    log::PartitionLog log = made();
    Randoms randoms{1};
    Instant now{};
    WallTime wall{std::chrono::milliseconds(1'700'000'000'000)};
    std::vector<Effect> effects;
    std::vector<std::string> notes;
    std::vector<effect::Compute> computing;
    std::uint64_t computed = 0;  // counts them
    Random* order = nullptr;  // answers come in an order of its choice

    explicit LogOnDisk(log::LogConfig wanted = {}) : config(wanted), log(made()) {}

    static constexpr auto directory = "data/orders-0";
    log::PartitionLog made() const {
        Random ids(7);
        return log::PartitionLog({"orders", PartitionIndex(0)}, Uuid::draw(ids), directory,
                                 Cow(config), {3ull << 24});
    }
    Turn turn() { return {now, wall, randoms, effects}; }

    // One answer of the disk; false when there is none.
    bool step() {
        settle();
        if (!computing.empty()) {
            const effect::Compute job = computing.front();
            computing.erase(computing.begin());
            ++computed;
            Turn one = turn();
            log.on(event::Computed{job.job, log::compute(job)}, one);
            settle();
            return true;
        }
        const auto done = disk.answer(order);
        if (!done) return false;
        Turn one = turn();
        log.on(*done, one);
        settle();
        return true;
    }
    void run() {
        while (step()) {}
    }
    void settle() {
        disk.take(effects);
        for (const Effect& effect : effects) {
            if (const auto* note = std::get_if<effect::Note>(&effect))
                notes.push_back(note->what.text);
            if (const auto* job = std::get_if<effect::Compute>(&effect)) computing.push_back(*job);
        }
        effects.clear();
    }

    void open(bool was_clean_stop = false) {
        Turn one = turn();
        log.open(was_clean_stop, recovery_point, log_start, one);
        run();
    }
    void close() {
        Turn one = turn();
        log.close(one);
        run();
    }
    // A new life on the same disk.
    void reopen(bool was_clean_stop = false) {
        log = made();
        effects.clear();
        open(was_clean_stop);
    }
    void flush() {
        Turn one = turn();
        log.flush(one);
    }

    static records::Prepared batch(std::int64_t first_value, int count, std::size_t padding = 0,
                                   std::int64_t timestamp = 1'700'000'000'000) {
        records::BatchBuilder builder;
        for (int i = 0; i < count; ++i) {
            std::string value = std::to_string(first_value + i);
            value.append(padding, '.');
            builder.add(timestamp + i, std::nullopt, as_bytes(value));
        }
        return builder.finish();
    }
    Result<log::Appended, log::AppendRefusal> append(const records::Prepared& batch,
                                                     std::int32_t epoch = 0,
                                                     log::Origin origin = log::Origin::client) {
        Turn one = turn();
        auto appended = log.append(batch, LeaderEpoch(epoch), one, origin);
        settle();
        return appended;
    }

    // What a reader from `from` on sees up to written_end(): the numbers that batch() wrote, by
    // offset. Stops at anything that is no good batch.
    std::map<std::int64_t, std::int64_t> read_all(std::int64_t from, std::uint32_t bytes_max) {
        std::map<std::int64_t, std::int64_t> values;
        Offset at(from);
        while (at < log.written_end()) {
            const auto range = locate(at, log.written_end(), bytes_max);
            if (!range || range->length == 0) break;
            records::BatchReader reader(read(*range));
            const Offset before = at;
            while (const auto batch = reader.next()) {
                if (!batch->has_good_crc()) return values;
                records::RecordReader records(batch->header, batch->records());
                while (const auto record = records.next())
                    if (record->offset >= at)
                        values[record->offset.value()] =
                            std::stoll(std::string(as_text(*record->value)));
                at = batch->header.next_offset();
            }
            if (at == before) break;
        }
        return values;
    }
    std::optional<log::FileRange> locate(Offset from, Offset below, std::uint32_t bytes_max,
                                         bool is_below_close = false) {
        Turn one = turn();
        const auto answer =
            log.locate(from, below, bytes_max, log::LookupId(1), one, is_below_close);
        if (const auto* range = std::get_if<log::FileRange>(&answer)) return *range;
        if (std::holds_alternative<log::OutOfRange>(answer)) return std::nullopt;
        const auto found = next_found();
        if (!found || !std::holds_alternative<log::FileRange>(found->what)) return std::nullopt;
        return std::get<log::FileRange>(found->what);
    }
    std::optional<log::TimestampOffset> at_time(std::int64_t timestamp) {
        Turn one = turn();
        log.find_timestamp(timestamp, log::LookupId(2), one);
        const auto found = next_found();
        if (!found || !std::holds_alternative<log::TimestampOffset>(found->what))
            return std::nullopt;
        return std::get<log::TimestampOffset>(found->what);
    }
    std::vector<log::AbortedTransaction> aborted(Offset from, Offset below) {
        Turn one = turn();
        const auto at_once = log.find_aborted(from, below, log::LookupId(3), one);
        if (at_once) return *at_once;
        const auto found = next_found();
        if (!found) return {};
        return std::get<std::vector<log::AbortedTransaction>>(found->what);
    }
    std::optional<log::Found> next_found() {
        run();
        const auto found = log.take_found();
        return found.empty() ? std::nullopt : std::optional(found.front());
    }
    // The bytes of a range, read as the host would send them.
    Bytes read(const log::FileRange& range) {
        const Token token(1);
        effects.push_back(effect::Read{token, range.file, range.position, range.length});
        disk.take(effects);
        Bytes bytes;
        while (const auto done = disk.answer())
            if (done->operation == token) bytes = done->bytes;
        return bytes;
    }
};

// For logs of a few kilobytes that roll and have indexes.
inline log::LogConfig small_segments() {
    log::LogConfig config;
    config.segment_bytes = 2000;
    config.index_interval_bytes = 200;
    return config;
}

constexpr std::uint32_t large = 1u << 20;  // of bytes: more than such logs hold

// What fill() leaves from one offset to another: each value is the offset it has.
inline std::map<std::int64_t, std::int64_t> numbers(std::int64_t from, std::int64_t to) {
    std::map<std::int64_t, std::int64_t> expected;
    for (std::int64_t i = from; i < to; ++i) expected[i] = i;
    return expected;
}

// `count` batches of three records.
inline void fill(LogOnDisk& bench, int count, std::size_t padding = 0) {
    for (int i = 0; i < count; ++i) {
        ASSERT_TRUE(bench.append(LogOnDisk::batch(bench.log.log_end_offset().value(), 3, padding)));
    }
    bench.run();
}

}  // namespace barnabas::tests
