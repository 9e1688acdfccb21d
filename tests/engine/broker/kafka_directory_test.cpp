// The directory that Apache Kafka wrote, served by our broker: every record that Apache Kafka
// serves of it, and none other, at both isolation levels, after a clean stop and after SIGKILL.
#include "tests/support/kafka_directory.h"

#include "engine/records/compression.h"
#include "tests/engine/broker/test_broker.h"
#include "tests/support/sha256.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using tests::KafkaDirectory;

constexpr std::int8_t uncommitted = 0;
constexpr std::int8_t committed = 1;

struct ReadRecord {
    std::int64_t timestamp = 0;
    std::string key;
    std::int64_t value_bytes = -1;
    std::string value_hash;
    friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};
using Records = std::map<std::int64_t, ReadRecord>;

// A consumer, as every client does it: what the answers say was aborted is left out.
class Reader {
  public:
    Reader(TestBroker& broker, std::string topic, int partition, std::int8_t isolation)
        : broker_(broker),
          client_(broker.connect()),
          topic_(std::move(topic)),
          partition_(partition),
          isolation_(isolation) {}

    std::int64_t list(std::int64_t timestamp) {
        protocol::ListOffsetsRequest request;
        request.isolation_level = isolation_;
        auto& topic = request.topics.emplace_back();
        topic.name = topic_;
        auto& wanted = topic.partitions.emplace_back();
        wanted.partition_index = partition_;
        wanted.timestamp = timestamp;
        const auto response = broker_.ask<protocol::ListOffsetsResponse>(client_, request, 9);
        EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
        return response.topics.at(0).partitions.at(0).offset;
    }

    Records read_all() {
        std::int64_t at = list(-2);
        for (;;) {
            auto request = fetch_from(topic_, Offset(at));
            request.isolation_level = isolation_;
            request.topics[0].partitions[0].partition = partition_;
            request.topics[0].partitions[0].partition_max_bytes = 600;
            const auto response = broker_.ask<protocol::FetchResponse>(client_, request, 12);
            const auto& data = response.responses.at(0).partitions.at(0);
            EXPECT_EQ(data.error_code, ErrorCode::none);
            last_stable = data.last_stable_offset;
            if (data.records.bytes().empty()) return found_;
            at = take(data, at);
        }
    }

    std::int64_t last_stable = -1;

  private:
    std::int64_t take(const protocol::FetchResponse::PartitionData& data, std::int64_t from) {
        EXPECT_EQ(data.aborted_transactions.has_value(), isolation_ == committed);
        std::set<std::int64_t> aborted;
        std::int64_t next = from;
        records::BatchReader batches(data.records.bytes());
        while (const auto batch = batches.next()) {
            const records::BatchHeader& header = batch->header;
            EXPECT_TRUE(batch->has_good_crc());
            next = header.next_offset().value();
            if (data.aborted_transactions)
                for (const auto& one : *data.aborted_transactions)
                    if (one.first_offset <= header.last_offset().value() &&
                        ended_.count({one.producer_id, one.first_offset}) == 0)
                        aborted.insert(one.producer_id);
            const std::int64_t producer = header.producer_id.value();
            if (header.is_control()) {
                aborted.erase(producer);
                if (data.aborted_transactions)
                    for (const auto& one : *data.aborted_transactions)
                        if (one.producer_id == producer && one.first_offset < next)
                            ended_.insert({producer, one.first_offset});
                continue;
            }
            if (header.is_transactional() && aborted.contains(producer)) continue;
            collect(*batch, from);
        }
        return next;
    }

    void collect(const records::Batch& batch, std::int64_t from) {
        const auto plain = records::plain_records(batch);
        ASSERT_TRUE(plain);
        records::RecordReader reader(batch.header, *plain);
        while (const auto record = reader.next()) {
            if (record->offset.value() < from) continue;
            ReadRecord& row = found_[record->offset.value()];
            row.timestamp = record->timestamp;
            row.key = record->key ? std::string(as_text(*record->key)) : "null";
            if (!record->value) continue;
            row.value_bytes = static_cast<std::int64_t>(record->value->size());
            row.value_hash = tests::sha256_begin(*record->value);
        }
        EXPECT_TRUE(reader.is_good());
    }

    TestBroker& broker_;
    ConnectionId client_;
    std::string topic_;
    int partition_;
    std::int8_t isolation_;
    Records found_;
    std::set<std::pair<std::int64_t, std::int64_t>> ended_;  // aborted ones whose marker was seen
};

std::map<std::pair<std::string, int>, Records> expected_of(std::int8_t isolation) {
    std::map<std::pair<std::string, int>, Records> expected;
    for (const KafkaDirectory::Row& row : KafkaDirectory::rows()) {
        Records& records = expected[{row.topic, row.partition}];
        if (isolation == committed && !row.is_committed) continue;
        records[row.offset] = {row.timestamp, row.key, row.value_bytes,
                               row.value_bytes < 0 ? "" : row.value_hash};
    }
    return expected;
}

void load(TestBroker& broker, const KafkaDirectory& kafka, const std::string& copy) {
    for (const std::string& name : kafka.files_below(copy))
        if (!name.ends_with(".lock"))
            broker.disk().put("/data/" + name, kafka.bytes(copy + '/' + name));
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
}

class KafkasDirectory : public testing::TestWithParam<std::string> {};

TEST_P(KafkasDirectory, IsServedRecordForRecordAtBothIsolationLevels) {
    const KafkaDirectory kafka;
    TestBroker broker;
    load(broker, kafka, GetParam());
    for (const std::int8_t isolation : {uncommitted, committed}) {
        for (const auto& [partition, records] : expected_of(isolation)) {
            SCOPED_TRACE(partition.first + '-' + std::to_string(partition.second) +
                         (isolation == committed ? " committed" : " uncommitted"));
            Reader reader(broker, partition.first, partition.second, isolation);
            EXPECT_EQ(reader.read_all(), records);
        }
    }
}

TEST_P(KafkasDirectory, ItsOpenTransactionHoldsTheLastStableOffsetBack) {
    const KafkaDirectory kafka;
    TestBroker broker;
    load(broker, kafka, GetParam());
    for (const int partition : {0, 1}) {
        Reader all(broker, "transactional", partition, uncommitted);
        Reader stable(broker, "transactional", partition, committed);
        EXPECT_EQ(all.list(-1), 41);
        EXPECT_EQ(stable.list(-1), 36);
        EXPECT_EQ(stable.list(-2), 0);
        EXPECT_EQ(all.list(-3), 35);  // of the marker before the open transaction
        EXPECT_EQ(stable.list(-3), 35);
        EXPECT_EQ(all.read_all().rbegin()->first, 40);
        EXPECT_EQ(all.last_stable, 36);
        EXPECT_LT(stable.read_all().rbegin()->first, 36);
    }
}

INSTANTIATE_TEST_SUITE_P(AfterACleanStopAndACrash, KafkasDirectory,
                         testing::Values("clean", "crashed"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace barnabas::broker
