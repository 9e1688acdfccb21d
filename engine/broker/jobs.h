// What clients asked for and takes more than one turn: in slices, each job in its turn.
//
// A slice is counted, not timed: so many rows of a request or an answer, so many bytes read or
// written. The next one comes after the events that are ready, so that a neighbour waits for one
// slice. Requests of one connection are worked on one after the other: frames behind one that is
// not done yet wait undecoded, and longer while the peer does not take its answers.
//
// While clients hold as much memory as they may, only the oldest job goes on: what the others hold
// grows no further, and what the oldest holds is given back when it is done.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "engine/broker/connections.h"
#include "engine/protocol/codec.h"
#include "engine/runtime/slice.h"

namespace barnabas::broker {

struct Node;

constexpr protocol::SliceBytes slice_bytes;

// What one request may become in memory, and what its answer may: beyond, its client is told
// nothing and loses the connection.
constexpr std::uint64_t request_memory_max = 256u << 20;
constexpr std::uint64_t answer_memory_max = 256u << 20;

class Job {
  public:
    virtual ~Job() = default;
    virtual std::unique_ptr<Job> copy() const = 0;
    // Does a slice; false when that was the last.
    virtual bool advance(Node& node, Turn& turn) = 0;
};

// A job of any kind, as a value: a copy of a node's jobs goes on from the same place.
class AnyJob {
  public:
    AnyJob(std::uint64_t number, std::unique_ptr<Job> job)
        : number_(number), job_(std::move(job)) {}
    AnyJob(const AnyJob& other) : number_(other.number_), job_(other.job_->copy()) {}
    AnyJob(AnyJob&&) = default;
    AnyJob& operator=(AnyJob other) {
        number_ = other.number_;
        job_ = std::move(other.job_);
        return *this;
    }
    ~AnyJob() = default;

    std::uint64_t number() const { return number_; }  // the older, the smaller

    bool advance(Node& node, Turn& turn) { return job_->advance(node, turn); }

  private:
    std::uint64_t number_;
    std::unique_ptr<Job> job_;
};

class Jobs {
  public:
    template <class Kind>
    void add(Kind job, Turn& turn) {
        jobs_.emplace_back(++last_number_, std::make_unique<Kind>(std::move(job)));
        ask(turn);
    }
    // One slice of the job whose turn it is.
    void advance(Node& node, Turn& turn);

    // From here on until its end, frames of the connection wait behind a request of its own, or an
    // answer that is being made. There may be several.
    void begin(ConnectionId connection) { ++waiting_[connection].holders; }
    bool is_busy(ConnectionId connection) const { return waiting_.contains(connection); }
    // Needs: is_busy().
    void wait(Address address, Bytes frame) {
        waiting_.at(address.connection).frames.push_back({address, std::move(frame)});
    }
    // It is done, or its connection gone: after the last the next frame has its turn.
    void end(ConnectionId connection, Turn& turn);
    // The peer has taken answers: the frame that waited for that has its turn.
    void on_caught_up(ConnectionId connection, Turn& turn);
    void forget(ConnectionId connection) { waiting_.erase(connection); }

    std::size_t size() const { return jobs_.size(); }
    void digest(Hasher& hasher) const;

  private:
    struct Frame {
        Address address;
        Bytes bytes;
    };
    struct Waiting {
        std::deque<Frame> frames;
        std::uint32_t holders = 0;  // between begin() and end()
        bool is_for_peer = false;  // nobody works for the connection until it catches up
    };
    class NextFrame;

    void ask(Turn& turn);

    std::deque<AnyJob> jobs_;
    std::uint64_t last_number_ = 0;
    bool is_asked_ = false;  // Continue is on its way
    std::map<ConnectionId, Waiting> waiting_;
};

}  // namespace barnabas::broker
