// capture PORT BROKER_PORT   stands between a client and a broker on loopback, passes on what both
// say, and prints each frame as it goes by:
//
//     request|response <tab> API <tab> VERSION <tab> HEX      the length in front included
//
// The broker must advertise PORT. Ends when its standard input does. So the conversations were
// made against which the codec is tested (tests/engine/protocol/data/captured).
#include <cstdio>
#include <cstdlib>
#include <list>
#include <map>

#include "engine/base/big_endian.h"
#include "engine/protocol/apis.h"
#include "tests/support/loopback.h"

namespace barnabas::interop {
namespace {

using protocol::ApiKey;

struct Asked {
    ApiKey api;
    std::int16_t version;
};

// One connection of a client, and ours to the broker for it.
class Conversation {
  public:
    Conversation(support::Socket client, support::Socket broker)
        : client_(std::move(client)), broker_(std::move(broker)) {}

    int client() const { return client_.descriptor(); }
    int broker() const { return broker_.descriptor(); }

    // One frame further; false at the end of the conversation.
    bool pass_request() {
        const auto frame = pass(client_, broker_, 8);  // key, version, correlation id
        if (!frame) return false;
        const std::uint8_t* head = frame->data() + 4;
        const Asked asked{ApiKey(load_big<std::int16_t>(head)), load_big<std::int16_t>(head + 2)};
        asked_[load_big<std::int32_t>(head + 4)] = asked;
        print("request", asked, *frame);
        return true;
    }
    bool pass_response() {
        const auto frame = pass(broker_, client_, 4);  // correlation id
        if (!frame) return false;
        const auto asked = asked_.find(load_big<std::int32_t>(frame->data() + 4));
        if (asked != asked_.end()) print("response", asked->second, *frame);
        return true;
    }

  private:
    using Frame = std::vector<std::uint8_t>;

    static std::optional<Frame> pass(support::Socket& from, support::Socket& to,
                                     std::int32_t size_min) {
        auto frame = from.read(4);
        if (!frame) return std::nullopt;
        const auto size = load_big<std::int32_t>(frame->data());
        if (size < size_min) return std::nullopt;
        const auto rest = from.read(static_cast<std::size_t>(size));
        if (!rest) return std::nullopt;
        frame->insert(frame->end(), rest->begin(), rest->end());
        return to.send_all(*frame) ? frame : std::nullopt;
    }
    static void print(const char* what, const Asked& asked, const Frame& frame) {
        const std::string api(protocol::name_of(asked.api));
        std::printf("%s\t%s\t%d\t", what, api.c_str(), asked.version);
        for (const std::uint8_t byte : frame) std::printf("%02x", byte);
        std::printf("\n");
        std::fflush(stdout);
    }

    support::Socket client_;
    support::Socket broker_;
    std::map<std::int32_t, Asked> asked_;  // by correlation id
};

// Whether there is something to read, or an end to see.
bool is_ready(const pollfd& one) { return one.revents != 0; }

int stand_between(std::uint16_t port, std::uint16_t broker_port) {
    const support::Listener listener = support::listen_on_loopback(port);
    if (!listener.socket) return std::fprintf(stderr, "error: the port is taken\n"), 1;
    std::list<Conversation> conversations;
    for (;;) {
        std::vector<pollfd> waiting = {{STDIN_FILENO, POLLIN, 0},
                                       {listener.socket.descriptor(), POLLIN, 0}};
        for (const Conversation& one : conversations) {
            waiting.push_back({one.client(), POLLIN, 0});
            waiting.push_back({one.broker(), POLLIN, 0});
        }
        ::poll(waiting.data(), waiting.size(), -1);
        if (is_ready(waiting[0])) return 0;
        std::size_t at = 2;
        for (auto one = conversations.begin(); one != conversations.end(); at += 2) {
            const bool goes_on = (!is_ready(waiting[at]) || one->pass_request()) &&
                                 (!is_ready(waiting[at + 1]) || one->pass_response());
            goes_on ? ++one : one = conversations.erase(one);
        }
        if (is_ready(waiting[1])) {
            support::Socket client(::accept(listener.socket.descriptor(), nullptr, nullptr));
            support::Socket broker = support::dial_loopback(broker_port);
            if (broker) conversations.emplace_back(std::move(client), std::move(broker));
        }
    }
}

}  // namespace
}  // namespace barnabas::interop

int main(int argc, char** argv) {
    if (argc != 3) return std::fprintf(stderr, "usage: capture PORT BROKER_PORT\n"), 2;
    const auto port_of = [](const char* text) {
        return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10));
    };
    return barnabas::interop::stand_between(port_of(argv[1]), port_of(argv[2]));
}
