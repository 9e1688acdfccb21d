// kcat, unmodified, and what becomes of its records when the broker is killed.
#include <gtest/gtest.h>

#include <functional>

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

TEST(Kcat, MaySendIdempotentlyAndTheBrokerKnowsItsSequencesAgain) {
    Broker broker;
    std::string all;
    for (std::uint64_t life = 1; life <= 2; ++life) {
        const std::string lines = some_lines(2000, life);
        const Finished sent =
            kcat_send(broker, "lines", lines, {"-X", "enable.idempotence=true", "-X", "acks=all"});
        ASSERT_EQ(sent.code, 0) << sent.errors;
        all += lines;
        EXPECT_EQ(broker.stop(), 0) << broker.said();
        ASSERT_TRUE(broker.start()) << broker.said();
    }
    EXPECT_TRUE(kcat_read(broker.address(), "lines").output == all);
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

// What is in a data directory is somebody's: what cannot be understood is left alone.
void expect_refused(const std::function<void(const std::string& data)>& spoil,
                    std::string_view said) {
    Broker broker;
    EXPECT_EQ(kcat_send(broker, "kept", "one\n").code, 0);
    EXPECT_EQ(broker.stop(), 0);
    spoil(broker.data());
    const Finished refused = support::run(broker.command());
    EXPECT_GT(refused.code, 0) << "it must not start";
    EXPECT_LT(refused.code, 128) << "it must end by itself";
    const std::string all = refused.output + refused.errors;
    EXPECT_NE(all.find(said), std::string::npos) << said << " is not in\n" << all;
    EXPECT_TRUE(std::filesystem::exists(broker.file("kept-0", "00000000000000000000.log")));
}

TEST(DataDirectory, OfAnotherNodeIsRefused) {
    expect_refused(
        [](const std::string& data) {
            std::ofstream(data + "/meta.properties")
                << "version=1\nnode.id=77\ncluster.id=YmFybmFiYXMtcGVlci0wMQ\n"
                << "directory.id=ZibsNmzrQla0p011bNu7TQ\n";
        },
        "77");
}

TEST(DataDirectory, WithAnUnreadableIdentityIsRefused) {
    expect_refused(
        [](const std::string& data) {
            std::ofstream(data + "/meta.properties", std::ios::binary) << "\x01\x02 no properties";
        },
        "meta.properties");
}

TEST(DataDirectory, ThatIsAFileIsRefused) {
    Broker broker;
    EXPECT_EQ(broker.stop(), 0);
    std::filesystem::remove_all(broker.data());
    std::ofstream(broker.data()) << "a file";
    const Finished refused = support::run(broker.command());
    EXPECT_GT(refused.code, 0);
    EXPECT_LT(refused.code, 128);
    EXPECT_NE((refused.output + refused.errors).find(broker.data()), std::string::npos);
    EXPECT_EQ(support::text_of_file(broker.data()), "a file");
}

}  // namespace
}  // namespace barnabas::interop
