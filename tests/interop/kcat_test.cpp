// kcat, unmodified, and what becomes of its records when the broker is killed.
#include <gtest/gtest.h>

#include "tests/interop/broker.h"

namespace barnabas::interop {
namespace {

TEST(Kcat, GetsBackByteForByteWhatItSent) {
    Broker broker;
    const std::string lines = some_lines(5000);
    const Finished sent = kcat_send(broker, "lines", lines);
    ASSERT_EQ(sent.code, 0) << sent.errors;
    const Finished read = kcat_read(broker.address(), "lines");
    EXPECT_EQ(read.code, 0) << read.errors;
    EXPECT_TRUE(read.output == lines) << read.output.size() << " of " << lines.size() << " bytes";
}

// An acknowledged record stands in the page cache: a killed process takes nothing with it.
TEST(Kcat, FindsEverythingAgainAfterSigkill) {
    Broker broker;
    std::string all;
    for (std::uint64_t life = 1; life <= 3; ++life) {
        const std::string lines = some_lines(2000, life);
        const Finished sent = kcat_send(broker, "lines", lines, {"-X", "acks=all"});
        ASSERT_EQ(sent.code, 0) << sent.errors;
        all += lines;
        broker.kill();
        ASSERT_TRUE(broker.start()) << broker.said();
        EXPECT_TRUE(kcat_read(broker.address(), "lines").output == all);
    }
}

TEST(Kcat, FindsEverythingAgainAfterACleanStop) {
    Broker broker;
    const std::string lines = some_lines(1000);
    ASSERT_EQ(kcat_send(broker, "lines", lines).code, 0);
    EXPECT_EQ(broker.stop(), 0) << broker.said();
    ASSERT_TRUE(broker.start()) << broker.said();
    EXPECT_TRUE(kcat_read(broker.address(), "lines").output == lines);
}

// Segments roll while it is written and are read across.
TEST(Kcat, ReadsAcrossSegments) {
    Broker broker({"log.segment.bytes=1048576"});
    const std::string lines = some_lines(40'000);
    ASSERT_EQ(kcat_send(broker, "lines", lines).code, 0);
    EXPECT_GE(std::distance(std::filesystem::directory_iterator(broker.file("lines-0", "")), {}),
              12);
    EXPECT_TRUE(kcat_read(broker.address(), "lines").output == lines);
    broker.kill();
    ASSERT_TRUE(broker.start()) << broker.said();
    EXPECT_TRUE(kcat_read(broker.address(), "lines").output == lines);
}

TEST(Kcat, ListsTheBrokerByTheAddressItCameInOn) {
    Broker broker;
    const Finished listed = support::run({"kcat", "-L", "-b", broker.address()});
    EXPECT_EQ(listed.code, 0);
    EXPECT_NE(listed.output.find("at " + broker.address()), std::string::npos) << listed.output;
}

// Two brokers in one directory would overwrite each other.
TEST(DataDirectory, IsRefusedToASecondBroker) {
    Broker broker;
    auto command = broker.command();
    command[3] = "listeners=PLAINTEXT://127.0.0.1:" + std::to_string(support::free_port());
    const Finished second = support::run(command);
    EXPECT_GT(second.code, 0);
    EXPECT_LT(second.code, 128) << "it must end by itself";
    EXPECT_NE((second.output + second.errors).find(broker.data()), std::string::npos)
        << "says which directory: " << second.output << second.errors;
    EXPECT_TRUE(Wire(broker.port()).ask(support::api_versions_request()));
}

}  // namespace
}  // namespace barnabas::interop
