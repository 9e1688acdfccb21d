#include "engine/broker/jobs.h"

#include "engine/broker/api/routes.h"
#include "engine/broker/names.h"
#include "engine/broker/node.h"

namespace barnabas::broker {

// The frame that waits longest on a connection. It may take turns of its own: the others wait on.
class Jobs::NextFrame : public Job {
  public:
    explicit NextFrame(ConnectionId connection) : connection_(connection) {}

    std::unique_ptr<Job> copy() const override { return std::make_unique<NextFrame>(*this); }
    bool advance(Node& node, Turn& turn) override {
        auto& waiting = node.jobs.waiting_;
        const auto found = waiting.find(connection_);
        if (found == waiting.end()) return false;  // the connection is gone
        if (found->second.holders > 0) return false;  // whose end gives the frame its turn
        if (node.connections.is_behind(connection_)) {
            found->second.is_for_peer = true;
            return false;
        }
        std::deque<Frame> frames = std::move(found->second.frames);
        waiting.erase(found);
        if (frames.empty() || node.connections.is_hung_up(connection_)) return false;
        const Frame frame = std::move(frames.front());
        frames.pop_front();
        api::serve(node, frame.address, frame.bytes, turn);
        if (frames.empty()) return false;
        const bool is_busy = waiting.contains(connection_);
        waiting[connection_].frames = std::move(frames);
        return !is_busy;
    }

  private:
    ConnectionId connection_;
};

void Jobs::ask(Turn& turn) {
    if (is_asked_ || jobs_.empty()) return;
    is_asked_ = true;
    turn.ask(effect::Continue{names::job_due});
}

void Jobs::advance(Node& node, Turn& turn) {
    is_asked_ = false;
    if (jobs_.empty()) return;
    if (node.connections.is_full()) {
        const auto oldest = std::ranges::min_element(jobs_, {}, &AnyJob::number);
        std::rotate(jobs_.begin(), oldest, jobs_.end());
    }
    AnyJob job = std::move(jobs_.front());
    jobs_.pop_front();
    if (job.advance(node, turn)) jobs_.push_back(std::move(job));
    ask(turn);
}

void Jobs::end(ConnectionId connection, Turn& turn) {
    const auto found = waiting_.find(connection);
    if (found == waiting_.end() || --found->second.holders > 0) return;
    if (found->second.frames.empty()) {
        waiting_.erase(found);
    } else {
        add(NextFrame(connection), turn);
    }
}

void Jobs::on_caught_up(ConnectionId connection, Turn& turn) {
    const auto found = waiting_.find(connection);
    if (found == waiting_.end() || !std::exchange(found->second.is_for_peer, false)) return;
    add(NextFrame(connection), turn);
}

void Jobs::digest(Hasher& hasher) const {
    hasher.add(static_cast<std::uint64_t>(jobs_.size()));
    for (const auto& [connection, waiting] : waiting_) {
        hasher.add(connection.value());
        hasher.add(static_cast<std::uint64_t>(waiting.frames.size()));
        hasher.add(static_cast<std::uint64_t>(waiting.is_for_peer));
    }
}

}  // namespace barnabas::broker
