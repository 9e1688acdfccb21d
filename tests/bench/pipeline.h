// One connection with a number of requests in flight, driven by one thread: the least that a client
// can do, so that the broker is what is measured.
#pragma once

#include <sys/uio.h>

#include <functional>

#include "tests/bench/measure.h"
#include "tests/support/frames.h"

namespace barnabas::bench {

class Pipeline {
  public:
    // Gives request `number`, to stay as it is until the next call with the same number modulo
    // in_flight; its correlation is set here.
    using Request = std::function<support::Frame&(std::int64_t number)>;
    // Gets the beginning of an answer, behind its length prefix, and the answer's whole length.
    using Answer = std::function<void(std::int64_t number, ByteView beginning, std::size_t length)>;

    struct Plan {
        std::int64_t requests = 0;
        int in_flight = 8;
        bool are_answered = true;  // acks=0 is not
        double seconds_max = 1e9;  // then it sends no more
    };

    Pipeline(support::Socket& socket, Plan plan, Request request, Answer answer)
        : socket_(socket),
          plan_(plan),
          request_(std::move(request)),
          answer_(std::move(answer)),
          buffer_(1 << 20) {}

    // How many requests were sent, and answered. Needs: a socket that is not used by anybody else
    // meanwhile. Fails the program on any error.
    std::int64_t run();

  private:
    static constexpr std::size_t beginning_bytes = 256;

    bool may_send() const {
        return sent_ < last_ && (!plan_.are_answered || sent_ - answered_ < plan_.in_flight);
    }
    bool is_done() const {
        return pending_.empty() && (plan_.are_answered ? answered_ : sent_) == last_;
    }
    void gather();
    void send();
    void receive();
    void take(ByteView bytes);

    support::Socket& socket_;
    Plan plan_;
    Request request_;
    Answer answer_;
    std::vector<iovec> pending_;
    std::int64_t last_ = 0;  // how many are to be sent
    std::int64_t sent_ = 0;
    std::int64_t answered_ = 0;

    std::vector<std::uint8_t> buffer_;
    std::vector<std::uint8_t> beginning_;  // of the answer under way, length prefix included
    std::size_t left_ = 0;                 // of that answer, behind what beginning_ took
};

}  // namespace barnabas::bench
