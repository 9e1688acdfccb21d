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

constexpr std::int64_t day_ms = 86'400'000;

inline Latest latest_of(const Records& records) {
    Latest latest;
    for (const auto& [offset, record] : records) latest[record.key] = record.value;
    return latest;
}
inline Latest without_tombstones(Latest latest) {
    std::erase_if(latest, [](const auto& entry) { return !entry.second; });
    return latest;
}

// "0:a=1 2:b": the second is a tombstone. Without what fills segments up.
inline std::string text_of(const Records& records) {
    std::string text;
    for (const auto& [offset, record] : records) {
        if (record.key == "filler") continue;
        if (!text.empty()) text += ' ';
        text += std::to_string(offset) + ':' + record.key;
        if (record.value) text += '=' + *record.value;
    }
    return text;
}

struct KeyedLog {
    LogOnDisk bench;
    log::CleaningSettings settings;
    Records given;  // all that was ever appended, and not aborted
    std::optional<log::CleaningResult> result;
    struct Transaction {
        std::int32_t sequence = 0;  // of its producer's next record
        Records records;            // not decided yet
    };
    std::map<ProducerId, Transaction> transactions;

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
    // A transaction of that producer begins, or goes on: committed, its records count as given.
    void append_in_transaction(ProducerId id, const std::vector<KeyedRecord>& records) {
        Transaction& transaction = transactions[id];
        const records::Producer producer{id, ProducerEpoch(0), transaction.sequence, true};
        const auto appended = bench.append(batch(records, records::Codec::none, producer));
        ASSERT_TRUE(appended);
        transaction.sequence += static_cast<std::int32_t>(records.size());
        std::int64_t offset = appended->base.value();
        for (const KeyedRecord& record : records) transaction.records[offset++] = record;
        bench.run();
    }
    void end_transaction(ProducerId id, bool is_commit) {
        ASSERT_TRUE(bench.append(records::end_transaction_marker(is_commit, 1, 1'700'000'000'000,
                                                                 id, ProducerEpoch(0))));
        Records& records = transactions[id].records;
        if (is_commit) given.insert(records.begin(), records.end());
        records.clear();
        bench.run();
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
        bench.log.settle_transactions(bench.log.written_end());
        const Offset stable = bench.log.last_stable_offset(bench.log.written_end());
        const log::Cleanable what = bench.log.cleanable(first_dirty, stable, settings, turn);
        bench.run();
        return what;
    }
    // Begins, if there is anything to clean, and goes on until it ends or the disk does.
    bool clean(Offset first_dirty = Offset(0)) {
        if (!begin_cleaning(first_dirty)) return false;
        go_on_cleaning();
        return true;
    }
    bool begin_cleaning(Offset first_dirty = Offset(0)) {
        const log::Cleanable what = cleanable(first_dirty);
        if (!what.is_due(settings)) return false;
        Turn turn = bench.turn();
        bench.log.clean(what, settings, turn);
        return true;
    }
    // One answer of the disk, and one slice if it waits for that: then true.
    bool step_cleaning() {
        bench.step();
        if (!bench.log.is_cleaning_waiting()) return false;
        Turn turn = bench.turn();
        bench.log.go_on_cleaning(turn);
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

    // Every batch's head from there on, and every record that is committed, as consumers get them.
    std::vector<records::BatchHeader> heads;
    Records read(Offset at = Offset(0)) {
        Records found;
        heads.clear();
        at = std::max(at, bench.log.log_start_offset());
        const auto aborted = bench.aborted(at, bench.log.written_end());
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
                const bool is_aborted =
                    std::ranges::any_of(aborted, [&](const log::AbortedTransaction& one) {
                        return batch->header.is_transactional() &&
                               batch->header.producer_id == one.producer &&
                               batch->header.base_offset >= one.first &&
                               batch->header.base_offset <= one.last;
                    });
                if (is_aborted) continue;
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
        for (const auto& [producer, transaction] : transactions)
            for (const auto& [offset, record] : transaction.records) found.erase(offset);
        return found;
    }
};

// The files of the log that end so.
inline std::vector<std::string> names_with(const KeyedLog& keyed, std::string_view suffix) {
    std::vector<std::string> names;
    for (const std::string& name : keyed.bench.disk.names_in(LogOnDisk::directory))
        if (name.ends_with(suffix)) names.push_back(name);
    return names;
}

}  // namespace barnabas::tests
