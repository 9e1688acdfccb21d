// The bytes that clients make a node hold, under one bound, and the lines of those that wait for
// room in it.
//
// What is counted is held whether it fits or not: room is asked for before a large frame is read.
// Such a frame comes in pieces, so that announcing one holds nothing but a piece. Who finds no room
// gets in line, behind all that came before:
//   - frames of up to one piece and larger ones stand in lines of their own, so that neither kind
//     waits for the other;
//   - the first of each line may run beyond the bound, one a line until its frame is answered: a
//     frame that was begun can be ended, however many others were begun.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "engine/base/hash.h"
#include "engine/runtime/ids.h"

namespace barnabas::broker {

// Where an answer goes: the n-th request of a connection.
struct Address {
    ConnectionId connection;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Address&, const Address&) = default;
};

class Admissions {
  public:
    static constexpr std::uint32_t piece_bytes_max = 1u << 20;
    enum class Line : std::uint8_t { small, large };
    static constexpr std::array lines = {Line::small, Line::large};
    static Line line_of(std::uint32_t frame_bytes) {
        return frame_bytes <= piece_bytes_max ? Line::small : Line::large;
    }

    explicit Admissions(std::uint64_t held_bytes_max) : held_max_(held_bytes_max) {}

    void hold(std::uint64_t bytes) { held_ += bytes; }
    void release(std::uint64_t bytes);
    std::uint64_t held() const { return held_; }
    std::uint64_t held_max() const { return held_max_; }
    // What is alone fits: nobody waits for himself.
    bool fits(std::uint64_t bytes) const { return held_ == 0 || held_ + bytes <= held_max_; }

    // The place in line, to leave it with.
    std::uint64_t line_up(Line line, ConnectionId connection);
    void leave(Line line, std::uint64_t place) { lines_[index(line)].erase(place); }
    bool is_waited_in(Line line) const { return !lines_[index(line)].empty(); }
    bool is_waited() const { return is_waited_in(Line::small) || is_waited_in(Line::large); }
    std::optional<ConnectionId> first(Line line) const;

    // The frame that runs beyond the bound.
    const std::optional<Address>& runner(Line line) const { return runners_[index(line)]; }
    void let_run(Line line, Address frame) { runners_[index(line)] = frame; }
    // Frames of the connection before this one are answered; without a number, all are gone.
    void end_run(ConnectionId connection, std::uint64_t before = UINT64_MAX);

    void digest(Hasher& hasher) const;

  private:
    static std::size_t index(Line line) { return static_cast<std::size_t>(line); }

    std::uint64_t held_max_;
    std::uint64_t held_ = 0;
    std::uint64_t last_place_ = 0;
    std::array<std::map<std::uint64_t, ConnectionId>, lines.size()> lines_;
    std::array<std::optional<Address>, lines.size()> runners_;
};

}  // namespace barnabas::broker
