// What Apache Kafka wrote, we read; what we write of the same batches is, byte for byte, what it
// wrote.
#include "tests/support/kafka_directory.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/log/producer_snapshot.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::log {
namespace {

using tests::KafkaDirectory;
using tests::LogOnDisk;

const std::set<std::string> topics = {
    "append-time-0",        "codec-gzip-0",         "codec-lz4-0",     "codec-none-0",
    "codec-snappy-0",       "codec-zstd-0",         "compacted-0",     "deleted-records-0",
    "idempotent-0",         "segments-0",           "transactional-0", "transactional-1",
    "__consumer_offsets-0", "__transaction_state-0"};

LogConfig config_of(const std::string& partition) {
    LogConfig config;
    if (partition == "segments-0") {
        config.segment_bytes = 1u << 20;
        config.index_interval_bytes = 1024;
    }
    config.is_compacted = partition == "compacted-0" || partition.starts_with("__");
    return config;
}

TopicPartition parse_name(const std::string& name) {
    const std::size_t dash = name.rfind('-');
    return {name.substr(0, dash), PartitionIndex(std::stoi(name.substr(dash + 1)))};
}

// The log of a partition of Kafka's directory, on a fake disk that holds a copy of its files.
LogOnDisk copy_of(const KafkaDirectory& kafka, const std::string& partition) {
    LogOnDisk bench(config_of(partition));
    const std::string name = partition.substr(partition.find('/') + 1);
    bench.config = config_of(name);
    for (const std::string& file : kafka.names(partition))
        bench.disk.put("data/" + name + '/' + file, kafka.bytes(partition + '/' + file));
    bench.log = PartitionLog(parse_name(name), TopicId{}, "data/" + name, Cow(bench.config), {0});
    return bench;
}

struct ReadRecord {
    std::int64_t timestamp = 0;
    std::string key;
    std::int64_t value_bytes = -1;
    friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

// Every batch from the log's start on: CRCs are checked, records of every codec are collected.
std::map<std::int64_t, ReadRecord> read_records(LogOnDisk& bench) {
    std::map<std::int64_t, ReadRecord> found;
    Offset at = bench.log.log_start_offset();
    while (at < bench.log.written_end()) {
        const auto range = bench.locate(at, bench.log.written_end(), 10'000);
        if (!range || range->length == 0) break;
        records::BatchReader reader(bench.read(*range));
        while (const auto batch = reader.next()) {
            EXPECT_TRUE(batch->has_good_crc());
            at = batch->header.next_offset();
            if (batch->header.is_control()) continue;
            const auto plain = records::plain_records(*batch);
            EXPECT_TRUE(plain);
            if (!plain) return found;
            records::RecordReader records(batch->header, *plain);
            while (const auto record = records.next()) {
                if (record->offset < bench.log.log_start_offset()) continue;
                found[record->offset.value()] = {
                    record->timestamp, record->key ? std::string(as_text(*record->key)) : "null",
                    record->value ? static_cast<std::int64_t>(record->value->size()) : -1};
            }
            EXPECT_TRUE(records.is_good());
        }
    }
    EXPECT_EQ(at, bench.log.written_end());
    return found;
}

TEST(KafkaDirectory, EveryRecordOfACleanStopIsServedThatKafkaServes) {
    const KafkaDirectory kafka;
    const auto ends = parse_offsets(kafka.text("clean/recovery-point-offset-checkpoint"));
    const auto starts = parse_offsets(kafka.text("clean/log-start-offset-checkpoint"));
    ASSERT_TRUE(ends && starts);
    std::map<std::string, std::map<std::int64_t, ReadRecord>> expected;
    for (const KafkaDirectory::Row& row : KafkaDirectory::rows())
        expected[row.topic + '-' + std::to_string(row.partition)][row.offset] = {
            row.timestamp, row.key, row.value_bytes};
    std::size_t compared = 0;
    for (const std::string& name : topics) {
        SCOPED_TRACE(name);
        LogOnDisk bench = copy_of(kafka, "clean/" + name);
        const auto start = starts->find(parse_name(name));
        if (start != starts->end()) bench.log_start = start->second;
        bench.open(true);
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
        EXPECT_TRUE(bench.notes.empty()) << bench.notes.front();
        EXPECT_EQ(bench.log.log_end_offset(), ends->at(parse_name(name)));
        EXPECT_FALSE(bench.log.topic_id().is_zero());
        const auto found = read_records(bench);
        if (name.starts_with("__")) continue;
        EXPECT_EQ(found, expected[name]);
        compared += found.size();
    }
    EXPECT_EQ(compared, 5u + 500 + 290 + 18 + 50 + 2600 + 70);
}

// Kafka made its clean copy from the crashed one: our recovery must make the same files of it.
TEST(KafkaDirectory, RecoveryOfACrashMakesTheFilesThatKafkasRecoveryMakes) {
    const KafkaDirectory kafka;
    for (const std::string& name : topics) {
        if (name.starts_with("__")) continue;
        SCOPED_TRACE(name);
        LogOnDisk bench = copy_of(kafka, "crashed/" + name);
        bench.open(false);
        ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
        bench.close();
        std::size_t compared = 0;
        for (const std::string& file : kafka.names("clean/" + name)) {
            if (!file.ends_with(".log") && !file.ends_with("index")) continue;
            EXPECT_EQ(bench.disk.bytes("data/" + name + '/' + file),
                      kafka.bytes("clean/" + name + '/' + file))
                << file;
            ++compared;
        }
        EXPECT_GE(compared, 3u);
    }
}

// tx-d left a transaction open at 36 and aborted ones stand before it, in both copies: the crashed
// one has to find out by itself.
TEST(KafkaDirectory, TransactionsAreKnownAfterACleanStopAndAfterACrash) {
    const KafkaDirectory kafka;
    for (const bool is_clean : {true, false}) {
        for (const std::string name : {"transactional-0", "transactional-1"}) {
            SCOPED_TRACE(name + (is_clean ? " clean" : " crashed"));
            LogOnDisk bench = copy_of(kafka, (is_clean ? "clean/" : "crashed/") + name);
            bench.open(is_clean);
            ASSERT_EQ(bench.log.state(), PartitionLog::State::open) << bench.log.failure();
            EXPECT_EQ(bench.log.log_end_offset(), Offset(41));
            EXPECT_EQ(bench.log.last_stable_offset(Offset(41)), Offset(36));
            EXPECT_EQ(bench.log.last_stable_offset(Offset(30)), Offset(30));
            const auto aborted = bench.aborted(Offset(0), Offset(36));
            ASSERT_EQ(aborted.size(), 2u);
            const auto snapshot = decode_snapshot(
                Bytes::own(kafka.bytes("clean/" + name + "/00000000000000000041.snapshot")));
            ASSERT_TRUE(snapshot);
            ASSERT_EQ(snapshot->producers().size(), 4u);
            for (const auto& [id, producer] : snapshot->producers()) {
                const auto* ours = bench.log.producer_states()->find(id);
                ASSERT_NE(ours, nullptr);
                EXPECT_EQ(ours->transaction_first, producer.transaction_first);
                EXPECT_EQ(ours->coordinator_epoch, producer.coordinator_epoch);
                EXPECT_EQ(ours->last_timestamp, producer.last_timestamp);
                EXPECT_EQ(ours->last_batch()->last, producer.last_batch()->last);
            }
        }
    }
}

// The same batches appended through our log: segments, indexes and checkpoints as Kafka wrote them.
TEST(KafkaDirectory, AppendingTheSameBatchesWritesTheSameFiles) {
    const KafkaDirectory kafka;
    for (const std::string name : {"segments-0", "codec-none-0", "idempotent-0", "codec-lz4-0"}) {
        SCOPED_TRACE(name);
        LogOnDisk bench(config_of(name));
        bench.log =
            PartitionLog(parse_name(name), TopicId{}, "data/" + name, Cow(bench.config), {0});
        bench.open();
        for (const std::string& file : kafka.names("clean/" + name)) {
            if (!file.ends_with(".log")) continue;
            records::BatchReader reader(Bytes::own(kafka.bytes("clean/" + name + '/' + file)));
            while (const auto batch = reader.next())
                ASSERT_TRUE(bench.append({batch->header, batch->bytes, false},
                                         batch->header.leader_epoch.value()));
            bench.run();
        }
        bench.close();
        for (const std::string& file : kafka.names("clean/" + name)) {
            if (!file.ends_with(".log") && !file.ends_with("index")) continue;
            EXPECT_EQ(bench.disk.bytes("data/" + name + '/' + file),
                      kafka.bytes("clean/" + name + '/' + file))
                << file;
        }
    }
}

TEST(KafkaDirectory, CheckpointsReadAndAreWrittenBackAsTheyStood) {
    const KafkaDirectory kafka;
    for (const char* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                             "log-start-offset-checkpoint"}) {
        const std::string text = kafka.text(std::string("clean/") + name);
        const auto offsets = parse_offsets(text);
        ASSERT_TRUE(offsets) << offsets.error();
        EXPECT_EQ(format_offsets(*offsets).size(), text.size());
        EXPECT_EQ(parse_offsets(format_offsets(*offsets)), offsets);
    }
    const auto meta = parse_meta_properties(kafka.text("clean/meta.properties"));
    ASSERT_TRUE(meta) << meta.error();
    EXPECT_EQ(meta->node_id, NodeId(1));
    EXPECT_EQ(meta->cluster_id, "QmFybmFiYXMtZGVtby0wMQ");
    EXPECT_EQ(parse_meta_properties(format_meta_properties(*meta)), meta);
    const std::string clean = kafka.text("clean/.kafka_cleanshutdown");
    const auto epoch = parse_clean_shutdown(clean);
    ASSERT_TRUE(epoch);
    EXPECT_EQ(format_clean_shutdown(*epoch), clean);
    for (const std::string& topic : topics) {
        const std::string epochs_text = kafka.text("clean/" + topic + "/leader-epoch-checkpoint");
        const auto epochs = parse_epochs(epochs_text);
        ASSERT_TRUE(epochs);
        EXPECT_EQ(format_epochs(*epochs), epochs_text);
        const std::string metadata = kafka.text("clean/" + topic + "/partition.metadata");
        const auto id = parse_partition_metadata(metadata);
        ASSERT_TRUE(id);
        EXPECT_EQ(format_partition_metadata(*id), metadata);
    }
}

}  // namespace
}  // namespace barnabas::log
