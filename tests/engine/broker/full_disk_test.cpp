// A broker whose disk has no room, at any moment: it waits, says so, and nothing of it is left once
// there is room again.
#include "tests/engine/broker/test_broker.h"
#include "tests/support/each_operation.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;
using tests::EachOperation;

constexpr const char* topic = "orders";

ErrorCode produce(TestBroker& broker, const std::string& to, const std::string& value) {
    return broker
        .ask<protocol::ProduceResponse>(broker.connect(), produce_to(to, batch_of({value})), 9)
        .responses.at(0)
        .partition_responses.at(0)
        .error_code;
}

std::pair<ErrorCode, std::vector<std::string>> fetch(TestBroker& broker, const std::string& from) {
    const auto response =
        broker.ask<protocol::FetchResponse>(broker.connect(), fetch_from(from, Offset(0)), 12);
    const auto& partition = response.responses.at(0).partitions.at(0);
    return {partition.error_code, values_in(partition.records.bytes())};
}

void let_time_pass(TestBroker& broker, int seconds = 30) {
    for (int i = 0; i < seconds; ++i) broker.pass(1s);
}

// Before the start that is looked at, the disk holds this.
enum class Before { nothing, a_kill, a_clean_stop };

std::vector<std::string> prepare(TestBroker& broker, Before before) {
    if (before == Before::nothing) return {};
    broker.start();
    make_topic(broker, broker.connect(), topic);
    EXPECT_EQ(produce(broker, topic, "one"), ErrorCode::none);
    EXPECT_EQ(produce(broker, topic, "two"), ErrorCode::none);
    before == Before::a_kill ? broker.kill() : broker.stop();
    return {"one", "two"};
}

// It serves, and holds what was acknowledged before.
void expect_whole(TestBroker& broker, std::vector<std::string> values, const std::string& what) {
    EXPECT_FALSE(broker.exit_code()) << what << ": " << broker.notes().back().text;
    ASSERT_TRUE(broker.broker().is_serving()) << what;
    if (values.empty()) {
        make_topic(broker, broker.connect(), topic);
    } else {
        EXPECT_EQ(fetch(broker, topic).second, values) << what;
    }
    EXPECT_EQ(produce(broker, topic, "more"), ErrorCode::none) << what;
    values.emplace_back("more");
    broker.kill();
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving()) << what;
    EXPECT_EQ(fetch(broker, topic).second, values) << what;
}

TEST(BrokerFullDisk, AStartThatFindsNoRoomAtAnyOperationWaitsForIt) {
    for (const Before before : {Before::nothing, Before::a_kill, Before::a_clean_stop}) {
        int waited = 0;
        for (EachOperation nth; nth.next();) {
            TestBroker broker;
            const auto values = prepare(broker, before);
            broker.notes().clear();
            nth.fails(broker.disk(), StorageStatus::no_space);
            broker.start();
            const bool has_waited = !broker.broker().is_serving();
            let_time_pass(broker);
            if (!nth.came()) break;
            // After a failed flush nobody knows what is stored: there is no second try. And no disk
            // needs room to open or read what is there.
            if (broker.has_note("flushing") || broker.has_note("opening a file") ||
                broker.has_note("reading failed"))
                continue;
            waited += has_waited;
            EXPECT_TRUE(!has_waited || broker.has_note("disk is full")) << nth.number();
            expect_whole(broker, values, "operation " + std::to_string(nth.number()));
            if (HasFatalFailure()) return;
        }
        EXPECT_GT(waited, 10);
    }
}

TEST(BrokerFullDisk, ADiskThatIsFullAtTheStartIsWaitedFor) {
    constexpr std::uint64_t room_max = 3000;  // enough for a first start
    for (std::uint64_t room = 0; room <= room_max; room += 10) {
        TestBroker broker;
        broker.disk().set_space(room);
        broker.start();
        let_time_pass(broker);
        EXPECT_FALSE(broker.exit_code());
        EXPECT_TRUE(room > 0 || !broker.broker().is_serving());
        EXPECT_TRUE(broker.broker().is_serving() || broker.has_note("disk is full")) << room;
        broker.disk().set_space(UINT64_MAX);
        let_time_pass(broker);
        expect_whole(broker, {}, "room for " + std::to_string(room) + " bytes");
        if (HasFatalFailure()) return;
    }
}

TEST(BrokerFullDisk, AShortageOfDescriptorsAtTheLockIsWaitedFor) {
    int waited = 0;
    for (EachOperation nth; nth.next();) {
        TestBroker broker;
        nth.fails(broker.disk(), StorageStatus::shortage);
        broker.start();
        if (!nth.came() || nth.number() > 6) break;
        waited += broker.has_note("cannot be locked: descriptors or memory run short");
        let_time_pass(broker);
        EXPECT_TRUE(broker.broker().is_serving()) << nth.number();
    }
    EXPECT_EQ(waited, 1);
}

// After a kill each log is checked, and its index written anew: without room it is not served, and
// the others are.
TEST(BrokerFullDisk, ALogThatFindsNoRoomWhileItIsOpenedIsServedOnceThereIsSome) {
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    make_topic(broker, broker.connect(), "payments");
    for (const char* name : {"orders", "payments"})
        EXPECT_EQ(produce(broker, name, "one"), ErrorCode::none);
    broker.kill();
    broker.disk().fail_path("/data/orders-0/00000000000000000000.timeindex",
                            StorageStatus::no_space);
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    EXPECT_TRUE(broker.has_note("the disk is full: it is opened when there is room"));
    EXPECT_EQ(produce(broker, "payments", "two"), ErrorCode::none);
    EXPECT_EQ(fetch(broker, "orders").first, ErrorCode::kafka_storage_error);
    EXPECT_EQ(produce(broker, "orders", "two"), ErrorCode::kafka_storage_error);
    let_time_pass(broker);
    EXPECT_TRUE(broker.has_note("there is room again"));
    EXPECT_EQ(fetch(broker, "orders").second, std::vector<std::string>{"one"});
    EXPECT_EQ(produce(broker, "orders", "two"), ErrorCode::none);
}

TEST(BrokerFullDisk, ACleanStopDoesNotWaitForALogThatFoundNoRoom) {
    TestBroker broker;
    prepare(broker, Before::a_kill);
    broker.disk().fail_path("/data/orders-0/00000000000000000000.timeindex",
                            StorageStatus::no_space);
    broker.start();
    ASSERT_TRUE(broker.broker().is_serving());
    broker.stop();
    EXPECT_EQ(broker.exit_code(), 0);
    EXPECT_FALSE(broker.disk().has("/data/.kafka_cleanshutdown"));
    broker.start();
    EXPECT_EQ(fetch(broker, topic).second, (std::vector<std::string>{"one", "two"}));
}

TEST(BrokerFullDisk, AMetadataSnapshotThatFindsNoRoomIsWrittenLater) {
    for (EachOperation nth; nth.next();) {
        TestBroker broker({"metadata.log.max.record.bytes.between.snapshots=1000000"});
        broker.start();
        make_topic(broker, broker.connect(), topic, 5);
        nth.fails(broker.disk(), StorageStatus::no_space);
        broker.tell(event::TimerFired{names::snapshot_due});
        broker.settle();
        if (!nth.came()) break;
        EXPECT_TRUE(broker.machine().metadata_log().snapshots().empty()) << nth.number();
        let_time_pass(broker);
        EXPECT_EQ(broker.machine().metadata_log().snapshots().size(), 1u) << nth.number();
        EXPECT_GT(nth.number(), 0u);
    }
}

}  // namespace
}  // namespace barnabas::broker
