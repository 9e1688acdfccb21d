// A session over a simulated run: plays it, steps it both ways, seeks in it.
//
// The run goes forward only by its own step(); going back is a copy from the nearest checkpoint and
// a replay. What was seen once stays in the event store, and a replay must bring the same rows.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "gui/session/checkpoints.h"
#include "gui/session/session.h"
#include "gui/session/subject.h"
#include "gui/session/watch.h"

namespace barnabas::gui {

class SimSession final : public Session {
  public:
    // `info.nodes` may be empty: then names and addresses are the world's.
    SimSession(Subject start, SessionInfo info);
    ~SimSession() override;
    SimSession(const SimSession&) = delete;
    SimSession& operator=(const SimSession&) = delete;

    const SessionInfo& info() const override { return info_; }
    const EventStore& events() const override { return store_; }
    SnapshotPointer snapshot() const override { return slot_.get(); }
    std::uint64_t post(Command command) override;
    bool wait(std::uint64_t ticket, std::chrono::milliseconds patience) const override;

  private:
    using Clock = std::chrono::steady_clock;
    struct Branch {
        Subject subject;
        Watch watch;
    };
    struct Posted {
        Command command;
        std::uint64_t ticket = 0;
    };
    struct Idle {};
    struct Playing {  // simulated `at` fell together with real `since`
        Clock::time_point since;
        Instant at;
    };
    struct ToTime {
        Instant time;
    };
    struct ToPosition {
        std::uint64_t position = 0;
    };
    struct ToEnd {};

    void work();
    void carry_out(const Command& command);
    // A slice of work towards the goal. True when there is nothing more to do at once.
    bool pursue();
    bool pursue(const Idle&) { return true; }
    bool pursue(const Playing& playing);
    bool pursue(const ToTime& goal);
    bool pursue(const ToPosition& goal);
    bool pursue(const ToEnd& goal);
    bool step();  // false when the run is over
    bool must_pause_for_breath() const;
    // To the nearest checkpoint, unless here is nearer. Not behind the position.
    void go_to(std::uint64_t position);
    void play_from_here();
    void arrive();  // the goal is reached
    void publish();

    SessionInfo info_;
    EventStore store_;
    SnapshotSlot slot_;

    // The worker's own.
    Branch here_;
    std::uint64_t position_ = 0;
    Instant playhead_;
    bool is_over_ = false;  // step() said so at position_
    Checkpoints<Branch> checkpoints_;
    std::vector<Band> bands_;  // of the furthest position
    std::variant<Idle, Playing, ToTime, ToPosition, ToEnd> goal_;
    double speed_ = 0.02;
    std::uint64_t ticket_ = 0;
    Clock::time_point breath_;

    mutable std::mutex mutex_;
    mutable std::condition_variable published_;
    std::condition_variable posted_;
    std::deque<Posted> queue_;
    std::uint64_t last_ticket_ = 0;
    bool is_closing_ = false;
    std::jthread thread_;  // last: it starts when all else stands
};

}  // namespace barnabas::gui
