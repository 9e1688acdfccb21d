// Follows a world from outside, event by event, and remembers what its state alone does not tell:
// which API an answer belongs to, when a frame left its sender, since when a fault lasts.
//
// A copyable value that goes with its world into checkpoints. It never changes the world.
#pragma once

#include <boost/container/flat_map.hpp>
#include <string>
#include <vector>

#include "gui/store/snapshot.h"
#include "sim/world/world.h"

namespace barnabas::gui {

class Watch {
  public:
    // What one step brought: the row for the store, and bands that began or ended.
    struct Seen {
        EventRow row;
        std::string words;
    };

    // After each step of the world.
    Seen look(const sim::World& world);

    // The parts of a snapshot that follow from the world and from what was seen.
    void fill(Snapshot& snapshot, const sim::World& world) const;

  private:
    struct End {  // one machine's name for a connection
        std::uint32_t node = 0;
        std::uint64_t id = 0;
        friend auto operator<=>(const End&, const End&) = default;
    };
    struct Asked {  // by the side that dialled
        End by;
        std::int32_t correlation = 0;
        friend auto operator<=>(const Asked&, const Asked&) = default;
    };
    struct Request {
        std::int16_t api = no_api;
        std::int16_t version = 0;
        Instant asked;
        std::optional<Instant> answered;
    };
    // A request without an answer is normal (Produce with acks=0): more than this many on one
    // connection are not remembered.
    static constexpr std::size_t open_requests_max = 64;

    static End end_of(sim::NodeIndex node, ConnectionId id) { return {node.value(), id.value()}; }

    void learn_ends(const sim::World& world);
    void note_sends(const sim::Happening& last);
    void note_sent(const End& sender, const Chain& bytes, Instant at);
    void note_frame(const End& sender, const Chain& bytes, std::uint64_t at, Instant sent);
    void note_asked(const Asked& asked, const Request& request);
    void describe(const sim::Happening& last, Seen& seen);
    void describe_received(std::uint32_t node, const event::Received& received, EventRow& row);
    void forget(const End& end);
    void forget_node(std::uint32_t node);
    void note_deeds(const sim::World& world);
    void note_disk(const sim::World& world);
    void note_health(const sim::World& world, Instant at);
    void open_band(Band::Kind kind, std::uint16_t node, std::uint16_t other, Instant at,
                   std::string words);
    void close_band(Band::Kind kind, std::uint16_t node, std::uint16_t other, Instant at);
    MessageView message(const sim::InFlight& chunk, const sim::ConnectionView* connection) const;
    void fill_links(Snapshot& snapshot, const sim::World& world) const;

    boost::container::flat_map<End, End> peers_;
    boost::container::flat_map<End, std::uint64_t> left_;  // bytes of a frame that are still to go
    boost::container::flat_map<Asked, Request> requests_;
    std::vector<Status> states_;
    sim::DeedCounts deeds_{};
    std::uint64_t events_ = 0;
    std::vector<Band> bands_;
};

Status status_of(sim::NodeState state);

}  // namespace barnabas::gui
