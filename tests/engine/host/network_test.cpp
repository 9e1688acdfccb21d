// Frames over loopback, and what back-pressure and endings look like to a machine.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

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

std::string reason_line(const event::Disconnected& gone) {
    return "gone " + std::to_string(static_cast<int>(gone.reason));
}
const std::string gone_closed = "gone 0";
const std::string gone_reset = "gone 1";
const std::string gone_refused = "gone 2";
const std::string gone_unreachable = "gone 3";
const std::string gone_timed_out = "gone 4";
const std::string gone_hung_up = "gone 5";

// Says what happens to it; `credit` for each connection.
TestMachine telling_machine(std::uint64_t credit,
                            std::function<void(const Event&, Turn&, Probe&)> more = {}) {
    return {.rest = [credit, more](const Event& event, Turn& turn, Probe& probe) {
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, credit});
        if (const auto* arriving = std::get_if<event::Arriving>(&event))
            probe.say("arriving " + std::to_string(arriving->length));
        if (const auto* received = std::get_if<event::Received>(&event))
            probe.say("frame " + std::string(received->frame.text()));
        if (const auto* drained = std::get_if<event::Drained>(&event))
            probe.say("left " + std::to_string(drained->bytes_left));
        if (const auto* gone = std::get_if<event::Disconnected>(&event))
            probe.say(reason_line(*gone));
        if (more) more(event, turn, probe);
    }};
}

using Lines = std::vector<std::string>;

TEST(Network, AFrameBeyondTheCreditIsAnnouncedAndMayBeRefused) {
    RunningHost host(telling_machine(1000, [](const Event& event, Turn& turn, Probe&) {
        if (const auto* arriving = std::get_if<event::Arriving>(&event))
            turn.ask(effect::HangUp{arriving->connection});
    }));
    Client client(host.port());
    client.send(std::string("\x06\0\0\0", 4) + "the first of 100 MB");
    EXPECT_TRUE(client.is_ended());
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"arriving 100663296", gone_hung_up}));
}

TEST(Network, EveryFrameUsesUpCreditAndOnlyOneBeyondItIsAnnounced) {
    RunningHost host(telling_machine(10));
    Client client(host.port());
    client.send(framed("four") + framed("sixsix") + framed("fives") + framed("more"));
    client.finish_sending();
    EXPECT_EQ(host.probe->wait_for_lines(3), (Lines{"frame four", "frame sixsix", "arriving 5"}));
}

TEST(Network, AnAnnouncedFrameComesWhenEnoughIsAdmitted) {
    RunningHost host(telling_machine(0, [](const Event& event, Turn& turn, Probe& probe) {
        const auto* arriving = std::get_if<event::Arriving>(&event);
        if (!arriving) return;
        turn.ask(effect::Admit{arriving->connection, arriving->length - 1});
        probe.say("admitted all but one byte");
        turn.ask(effect::Admit{arriving->connection, 1});
    }));
    Client client(host.port());
    client.send(framed("one") + framed("three"));
    EXPECT_EQ(host.probe->wait_for_lines(6),
              (Lines{"arriving 3", "admitted all but one byte", "frame one", "arriving 5",
                     "admitted all but one byte", "frame three"}));
}

TEST(Network, APausedConnectionTellsNothingUntilItIsResumed) {
    ConnectionId paused;
    RunningHost host(
        telling_machine(100, [paused](const Event& event, Turn& turn, Probe& probe) mutable {
            if (const auto* received = std::get_if<event::Received>(&event)) {
                paused = received->connection;
                turn.ask(effect::Pause{paused});
                turn.ask(effect::ArmTimer{Token(1), turn.now + std::chrono::milliseconds(5)});
            }
            if (!std::holds_alternative<event::TimerFired>(event)) return;
            probe.say("resumed");
            turn.ask(effect::Resume{paused});
        }));
    Client client(host.port());
    client.send(framed("a") + framed("b") + framed("c"));
    EXPECT_EQ(host.probe->wait_for_lines(6),
              (Lines{"frame a", "resumed", "frame b", "resumed", "frame c", "resumed"}));
}

// However much credit there is: it is for the machine to end what is no protocol of Kafka's.
TEST(Network, ANegativeLengthIsAnnouncedAndNeverRead) {
    RunningHost host(telling_machine(UINT64_MAX, [](const Event& event, Turn& turn, Probe&) {
        if (const auto* arriving = std::get_if<event::Arriving>(&event))
            turn.ask(effect::HangUp{arriving->connection});
    }));
    Client client(host.port());
    client.send(framed("fine") + "\xff\xff\xff\xff and more");
    EXPECT_TRUE(client.is_ended());
    EXPECT_EQ(host.probe->wait_for_lines(3),
              (Lines{"frame fine", "arriving 4294967295", gone_hung_up}));
}

// A frame that is announced and never comes holds a piece of the memory it asks for, no more; one
// that comes is asked for again each time that the piece is there.
TEST(Network, AFrameIsReadAsFarAsItIsAdmittedAndAnnouncedAgain) {
    RunningHost host(telling_machine(0, [](const Event& event, Turn& turn, Probe&) {
        if (const auto* arriving = std::get_if<event::Arriving>(&event))
            turn.ask(effect::Admit{arriving->connection, 4});
    }));
    Client client(host.port());
    const std::string whole = framed("nine byte");
    client.send(whole.substr(0, 7));  // a part of the first piece
    EXPECT_EQ(host.probe->wait_for_lines(1), (Lines{"arriving 9"}));
    client.send(whole.substr(7, 2));
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"arriving 9", "arriving 9"}));
    client.send(whole.substr(9) + framed("two"));
    EXPECT_EQ(host.probe->wait_for_lines(5), (Lines{"arriving 9", "arriving 9", "arriving 9",
                                                    "frame nine byte", "frame two"}));
}

// One request at a time, answered by 64 KiB, from somebody who does not read.
TEST(Network, WhoDoesNotReadIsNotServedOn) {
    constexpr std::size_t requests = 400;
    constexpr std::size_t answer_size = 64 * 1024;
    ConnectionId slow;
    bool waits = false;
    RunningHost host(telling_machine(1 << 20, [=](const Event& event, Turn& turn, Probe&) mutable {
        if (const auto* received = std::get_if<event::Received>(&event)) {
            slow = received->connection;
            turn.ask(effect::Pause{slow});
            turn.ask(effect::Send{slow, Chain(Bytes::own(std::vector<std::uint8_t>(answer_size)))});
            turn.ask(effect::Continue{Token(1)});
        }
        const auto* drained = std::get_if<event::Drained>(&event);
        if (drained) waits = drained->bytes_left > 0;
        const bool goes_on = drained || std::holds_alternative<event::Continued>(event);
        if (goes_on && !waits) turn.ask(effect::Resume{slow});
    }));
    Client client(host.port(), 4096);
    for (std::size_t i = 0; i < requests; ++i) client.send(framed("?"));
    const auto is_left = [](const std::string& line) { return line.starts_with("left "); };
    Lines lines;
    do lines = host.probe->wait_for_lines(lines.size() + 1);
    while (std::none_of(lines.begin(), lines.end(), is_left) && lines.size() < requests);
    const auto first = std::find_if(lines.begin(), lines.end(), is_left);
    ASSERT_NE(first, lines.end());
    EXPECT_LE(std::stoull(first->substr(5)), answer_size);
    EXPECT_EQ(client.receive(requests * answer_size).size(), requests * answer_size);
}

TEST(Network, DrainedIsToldFirstThenAtEachHalvingAndAtLastWithNothingLeft) {
    constexpr std::size_t size = 32 << 20;
    RunningHost host(telling_machine(100, [](const Event& event, Turn& turn, Probe&) {
        if (const auto* received = std::get_if<event::Received>(&event))
            turn.ask(effect::Send{received->connection,
                                  Chain(Bytes::own(std::vector<std::uint8_t>(size)))});
    }));
    Client client(host.port(), 4096);
    client.send(framed("all"));
    host.probe->wait_for_lines(2);  // the frame, and that some of the answer waits
    EXPECT_EQ(client.receive(size).size(), size);
    ASSERT_TRUE(host.probe->wait_for_line("left 0"));
    std::vector<std::uint64_t> left;
    for (const std::string& line : host.probe->wait_for_lines(3))
        if (line.starts_with("left ")) left.push_back(std::stoull(line.substr(5)));
    ASSERT_GE(left.size(), 2u);
    EXPECT_LT(left.front(), size);
    for (std::size_t i = 1; i < left.size(); ++i) EXPECT_LE(left[i], left[i - 1] / 2);
    EXPECT_EQ(left.back(), 0u);
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(Network, PeersThatAnnounceMuchAndSendNothingCostNothing) {
    RunningHost host(echo_machine(200 << 20));
    Client other(host.port());
    other.send(framed("warm"));
    EXPECT_EQ(other.receive_frame(), "warm");
    const std::size_t before = resident_bytes();
    std::vector<Client> half_open;
    for (int i = 0; i < 50; ++i) {
        half_open.emplace_back(host.port());
        half_open.back().send(std::string("\x06\0\0\0start", 9));
    }
    other.send(framed("still served"));
    EXPECT_EQ(other.receive_frame(), "still served");
    EXPECT_LT(resident_bytes(), before + (8 << 20));
}

TEST(Network, WhatCameBeforeTheEndIsToldBeforeIt) {
    RunningHost host(telling_machine(100));
    Client client(host.port());
    client.send(framed("last words") + "\0\0");
    client.finish_sending();
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"frame last words", gone_closed}));
}

TEST(Network, WhoOnlyEndsItsOwnSideStillGetsItsAnswer) {
    RunningHost host(echo_machine());
    Client client(host.port());
    client.send(framed("answer me"));
    client.finish_sending();
    EXPECT_EQ(client.receive_frame(), "answer me");
    EXPECT_TRUE(client.is_ended());
}

TEST(Network, ABrokenConnectionIsToldAsReset) {
    RunningHost host(telling_machine(100));
    {
        Client client(host.port());
        client.send(framed("x"));
        host.probe->wait_for_line("frame x");
        const linger at_once{1, 0};
        ::setsockopt(client.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"frame x", gone_reset}));
}

// Input that nobody read would otherwise turn the end into a reset, which takes the answer with it.
TEST(Network, WhoIsHungUpOnStillReadsWhatWasSentBefore) {
    RunningHost host(telling_machine(100, [](const Event& event, Turn& turn, Probe&) {
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        turn.ask(effect::Send{received->connection, Chain(Bytes::copy(framed("bye")))});
        turn.ask(effect::HangUp{received->connection});
        turn.ask(effect::Send{received->connection, Chain(Bytes::copy("never sent"))});
    }));
    Client client(host.port());
    client.send(framed("one") + framed("two") + std::string(100'000, 'x'));
    EXPECT_EQ(client.receive_frame(), "bye");
    EXPECT_TRUE(client.is_ended());
    EXPECT_EQ(client.error, 0);
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"frame one", gone_hung_up}));
}

// Dials `host`:`port` (0: its own listener) and greets whoever answers.
TestMachine dialling_machine(std::string host, std::uint16_t port) {
    return telling_machine(100, [host, port](const Event& event, Turn& turn, Probe& probe) {
        if (const auto* listening = std::get_if<event::Listening>(&event))
            turn.ask(effect::Dial{dialled(1), {host, port == 0 ? listening->at.port : port}});
        const auto* connected = std::get_if<event::Connected>(&event);
        if (!connected || !is_dialled(connected->connection)) return;
        probe.say("dialled");
        turn.ask(effect::Send{connected->connection, Chain(Bytes::copy(framed("greeting")))});
    });
}

TEST(Network, ADialledConnectionIsLikeAnAcceptedOne) {
    RunningHost host(dialling_machine("127.0.0.1", 0));
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"dialled", "frame greeting"}));
}

TEST(Network, ANameIsResolvedBeforeItIsDialled) {
    RunningHost host(dialling_machine("localhost", 0));
    EXPECT_EQ(host.probe->wait_for_lines(2), (Lines{"dialled", "frame greeting"}));
}

TEST(Network, ADialThatFailsSaysWhy) {
    std::uint16_t nobody = 0;
    {
        RunningHost gone(echo_machine());
        nobody = gone.port();
    }
    RunningHost host(dialling_machine("127.0.0.1", nobody));
    EXPECT_EQ(host.probe->wait_for_lines(1), Lines{gone_refused});
    // Longer than a name can be: no resolver is asked.
    RunningHost lost(dialling_machine(std::string(300, 'x'), 1));
    EXPECT_EQ(lost.probe->wait_for_lines(1), Lines{gone_unreachable});
}

// A listener that never accepts, and whose queue is full, does not answer.
TEST(Network, ADialThatIsNotAnsweredTimesOut) {
    const int mute = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(mute, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(mute, 0), 0);
    ASSERT_EQ(::getsockname(mute, reinterpret_cast<sockaddr*>(&address), &size), 0);
    std::vector<int> queued;
    for (int i = 0; i < 4; ++i) {
        queued.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        ::connect(queued.back(), reinterpret_cast<sockaddr*>(&address), size);
    }
    Options options = quiet();
    options.dial_timeout = std::chrono::milliseconds(20);
    RunningHost host(dialling_machine("127.0.0.1", ntohs(address.sin_port)), options);
    EXPECT_EQ(host.probe->wait_for_lines(1), Lines{gone_timed_out});
    for (const int socket : queued) ::close(socket);
    ::close(mute);
}

TEST(Network, AListenerOfEveryAddressShowsIpv4PeersAsSuch) {
    TestMachine machine = telling_machine(0, [](const Event& event, Turn&, Probe& probe) {
        if (const auto* connected = std::get_if<event::Connected>(&event))
            probe.say(connected->local.host + " from " + connected->remote.host);
    });
    machine.address = "";
    RunningHost host(machine);
    Client client(host.port());
    EXPECT_EQ(host.probe->wait_for_lines(1), Lines{"127.0.0.1 from 127.0.0.1"});
}

TEST(Network, AnAddressInUseIsSaidInWords) {
    RunningHost host(telling_machine(0, [](const Event& event, Turn& turn, Probe& probe) {
        const auto* listening = std::get_if<event::Listening>(&event);
        if (!listening) return;
        if (listening->listener == ListenerId(1))
            turn.ask(effect::Listen{ListenerId(2), listening->at});
        else
            probe.say(listening->open ? "open" : listening->error);
    }));
    EXPECT_EQ(host.probe->wait_for_lines(1), Lines{"Address already in use"});
}

TEST(Network, AListenerThatWasClosedAcceptsNobodyButItsConnectionsStay) {
    TestMachine machine = echo_machine();
    machine.rest = [echo = machine.rest](const Event& event, Turn& turn, Probe& probe) {
        echo(event, turn, probe);
        if (!std::holds_alternative<event::Connected>(event)) return;
        turn.ask(effect::Unlisten{ListenerId(1)});
        probe.say("closed");
    };
    RunningHost host(machine);
    Client client(host.port());
    host.probe->wait_for_line("closed");
    client.send(framed("still here"));
    EXPECT_EQ(client.receive_frame(), "still here");
    EXPECT_FALSE(Client(host.port()).is_connected);
}

// In a process of its own, since it takes away descriptors from everything in it.
// Until the host has said something. A death test's stderr is a file.
void wait_for_words() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    struct stat of_stderr {};
    while (of_stderr.st_size == 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
        ::fstat(STDERR_FILENO, &of_stderr);
    }
}

void run_out_of_descriptors() {
    TestMachine machine = echo_machine();
    int accepted = 0;
    machine.rest = [echo = machine.rest, accepted](const Event& event, Turn& turn,
                                                   Probe& probe) mutable {
        echo(event, turn, probe);
        if (std::holds_alternative<event::Connected>(event))
            probe.say(std::to_string(++accepted) + " accepted");
    };
    Options options = quiet();
    options.log.at_least = Severity::warning;
    RunningHost host(machine, options);
    std::vector<Client> clients(16);
    rlimit few{};
    ::getrlimit(RLIMIT_NOFILE, &few);
    few.rlim_cur = static_cast<rlim_t>(clients.back().number()) + 8;
    host.port();  // the host has raised the limit, and has what it needs
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (Client& client : clients) client.connect(host.port());
    Client last = std::move(clients.back());
    last.send(framed("last"));
    host.probe->wait_for_line("5 accepted");
    wait_for_words();
    clients.clear();  // those that were accepted give theirs back
    const bool is_served = last.receive_frame() == "last";
    host.stop();
    std::exit(is_served ? 0 : 1);
}

TEST(NetworkDeathTest, RunningOutOfDescriptorsDelaysAcceptingButDoesNotEndIt) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(run_out_of_descriptors(), testing::ExitedWithCode(0),
                "REFUSED.*cannot accept connections for now: Too many open files");
}

// The only descriptor left is taken before the node listens, and given back later.
void listen_without_descriptors() {
    TestMachine machine = echo_machine();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    machine.rest = [echo = machine.rest, before](const Event& event, Turn& turn, Probe& probe) {
        echo(event, turn, probe);
        if (std::holds_alternative<event::Started>(event)) {
            const rlimit none{3, before.rlim_max};
            ::setrlimit(RLIMIT_NOFILE, &none);
            turn.ask(effect::ArmTimer{Token(1), turn.now + std::chrono::milliseconds(5)});
        }
        if (std::holds_alternative<event::TimerFired>(event)) ::setrlimit(RLIMIT_NOFILE, &before);
    };
    Options options = quiet();
    options.log.at_least = Severity::warning;
    RunningHost host(machine, options);
    Client client(host.port());
    client.send(framed("served all the same"));
    const bool is_served = client.receive_frame() == "served all the same";
    host.stop();
    std::exit(is_served ? 0 : 1);
}

TEST(NetworkDeathTest, AListenerWaitsForDescriptors) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(listen_without_descriptors(), testing::ExitedWithCode(0),
                "REFUSED.*cannot listen for now: Too many open files");
}

TEST(Network, TenThousandIdleConnectionsAreCheap) {
    RunningHost host(echo_machine());
    Client first(host.port());
    first.send(framed("x"));
    EXPECT_EQ(first.receive_frame(), "x");  // now the limit has been raised
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    const auto count = static_cast<std::size_t>(
        std::min<rlim_t>(10'000, (std::max<rlim_t>(files.rlim_cur, 400) - 200) / 2));
    std::vector<Client> idle;
    idle.reserve(count);
    const std::size_t before = resident_bytes();
    for (std::size_t i = 0; i < count; ++i) idle.emplace_back(host.port());
    idle.back().send(framed("the last one"));
    EXPECT_EQ(idle.back().receive_frame(), "the last one");
    first.send(framed("still served"));
    EXPECT_EQ(first.receive_frame(), "still served");
    EXPECT_LT((resident_bytes() - before) / count, 4096u);
}

}  // namespace
}  // namespace barnabas::host
