// A whole node on a disk in memory, asked by several clients at once: every API and version that is
// served, pipelined, cut off, across stops and kills, while the disk answers in any order.
//
// What must hold whatever they ask: the node lives, each request is answered once, in the order of
// its connection and in its version, or the connection is hung up with a note that says why; and an
// answer is worth no more than what there is once, and something for each byte that was asked.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "tests/engine/broker/request_maker.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {

class Conversation {
  public:
    explicit Conversation(support::Dice dice);

    // So many steps, and then long enough for everything to be answered. Returns what was wrong
    // first; nothing when all is well.
    std::optional<std::string> run(std::uint64_t steps);

    struct Tally {
        std::map<protocol::ApiKey, std::uint64_t> answered;
        std::uint64_t hung_up = 0;
        std::uint64_t partitions = 0;       // that there were in the end
        std::uint64_t stored = 0;           // records in them
    };
    const Tally& tally() const { return tally_; }

  private:
    struct Expected {
        protocol::ApiKey key{};
        std::int16_t version = 0;
        std::int32_t correlation_id = 0;
        std::uint64_t bytes_max = 0;  // of its answer
        bool is_silent = false;       // nothing comes, unless it is an error
    };
    struct Client {
        ConnectionId id;
        std::deque<Expected> expected;
        std::uint64_t sent_bytes = 0;
    };

    void step();
    void ask();
    template <class Request>
    void ask_for(Mood mood);
    template <class... Requests>
    void ask_one_of(std::size_t chosen, Mood mood);
    void send(Client& client, const Bytes& frame, const Expected& expected);
    void answer_some();
    void settle();
    void look_at_answers();
    void judge(Client& client, const Bytes& frame);
    std::uint64_t answer_bytes_max(protocol::ApiKey key, std::size_t frame_bytes) const;
    void look_around();
    void live_again();
    void fail(std::string why);

    support::Dice dice_;
    TestBroker broker_;
    bool are_hostile_ = false;  // its clients: every second request
    std::vector<Client> clients_;
    Surroundings around_;
    std::uint64_t partitions_ = 0;
    std::int32_t last_correlation_ = 0;
    std::optional<std::string> wrong_;
    Tally tally_;
};

}  // namespace barnabas::broker
