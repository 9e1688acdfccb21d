// Every kind of file, damaged in every way, after a clean stop and after SIGKILL: what the next
// start makes of it.
#include <array>

#include "engine/log/producer_snapshot.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using File = std::vector<std::uint8_t>;

constexpr int records = 20;
constexpr std::string_view foreign_text = "this is no file of ours\n";

enum class Harm : std::uint8_t {
    flipped_early,
    flipped_late,
    shortened,
    emptied,
    foreign,
    missing,
    future,  // a version that is not known
};
constexpr std::size_t harms = 7;

enum class Then : std::uint8_t {
    all,                // every record is served
    cut,                // all but the last one, in whose place the next one comes
    bad_last,           // all is there, but the last one has a wrong CRC
    bad_first,          // likewise the first one
    anew,               // the log is empty
    partition_refused,  // the partition answers with a storage error, and a note names the file
    node_refused,       // the node does not start, and a note names the file
    no_such_harm,
    something_else,
};
using enum Then;

struct Row {
    const char* file;
    std::array<Then, harms> after_clean_stop;
    std::array<Then, harms> after_kill;
};
constexpr std::array<Then, harms> always(Then then, Then of_future) {
    return {then, then, then, then, then, then, of_future};
}

constexpr const char* log_file = "/data/orders-0/00000000000000000000.log";
constexpr const char* index_file = "/data/orders-0/00000000000000000000.index";
constexpr const char* time_file = "/data/orders-0/00000000000000000000.timeindex";
constexpr const char* transactions_file = "/data/orders-0/00000000000000000000.txnindex";
constexpr const char* producers_file = "/data/orders-0/00000000000000000020.snapshot";
constexpr const char* epochs_file = "/data/orders-0/leader-epoch-checkpoint";
constexpr const char* id_file = "/data/orders-0/partition.metadata";
constexpr const char* properties_file = "/data/meta.properties";
constexpr const char* state_file = "/data/__cluster_metadata-0/quorum-state";
constexpr const char* clean_file = "/data/.kafka_cleanshutdown";
constexpr const char* watermarks_file = "/data/replication-offset-checkpoint";
constexpr const char* cleaner_file = "/data/cleaner-offset-checkpoint";
constexpr const char* bootstrap_file = "/data/bootstrap.checkpoint";

constexpr std::array<Then, harms> refused_unless_missing = {
    node_refused, node_refused, node_refused, node_refused, node_refused, all, node_refused};
constexpr std::array<Then, harms> partition_refused_unless_missing = {
    partition_refused, partition_refused, partition_refused, partition_refused,
    partition_refused, all,               partition_refused};

// Entries are gathered before they are written.
constexpr std::array<Then, harms> empty_after_kill = {
    no_such_harm, no_such_harm, no_such_harm, no_such_harm, all, all, no_such_harm};

// A flipped bit in its comment or in an id is not to be seen.
constexpr std::array<Then, harms> properties = {
    all, all, all, node_refused, node_refused, node_refused, node_refused};

// In the order of Harm.
constexpr Row table[] = {
    // A clean stop is trusted: a flipped bit within a batch is for `logs verify` and the client.
    {log_file, {bad_first, bad_last, cut, anew, anew, anew, cut},
     {anew, cut, cut, anew, anew, anew, cut}},
    {index_file, always(all, no_such_harm), empty_after_kill},
    {time_file, always(all, no_such_harm), empty_after_kill},
    {transactions_file, always(all, all), always(all, all)},
    {producers_file, always(all, all), always(all, all)},
    {epochs_file, always(all, all), always(all, all)},
    {id_file, partition_refused_unless_missing, partition_refused_unless_missing},
    {properties_file, properties, properties},
    {state_file, refused_unless_missing, refused_unless_missing},
    {clean_file, always(all, all), always(no_such_harm, no_such_harm)},
    {recovery_file, always(all, all), always(all, all)},
    {starts_file, always(all, all), always(all, all)},
    {watermarks_file, always(all, all), always(all, all)},
    {cleaner_file, always(all, all), always(all, all)},
    {bootstrap_file, always(all, all), always(all, all)},
};

void replace(File& file, std::string_view before, std::string_view after) {
    std::string text(file.begin(), file.end());
    const std::size_t at = text.find(before);
    if (at != std::string::npos) text.replace(at, before.size(), after);
    file.assign(text.begin(), text.end());
}

// Where the last batch of a log begins.
std::size_t last_batch(const File& file) {
    records::BatchReader reader(Bytes::copy(ByteView(file)));
    std::size_t at = 0;
    while (reader.position() < file.size()) {
        at = reader.position();
        if (!reader.next()) break;
    }
    return at;
}

bool is_text(std::string_view path) {
    return path != log_file && path != index_file && path != time_file &&
           path != transactions_file && path != producers_file && path != bootstrap_file;
}

void make_future(std::string_view path, File& file) {
    constexpr std::size_t format_at = 16;  // of a batch
    if (path == log_file) file[last_batch(file) + format_at] = 3;
    if (path == bootstrap_file) file[format_at] = 3;
    if (path == transactions_file || path == producers_file) file.at(1) = 7;
    if (path == state_file) return replace(file, "\"data_version\":0", "\"data_version\":7");
    if (path == properties_file) return replace(file, "version=1", "version=7");
    if (is_text(path)) replace(file, "0", "7");
}

void damage(TestBroker& broker, const char* path, Harm harm) {
    File& file = broker.disk().bytes(path);
    const bool ends_with_line = is_text(path) && !file.empty() && file.back() == '\n';
    const std::size_t in_records = records::batch_head_bytes + 1;
    switch (harm) {
        case Harm::flipped_early: {
            const std::size_t at = path == std::string_view(log_file) ? in_records : 0;
            file.at(at) ^= 1;
            return;
        }
        case Harm::flipped_late: file.at(file.size() - 1 - ends_with_line) ^= 1; return;
        case Harm::shortened: return file.resize(file.size() - 1 - ends_with_line);
        case Harm::emptied: return file.clear();
        case Harm::foreign: return file.assign(foreign_text.begin(), foreign_text.end());
        case Harm::missing: return broker.disk().remove(path);
        case Harm::future: return make_future(path, file);
    }
}

// How many records come out with a good CRC.
std::size_t served(TestBroker& broker) {
    std::size_t count = 0;
    for (int offset = 0; offset < records;) {
        const auto response = broker.ask<protocol::FetchResponse>(
            broker.connect(), fetch_from("orders", Offset(offset)), 12);
        records::BatchReader batches(
            response.responses.at(0).partitions.at(0).records.bytes());
        const std::size_t before = count;
        while (const auto batch = batches.next()) {
            if (!batch->has_good_crc()) return count;
            ++count;
            offset = static_cast<int>(batch->header.next_offset().value());
        }
        if (count == before) break;
    }
    return count;
}

Then outcome(TestBroker& broker, const std::string& file) {
    const std::string name = file.substr(file.rfind('/') + 1);
    if (broker.exit_code()) {
        EXPECT_EQ(broker.exit_code(), 1);
        EXPECT_TRUE(broker.has_note(name));
        return node_refused;
    }
    const auto produced = broker.ask<protocol::ProduceResponse>(
        broker.connect(), produce_to("orders", batch_of({"one more"})), 9);
    const auto& response = produced.responses.at(0).partition_responses.at(0);
    if (response.error_code == ErrorCode::kafka_storage_error) {
        EXPECT_TRUE(broker.has_note(name));
        return partition_refused;
    }
    EXPECT_EQ(response.error_code, ErrorCode::none);
    const std::size_t count = served(broker);
    if (response.base_offset == 0) return count == 1 ? anew : something_else;
    if (response.base_offset == records - 1) return count == records ? cut : something_else;
    if (response.base_offset != records) return something_else;
    return count == records + 1u   ? all
           : count == records - 1u ? bad_last
           : count == 0u           ? bad_first
                                   : something_else;
}

// Of a producer, so that there is a snapshot of what it did after a clean stop.
Bytes batch_of_producer(std::int32_t sequence) {
    records::BatchBuilder builder({ProducerId(5), ProducerEpoch(0), sequence, false});
    builder.add(1'795'400'000'000 + sequence, std::nullopt, as_bytes("a record"));
    return records::stamp(builder.finish(), Offset(0), no_leader_epoch).flatten();
}

// What such a broker does not write by itself.
void put_rare_files(TestBroker& broker) {
    const auto put = [&](const char* path, const File& bytes) {
        if (!broker.disk().has(path)) broker.disk().put(path, bytes);
    };
    File transactions;
    log::put_transaction_entry(transactions, {ProducerId(7), Offset(2), Offset(4), Offset(4)});
    put(transactions_file, transactions);
    const Bytes snapshot = log::encode_snapshot(log::ProducerStates());
    put(producers_file, {snapshot.begin(), snapshot.end()});
    const std::string text = "0\n1\norders 0 20\n";
    put(cleaner_file, {text.begin(), text.end()});
    const std::string none = "0\n0\n";
    put(starts_file, {none.begin(), none.end()});
    put(recovery_file, {none.begin(), none.end()});
    put(watermarks_file, {none.begin(), none.end()});
}

void expect(const Row& row, Harm harm, bool is_clean) {
    const auto expected =
        (is_clean ? row.after_clean_stop : row.after_kill)[static_cast<std::size_t>(harm)];
    if (expected == no_such_harm) return;
    TestBroker broker({"log.index.interval.bytes=100"});
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    for (int i = 0; i < records; ++i)
        broker.ask<protocol::ProduceResponse>(
            broker.connect(), produce_to("orders", batch_of_producer(i)), 9);
    broker.pass(61s);  // the checkpoints are there
    is_clean ? broker.stop() : broker.kill();
    put_rare_files(broker);
    const File before = broker.disk().bytes(row.file);
    damage(broker, row.file, harm);
    if (broker.disk().has(row.file)) {
        ASSERT_NE(broker.disk().bytes(row.file), before) << row.file;
    }
    broker.start();
    EXPECT_EQ(static_cast<int>(outcome(broker, row.file)), static_cast<int>(expected))
        << row.file << ", harm " << static_cast<int>(harm)
        << (is_clean ? ", after a clean stop" : ", after SIGKILL");
}

TEST(Damage, OfEveryKindOfFileIsCutRebuiltOrRefused) {
    for (const Row& row : table) {
        for (std::size_t harm = 0; harm < harms; ++harm) {
            expect(row, static_cast<Harm>(harm), true);
            expect(row, static_cast<Harm>(harm), false);
        }
    }
}

}  // namespace
}  // namespace barnabas::broker
