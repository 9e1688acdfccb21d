// What clients make a node hold stays within its bound, whatever they do, and is counted honestly:
// what the process allocates for them is no more than a small multiple of it.
#include <fmt/format.h>

#include "tests/engine/broker/test_broker.h"
#include "tests/support/counting_allocator.h"
#include "tests/support/sanitized.h"

namespace barnabas::broker {
namespace {

constexpr std::uint64_t held_bytes_max = 8'000'000;
constexpr std::uint32_t frame_bytes_max = 3'000'000;
constexpr std::size_t clients_max = 40;

// Clients of the worst kind, and their driver: it holds what was admitted of a frame and what a
// peer has not taken.
class Mob {
  public:
    explicit Mob(std::uint64_t seed) : dice_(seed) {
        broker_.start();
        const ConnectionId first = broker_.connect();
        make_topic(broker_, first, "orders", 600);
        broker_.tell(event::Disconnected{first, Reason::closed});
        broker_.take_unread(first);
        all_.topics.reset();
        before_ = Allocated::held();
    }

    void act() {
        if (clients_.size() < clients_max) clients_.emplace_back().id = broker_.connect();
        Client& client = clients_[dice_.below(clients_.size())];
        switch (dice_.below(8)) {
            case 0: announce(client); break;
            case 1: send_some(client, 1); break;
            case 2: send_some(client, UINT32_MAX); break;
            case 3:
            case 4: ask_for_everything(client); break;
            case 5: take_answers(client); break;
            case 6: broker_.pass(Limits::look_interval); break;
            case 7: broker_.settle(); break;
        }
        forget_hung_up();
        held_most_ = std::max(held_most_, held());
    }
    std::uint64_t held() { return broker_.broker().node().connections.held_bytes(); }
    std::uint64_t held_most() const { return held_most_; }
    std::uint64_t frames() const { return frames_; }
    std::uint64_t hung_up() const { return hung_up_; }
    std::uint64_t allocated() const { return Allocated::held() - before_; }
    void leave() {
        for (const Client& client : clients_) end(client);
        clients_.clear();
    }

  private:
    struct Client {
        ConnectionId id;
        std::uint32_t length = 0;  // of the frame under way
        std::uint64_t credit = 0;  // of the connection, before it
        std::vector<std::uint8_t> body;
    };

    void announce(Client& client) {
        if (client.length > 0) return;
        client.length = 65'537 + static_cast<std::uint32_t>(dice_.below(frame_bytes_max - 65'537));
        client.credit = broker_.credit(client.id);
        broker_.tell(event::Arriving{client.id, client.length});
    }
    // As much as the node admits of it, up to so many pieces.
    void send_some(Client& client, std::uint32_t pieces) {
        for (; client.length > 0 && pieces > 0; --pieces) {
            const std::uint64_t admitted = broker_.credit(client.id) - client.credit;
            if (admitted <= client.body.size()) return;  // it waits
            client.body.resize(std::min<std::uint64_t>(admitted, client.length), 'x');
            if (client.body.size() < client.length) {
                broker_.tell(event::Arriving{client.id, client.length});
                continue;
            }
            client.length = 0;
            ++frames_;
            auto produce = produce_to("nowhere", Bytes::own(std::exchange(client.body, {})));
            broker_.tell(event::Received{client.id, broker_.frame_of(produce, 9)});
        }
    }
    void ask_for_everything(const Client& client) {
        if (client.length > 0) return;
        for (int i = 0; i < 30 && !broker_.is_paused(client.id); ++i)
            broker_.send_only(client.id, all_, 9);
        const std::uint64_t left = broker_.unread_bytes(client.id);
        if (left > 0) broker_.tell(event::Drained{client.id, left, left});
    }
    void take_answers(const Client& client) {
        if (broker_.unread_bytes(client.id) == 0) return;
        broker_.take_unread(client.id);
        broker_.tell(event::Drained{client.id, 0, 0});
    }
    void forget_hung_up() {
        std::erase_if(clients_, [&](const Client& client) {
            if (!broker_.is_hung_up(client.id)) return false;
            end(client);
            ++hung_up_;
            return true;
        });
    }
    void end(const Client& client) {
        broker_.take_unread(client.id);
        broker_.tell(event::Disconnected{client.id, Reason::hung_up});
    }

    Random dice_;
    TestBroker broker_{{fmt::format("queued.max.request.bytes={}", held_bytes_max),
                        fmt::format("socket.request.max.bytes={}", frame_bytes_max),
                        "log.dirs=/data"}};
    protocol::MetadataRequest all_;
    std::vector<Client> clients_;
    std::size_t before_ = 0;
    std::uint64_t held_most_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t hung_up_ = 0;
};

TEST(Memory, StaysBoundedAndIsCountedHonestlyWhateverClientsDo) {
    // Beyond the bound: a frame of each kind, and what one request in hand adds.
    constexpr std::uint64_t most =
        held_bytes_max + frame_bytes_max + Admissions::piece_bytes_max + 1'000'000;
    std::uint64_t frames = 0, hung_up = 0, held_most = 0;
    constexpr std::uint64_t seeds = support::is_sanitized ? 1 : 5;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        Mob mob(seed);
        for (int step = 0; step < 1500; ++step) {
            mob.act();
            ASSERT_LE(mob.held(), most) << seed << ", " << step;
            const std::uint64_t uncounted = clients_max * 2 * Limits::credit_bytes;
            ASSERT_LE(mob.allocated(), 3 * mob.held() + uncounted + 2'000'000) << step;
        }
        frames += mob.frames();
        hung_up += mob.hung_up();
        held_most = std::max(held_most, mob.held_most());
        mob.leave();
        EXPECT_EQ(mob.held(), 0u) << "all that was counted is given back";
    }
    EXPECT_GT(held_most, held_bytes_max) << "they came to the bound";
    EXPECT_GT(frames, 10 * seeds) << "what is sent comes through";
    EXPECT_GT(hung_up, 4 * seeds);
}

}  // namespace
}  // namespace barnabas::broker
