// Every kind of file, damaged in every way, after a clean stop and after SIGKILL: what the next
// start makes of it.
#include <ostream>

#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using File = std::vector<std::uint8_t>;

constexpr int records = 20;
constexpr std::string_view foreign_text = "this is no file of ours\n";

enum class Harm : std::uint8_t { flipped, shortened, emptied, foreign, future };
enum class Then : std::uint8_t {
    all,                // every record is served
    most,               // all but the last one
    none,               // the log is empty
    partition_refused,  // the partition answers with a storage error, and a note names the file
    node_refused,       // the node does not start, and a note names the file
};

struct Row {
    const char* file;
    Harm harm;
    Then after_clean_stop;
    Then after_kill;
};

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
constexpr const char* recovery_file = "/data/recovery-point-offset-checkpoint";
constexpr const char* starts_file = "/data/log-start-offset-checkpoint";
constexpr const char* watermarks_file = "/data/replication-offset-checkpoint";
constexpr const char* bootstrap_file = "/data/bootstrap.checkpoint";

constexpr Row table[] = {
    // A clean stop is trusted: a flipped bit within a batch is for `logs verify` and the client.
    {log_file, Harm::flipped, Then::most, Then::most},
    {log_file, Harm::shortened, Then::most, Then::most},
    {log_file, Harm::emptied, Then::none, Then::none},
    {log_file, Harm::foreign, Then::none, Then::none},
    {log_file, Harm::future, Then::most, Then::most},
    {index_file, Harm::flipped, Then::all, Then::all},
    {index_file, Harm::shortened, Then::all, Then::all},
    {index_file, Harm::emptied, Then::all, Then::all},
    {index_file, Harm::foreign, Then::all, Then::all},
    {time_file, Harm::flipped, Then::all, Then::all},
    {time_file, Harm::shortened, Then::all, Then::all},
    {time_file, Harm::emptied, Then::all, Then::all},
    {time_file, Harm::foreign, Then::all, Then::all},
    {transactions_file, Harm::emptied, Then::all, Then::all},
    {producers_file, Harm::foreign, Then::all, Then::all},
    {epochs_file, Harm::flipped, Then::all, Then::all},
    {epochs_file, Harm::shortened, Then::all, Then::all},
    {epochs_file, Harm::emptied, Then::all, Then::all},
    {epochs_file, Harm::foreign, Then::all, Then::all},
    {epochs_file, Harm::future, Then::all, Then::all},
    {id_file, Harm::flipped, Then::partition_refused, Then::partition_refused},
    {id_file, Harm::shortened, Then::partition_refused, Then::partition_refused},
    {id_file, Harm::emptied, Then::partition_refused, Then::partition_refused},
    {id_file, Harm::foreign, Then::partition_refused, Then::partition_refused},
    {id_file, Harm::future, Then::partition_refused, Then::partition_refused},
    {properties_file, Harm::emptied, Then::node_refused, Then::node_refused},
    {properties_file, Harm::foreign, Then::node_refused, Then::node_refused},
    {properties_file, Harm::future, Then::node_refused, Then::node_refused},
    {state_file, Harm::flipped, Then::node_refused, Then::node_refused},
    {state_file, Harm::shortened, Then::node_refused, Then::node_refused},
    {state_file, Harm::emptied, Then::node_refused, Then::node_refused},
    {state_file, Harm::foreign, Then::node_refused, Then::node_refused},
    {state_file, Harm::future, Then::node_refused, Then::node_refused},
    {recovery_file, Harm::flipped, Then::all, Then::all},
    {recovery_file, Harm::shortened, Then::all, Then::all},
    {recovery_file, Harm::emptied, Then::all, Then::all},
    {recovery_file, Harm::foreign, Then::all, Then::all},
    {recovery_file, Harm::future, Then::all, Then::all},
    {starts_file, Harm::foreign, Then::all, Then::all},
    {starts_file, Harm::future, Then::all, Then::all},
    {watermarks_file, Harm::foreign, Then::all, Then::all},
    {clean_file, Harm::emptied, Then::all, Then::all},
    {clean_file, Harm::foreign, Then::all, Then::all},
    {bootstrap_file, Harm::foreign, Then::all, Then::all},
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

void damage(const char* path, Harm harm, File& file) {
    const bool is_log = path == std::string_view(log_file);
    const bool is_binary = is_log || path == std::string_view(index_file) ||
                           path == std::string_view(time_file);
    switch (harm) {
        case Harm::flipped:
            if (!file.empty()) (is_binary ? file.back() : file.front()) ^= 1;
            return;
        case Harm::shortened:
            if (!file.empty()) file.pop_back();
            return;
        case Harm::emptied: return file.clear();
        case Harm::foreign: return file.assign(foreign_text.begin(), foreign_text.end());
        case Harm::future:
            if (is_log) {
                file[last_batch(file) + 16] = 3;  // the batch's format
            } else if (path == std::string_view(state_file)) {
                replace(file, "\"data_version\":0", "\"data_version\":7");
            } else if (path == std::string_view(properties_file)) {
                replace(file, "version=1", "version=7");
            } else {
                replace(file, "0", "7");
            }
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
        return Then::node_refused;
    }
    const auto produced = broker.ask<protocol::ProduceResponse>(
        broker.connect(), produce_to("orders", batch_of({"one more"})), 9);
    if (produced.responses.at(0).partition_responses.at(0).error_code ==
        ErrorCode::kafka_storage_error) {
        EXPECT_TRUE(broker.has_note(name));
        return Then::partition_refused;
    }
    const std::size_t count = served(broker);
    // The one more stands at the end of what was left.
    if (count == records + 1u) return Then::all;
    return count >= records - 1u ? Then::most : Then::none;
}

void expect(const Row& row, bool is_clean) {
    TestBroker broker({"log.index.interval.bytes=100"});
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    for (int i = 0; i < records; ++i)
        broker.ask<protocol::ProduceResponse>(
            broker.connect(), produce_to("orders", batch_of({"record " + std::to_string(i)})), 9);
    broker.pass(61s);  // the checkpoints are there
    is_clean ? broker.stop() : broker.kill();
    if (!is_clean && row.file == clean_file) return;
    if (!broker.disk().has(row.file)) broker.disk().put(row.file, {});
    damage(row.file, row.harm, broker.disk().bytes(row.file));
    broker.start();
    EXPECT_EQ(static_cast<int>(outcome(broker, row.file)),
              static_cast<int>(is_clean ? row.after_clean_stop : row.after_kill))
        << row.file << ", harm " << static_cast<int>(row.harm)
        << (is_clean ? ", after a clean stop" : ", after SIGKILL");
}

TEST(Damage, OfEveryKindOfFileIsCutRebuiltOrRefused) {
    for (const Row& row : table) {
        expect(row, true);
        expect(row, false);
    }
}

}  // namespace
}  // namespace barnabas::broker
