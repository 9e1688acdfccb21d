// Produced batches that are not in their logs yet: their check is too much for a turn and is done
// elsewhere (effect::Compute), or they wait behind such a one of the same partition. So each log
// keeps the order in which its batches came, and everything about it (sequences, epochs, whether it
// can be written at all) is judged when a batch is appended.
//
// Connections take turns: who sends many that are dear waits for his own. What may take seconds has
// a line of its own. A batch belongs to its request and counts as its frame does; once the
// connection is gone it is still appended, unless too many such wait.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/hash.h"
#include "engine/replication/question.h"
#include "engine/records/validate.h"
#include "engine/runtime/turn.h"

namespace barnabas::replication {

struct Check {
    Asker asker;
    Append batch;
    Offset log_start{};  // when it came
    bool is_orphaned = false;  // its connection is gone
};

class Checks {
  public:
    // Answers come to Computed{`names` + the log's slot}.
    explicit Checks(std::uint64_t names) : names_(names) {}

    static std::uint32_t slot_of(Token job) { return static_cast<std::uint32_t>(job.value()); }

    bool is_empty() const { return queues_.empty(); }
    // Later batches of that log go behind those that wait.
    bool has(std::uint32_t slot) const { return queues_.contains(slot); }
    void add(std::uint32_t slot, Check check) { queues_[slot].push_back(std::move(check)); }
    // The batch of that log whose turn it is. Needs: has(slot).
    const Check& front(std::uint32_t slot) const { return queues_.at(slot).front(); }
    Check take(std::uint32_t slot);

    // Asks for the check of the front batch, now or when its connection's turn has come. The answer
    // is Computed{job_of(slot)}. Needs: it is not under way.
    void begin(std::uint32_t slot, effect::Load load, const records::Rules& rules, Turn& turn);
    // The answer has come. Needs: begin() was called.
    void end(std::uint32_t slot, Turn& turn);

    // Those of a connection that is gone no longer count as its frames do. Gives up and returns
    // those beyond orphaned_bytes_max that are not under way.
    std::vector<Check> forget(ConnectionId connection);

    void digest(Hasher& hasher) const;

    static constexpr std::uint64_t orphaned_bytes_max = 8u << 20;
    // How many of one line are under way at once: one is computed, one waits for the thread.
    static constexpr std::size_t under_way_max = 2;
    // Of a light check: some 25 ms.
    static constexpr std::uint64_t light_effort = 8u << 20;

  private:
    struct Begun {
        effect::Load load = effect::Load::light;
        std::optional<Bytes> terms;  // until it is asked for
    };
    struct Line {
        std::map<ConnectionId, std::deque<std::uint32_t>> waiting;
        ConnectionId last;  // whose turn it was
        std::size_t under_way = 0;
    };

    void ask_next(effect::Load load, Turn& turn);
    Line& line(effect::Load load) { return lines_[static_cast<std::size_t>(load)]; }

    Token job_of(std::uint32_t slot) const { return Token(names_ | slot); }

    std::uint64_t names_ = 0;
    std::map<std::uint32_t, std::deque<Check>> queues_;  // by the replica's slot; none is empty
    std::map<std::uint32_t, Begun> begun_;
    std::array<Line, 2> lines_;  // by effect::Load
    std::uint64_t orphaned_bytes_ = 0;
};

}  // namespace barnabas::replication
