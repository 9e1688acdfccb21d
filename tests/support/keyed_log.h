// A compacted log on a fake disk: records with keys go in, cleanings run to their end or to a
// crash, and what a reader sees is compared with what a map of keys would say.
#pragma once

#include <gtest/gtest.h>

#include "engine/records/compression.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::tests {

struct KeyedRecord {
    std::string key;
    std::optional<std::string> value;  // nothing: a tombstone
    friend bool operator==(const KeyedRecord&, const KeyedRecord&) = default;
};
using Records = std::map<std::int64_t, KeyedRecord>;  // by offset
using Latest = std::map<std::string, std::optional<std::string>>;

inline Latest latest_of(const Records& records) {
    Latest latest;
    for (const auto& [offset, record] : records) latest[record.key] = record.value;
    return latest;
}
inline Latest without_tombstones(Latest latest) {
    std::erase_if(latest, [](const auto& entry) { return !entry.second; });
    return latest;
}

struct KeyedLog {
    LogOnDisk bench;
    log::CleaningSettings settings;
    Records given;  // all that was ever appended
    std::optional<log::CleaningResult> result;

    static log::LogConfig small_segments() {
        log::LogConfig config;
        config.segment_bytes = 1500;
        config.index_interval_bytes = 200;
        config.is_compacted = true;
        config.is_deleted = false;
        config.retention_ms = -1;
        return config;
    }
    explicit KeyedLog(log::LogConfig config = small_segments()) : bench(config) {
        settings.dirty_ratio_min_millionths = 0;
    }

    static records::Prepared batch(const std::vector<KeyedRecord>& records,
                                   records::Codec codec = records::Codec::none,
                                   records::Producer producer = {},
                                   std::int64_t timestamp = 1'700'000'000'000) {
        records::Compression compression;
        compression.codec = codec;
        records::BatchBuilder builder(producer, compression);
        for (const KeyedRecord& record : records) {
            const auto value =
                record.value ? records::OptionalView(as_bytes(*record.value)) : std::nullopt;
            builder.add(timestamp++, as_bytes(record.key), value);
        }
        return builder.finish();
    }
    void append(const std::vector<KeyedRecord>& records,
                records::Codec codec = records::Codec::none) {
        const auto appended = bench.append(batch(records, codec));
        if (!appended) return;
        std::int64_t offset = appended->base.value();
        for (const KeyedRecord& record : records) given[offset++] = record;
    }
    // One record a batch: "a=1 b=2 a" is a tombstone of a at last.
    void write(const std::string& words) {
        for (std::size_t at = 0; at < words.size();) {
            const std::size_t end = std::min(words.find(' ', at), words.size());
            const std::string word = words.substr(at, end - at);
            const std::size_t sign = word.find('=');
            append({{word.substr(0, sign), sign == std::string::npos
                                               ? std::nullopt
                                               : std::optional(word.substr(sign + 1))}});
            bench.run();
            at = end + 1;
        }
    }
    // Fills up the active segment, so that all before it can be cleaned.
    void roll() {
        const std::size_t before = bench.log.segment_count();
        for (int i = 0; bench.log.segment_count() == before && i < 100; ++i) {
            append({{"filler", std::string(300, 'x')}});
            bench.run();
        }
    }

    log::Cleanable cleanable(Offset first_dirty) {
        Turn turn = bench.turn();
        const log::Cleanable what =
            bench.log.cleanable(first_dirty, bench.log.written_end(), settings, turn);
        bench.run();
        return what;
    }
    // Begins, if there is anything to clean, and goes on until it ends or the disk does.
    bool clean(Offset first_dirty = Offset(0)) {
        const log::Cleanable what = cleanable(first_dirty);
        if (!what.is_due(settings)) return false;
        {
            Turn turn = bench.turn();
            bench.log.clean(what, settings, turn);
        }
        go_on_cleaning();
        return true;
    }
    void go_on_cleaning() {
        bench.run();
        while (bench.log.is_cleaning_waiting()) {
            Turn turn = bench.turn();
            bench.log.go_on_cleaning(turn);
            bench.run();
        }
        result = bench.log.take_cleaning_result();
    }

    // Every batch's head from there on, and every record, as a consumer gets them.
    std::vector<records::BatchHeader> heads;
    Records read(Offset at = Offset(0)) {
        Records found;
        heads.clear();
        at = std::max(at, bench.log.log_start_offset());
        while (at < bench.log.written_end()) {
            const auto range = bench.locate(at, bench.log.written_end(), 700);
            if (!range || range->length == 0) break;
            records::BatchReader reader(bench.read(*range));
            while (const auto batch = reader.next()) {
                EXPECT_TRUE(batch->has_good_crc());
                EXPECT_GE(batch->header.next_offset(), at);
                at = batch->header.next_offset();
                heads.push_back(batch->header);
                if (batch->header.is_control()) continue;
                const auto plain = records::plain_records(*batch);
                EXPECT_TRUE(plain);
                records::RecordReader records(batch->header, *plain);
                while (const auto record = records.next())
                    found[record->offset.value()] = {
                        std::string(as_text(*record->key)),
                        record->value ? std::optional(std::string(as_text(*record->value)))
                                      : std::nullopt};
                EXPECT_TRUE(records.is_good());
            }
        }
        EXPECT_EQ(at, bench.log.written_end());
        return found;
    }
};

}  // namespace barnabas::tests
