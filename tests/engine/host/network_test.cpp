// Frames over loopback, and what back-pressure and endings look like to a machine.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

TEST(Network, AFrameComesBackFromAnEcho) {
    RunningHost host(echo_machine());
    Client client(host.port());
    client.send(framed("hello"));
    EXPECT_EQ(client.receive_frame(), "hello");
    EXPECT_EQ(host.stop(), 0);
}

TEST(Network, AFrameMayComeInSingleBytes) {
    RunningHost host(echo_machine());
    Client client(host.port());
    for (const char byte : framed("in single bytes")) client.send({&byte, 1});
    EXPECT_EQ(client.receive_frame(), "in single bytes");
}

TEST(Network, ManyFramesMayComeInOnePacket) {
    RunningHost host(echo_machine());
    Client client(host.port());
    std::string packet;
    for (int i = 0; i < 1000; ++i) packet += framed(std::to_string(i));
    client.send(packet);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.receive_frame(), std::to_string(i));
}

// Sizes around each bound inside: empty, in the slab, across it, on its own, grown.
TEST(Network, FramesOfEverySizeArriveWholeAndInOrder) {
    RunningHost host(echo_machine(64 << 20));
    Client client(host.port());
    std::vector<std::string> frames;
    for (const std::size_t size :
         {0, 1, 5, 32 * 1024, 32 * 1024 + 1, 100'000, 131'068, 131'072, 200'000, 1 << 20,
          (1 << 20) + 1, 5'000'000, 3, 0, 300'000, 300'000, 7})
        frames.push_back(std::string(size, static_cast<char>('a' + frames.size())));
    std::thread sender([&] {
        for (const std::string& frame : frames) client.send(framed(frame));
    });
    for (const std::string& frame : frames) {
        const std::string back = client.receive_frame();
        EXPECT_TRUE(back == frame) << frame.size() << " bytes";
    }
    sender.join();
}

}  // namespace
}  // namespace barnabas::host
