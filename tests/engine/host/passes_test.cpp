// What clients may ask of one pass, and in which order they have their turns.
#include <gtest/gtest.h>

#include "engine/host/network.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

// Requests of a few bytes, answered by a kibibyte each, from somebody who reads none of it: the
// machine hears of what is not taken before it has answered them all.
TEST(Passes, AnswersThatNobodyReadsDoNotPileUpBeforeTheMachineHearsOfIt) {
    constexpr std::size_t answer_size = 1024;
    TestMachine machine{.rest = [](const Event& event, Turn& turn, Probe& probe) {
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 1 << 30});
        if (const auto* received = std::get_if<event::Received>(&event))
            turn.ask(effect::Send{received->connection,
                                  Chain(Bytes::own(std::vector<std::uint8_t>(answer_size)))});
        const auto* drained = std::get_if<event::Drained>(&event);
        if (!drained || drained->bytes_left == 0) return;
        turn.ask(effect::Pause{drained->connection});
        probe.say(std::to_string(drained->bytes_left));
    }};
    RunningHost host(machine);
    Client client(host.port(), 4096);
    std::string requests;
    for (int i = 0; i < 200'000; ++i) requests += framed("four");
    std::thread sender([&] { client.send(requests); });
    const auto lines = host.probe->wait_for_lines(1);
    EXPECT_LE(std::stoull(lines.at(0)), Network::untried_max + answer_size);
    host.stop();
    sender.join();
}

// Each turn takes a while, and is counted: how many there were before the modest one's request, and
// how many in one pass, which is what one reading of the clock tells.
struct Queue {
    std::size_t before_the_modest_one = 0;
    std::size_t longest_pass = 0;
    std::size_t pass = 0;
    Instant now;

    static constexpr Duration turn_time = std::chrono::microseconds(50);

    void count(const Turn& turn) {
        pass = turn.now == now ? pass + 1 : 1;
        now = turn.now;
        longest_pass = std::max(longest_pass, pass);
        ++before_the_modest_one;
        const auto end = std::chrono::steady_clock::now() + turn_time;
        while (std::chrono::steady_clock::now() < end) {}
    }
};

TEST(Passes, WhoAsksForMuchAtOnceHasATurnAfterTheOthers) {
    constexpr std::size_t greedy_count = 8, requests = 2'000;
    auto queue = std::make_shared<Queue>();
    auto all_is_sent = std::make_shared<std::promise<void>>();
    TestMachine machine{.rest = [=](const Event& event, Turn& turn, Probe& probe) {
        if (std::holds_alternative<event::Listening>(event))
            all_is_sent->get_future().wait();  // so that it all waits to be read
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 1 << 30});
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        if (received->frame.text() == "greedy") return queue->count(turn);
        probe.say(std::to_string(queue->before_the_modest_one) + " " +
                  std::to_string(queue->longest_pass));
    }};
    RunningHost host(machine);
    std::vector<Client> greedy;
    for (std::size_t i = 0; i < greedy_count; ++i) {
        greedy.emplace_back(host.port());
        std::string all;
        for (std::size_t request = 0; request < requests; ++request) all += framed("greedy");
        greedy.back().send(all);
    }
    Client modest(host.port());
    modest.send(framed("modest"));
    all_is_sent->set_value();
    std::istringstream counted(host.probe->wait_for_lines(1).at(0));
    std::size_t before = 0, longest_pass = 0;
    counted >> before >> longest_pass;
    const auto of_a_slice = static_cast<std::size_t>(Network::slice / Queue::turn_time) + 1;
    EXPECT_LE(before, 4 * greedy_count * of_a_slice);  // several passes may see them come
    EXPECT_LE(longest_pass, 5'000us / Queue::turn_time);
}

}  // namespace
}  // namespace barnabas::host
