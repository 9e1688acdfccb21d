// What a session shows of one instant: plain values, made on the session's thread, never changed
// afterwards, read by the window.
//
// All of it follows from the state of the run and the playhead; nothing is remembered from frames
// that were drawn before. So any instant looks the same however it was reached.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "gui/store/event_store.h"

namespace barnabas::gui {

enum class Role : std::uint8_t { broker, producer, consumer, other };
enum class Status : std::uint8_t { not_started, running, paused, exited, crashed, powered_off };

inline bool is_down(Status status) { return status != Status::running && status != Status::paused; }

// One line of a node's state: "HW orders-0", "1,204".
struct Fact {
    std::string label;
    std::string value;
    friend bool operator==(const Fact&, const Fact&) = default;
};

struct NodeView {
    Status status = Status::not_started;
    std::vector<Fact> facts;       // few: they stand on the node itself
    std::vector<Fact> more_facts;  // for the inspector
    std::uint64_t events = 0;
    std::uint32_t life = 0;
    std::uint64_t waiting = 0;  // events that it has not taken yet
    Instant busy_until;
    friend bool operator==(const NodeView&, const NodeView&) = default;
};

// A request that has no answer yet.
struct Question {
    std::uint16_t from = nobody;
    std::uint16_t to = nobody;
    std::int16_t api = no_api;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
    Instant asked;
    friend bool operator==(const Question&, const Question&) = default;
};

// Bytes under way.
struct MessageView {
    enum class Kind : std::uint8_t { request, response, part, control };
    Kind kind = Kind::part;  // part: not the beginning of a frame
    std::uint16_t from = nobody;
    std::uint16_t to = nobody;
    std::int16_t api = no_api;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
    std::uint32_t connection = 0;
    std::uint64_t size = 0;
    std::string name;  // "Produce", or of a control chunk "connect"
    Instant sent;
    Instant arrives;
    bool is_held = false;  // a cut or a clog stands between
    friend bool operator==(const MessageView&, const MessageView&) = default;
};

// One direction between two nodes that have something to do with each other.
struct LinkView {
    std::uint16_t from = nobody;
    std::uint16_t to = nobody;
    bool cut = false;
    bool clogged = false;
    std::uint32_t connections = 0;  // both directions of a pair show the same
    std::uint64_t waiting = 0;      // bytes that the sender could not send yet
    friend bool operator==(const LinkView&, const LinkView&) = default;
};

// Something that was wrong for a while, or at one instant.
struct Band {
    enum class Kind : std::uint8_t { down, paused, cut, clogged, disk, mark };
    Kind kind = Kind::mark;
    std::uint16_t node = nobody;
    std::uint16_t other = nobody;
    Instant from;
    std::optional<Instant> until;  // nothing: it lasts
    std::string words;             // "power lost", "disk full"
    bool is_mutual = false;        // of a link: in both directions, see joined()
    friend bool operator==(const Band&, const Band&) = default;
};

struct Snapshot {
    std::uint64_t position = 0;  // events so far
    Instant now;                 // of the last event
    Instant playhead;            // not before `now`, and before the next event
    Hash128 hash;                // of the trace up to here; at the end, of the whole run
    std::vector<NodeView> nodes;
    std::vector<LinkView> links;
    std::vector<MessageView> messages;
    std::vector<Question> questions;
    std::vector<Band> bands;  // of all that was seen so far, also after the playhead

    std::uint64_t seen = 0;  // events that were seen so far: the store has them
    Instant seen_until;
    bool at_end = false;  // the run is over here
    bool is_playing = false;
    bool is_seeking = false;
    double speed = 1;          // simulated seconds for each second
    std::uint64_t ticket = 0;  // the last command that was carried out
    std::string verdict;       // at the end: what the checkers found
    bool verdict_is_good = true;
    std::string trouble;  // why the run goes no further, when it should
};

using SnapshotPointer = std::shared_ptr<const Snapshot>;

// The newest snapshot, from one thread to others. Neither side waits for the other's work: the lock
// is held for the copy of one pointer.
class SnapshotSlot {
  public:
    void put(SnapshotPointer snapshot) {
        const std::lock_guard lock(mutex_);
        newest_.swap(snapshot);
    }
    SnapshotPointer get() const {
        const std::lock_guard lock(mutex_);
        return newest_;
    }

  private:
    mutable std::mutex mutex_;
    SnapshotPointer newest_ = std::make_shared<const Snapshot>();
};

// What does not change while a session lasts.
struct NodeInfo {
    std::string name;
    std::string address;
    Role role = Role::other;
};

struct PlannedAction {
    Instant at;
    std::string words;  // "kill broker 1"
};

struct SessionInfo {
    std::string title;    // "leader_cut_off.scenario"
    std::string purpose;  // what it teaches
    std::uint64_t seed = 0;
    Duration length{};  // how long the run lasts, as far as is known
    std::vector<NodeInfo> nodes;
    std::vector<PlannedAction> planned;
};

}  // namespace barnabas::gui
