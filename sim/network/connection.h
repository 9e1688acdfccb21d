// One simulated TCP connection: two sides, and a stream of chunks in each direction.
//
// All that travels is a chunk, the handshake and the goodbye included, and chunks of one stream
// arrive in the order in which they left. side 0 dialled, side 1 accepted; streams[i] carries what
// side i sends.
#pragma once

#include <array>

#include "engine/runtime/event.h"
#include "sim/network/fifo.h"
#include "sim/network/frame_buffer.h"
#include "sim/network/link.h"

namespace barnabas::sim {

struct Chunk {
    enum class Kind : std::uint8_t { data, hello, accepted, refused, goodbye, reset };

    Kind kind = Kind::data;
    Chain bytes;
    Instant sent;
    Instant arrives;
    bool breaks = false;  // the connection breaks off when it arrives
};

// Asked for, but it cannot leave yet: the window is full, or the bytes are still on a disk.
struct Portion {
    Bytes bytes;
    std::uint64_t promise = 0;   // not 0: the bytes come with Network::fulfil
    std::uint64_t promised = 0;  // so many; stays when they have come: they lie in a file
};

struct Stream {
    // What happens on the way is drawn for each chunk from the stream's own seed, by its number: no
    // packet shifts what befalls the packets of others.
    std::uint64_t seed = 0;
    std::uint64_t draws = 0;

    // With the sender.
    Fifo<Portion> waiting;
    std::uint64_t waiting_bytes = 0;
    std::uint64_t waiting_memory = 0;  // of them, those that do not lie in a file
    bool is_telling = false;     // the sender has heard a Drained that was not 0
    std::uint64_t told = 0;      // the last number it heard
    bool window_coming = false;  // news of a wider window is on its way to the sender
    bool window_held = false;    // and is stuck behind a cut

    // On the way.
    Fifo<Chunk> in_flight;
    std::uint64_t in_flight_bytes = 0;
    Instant last_arrival;
    bool is_scheduled = false;  // an arrival of the first chunk is on the agenda, for this instant:
    Instant scheduled_for;
    bool is_held = false;  // the first chunk does not get through
    std::uint32_t holds = 0;

    // With the receiver.
    FrameBuffer buffer;
    std::uint64_t unread = 0;  // of the buffer, what still takes up the window
    bool is_over = false;      // the goodbye has come

    std::uint64_t in_window() const { return in_flight_bytes + unread; }
};

struct Side {
    enum class State : std::uint8_t {
        none,  // not accepted yet
        dialling,
        open,
        closing,  // its last event, Disconnected, waits to be told
        done,
    };

    NodeIndex node;
    ConnectionId id;
    ListenerId listener;
    std::uint16_t port = 0;
    State state = State::none;
    Reason reason = Reason::closed;
    std::uint64_t credit = 0;
    bool is_paused = false;
    bool is_announced = false;  // Arriving was told for the next frame
    std::uint64_t announced_at = 0;  // the credit then
    std::uint64_t taken_max = 0;     // so much of that frame may be read
    bool is_marked = false;     // a readable mark waits with the node

    bool is_gone() const { return state == State::none || state == State::done; }
};

struct Connection {
    std::array<Side, 2> sides;
    std::array<Stream, 2> streams;
    std::uint32_t generation = 0;  // told apart from earlier users of the slot
    bool is_used = false;
    Instant dialled_at;
    std::uint16_t port = 0;  // dialled

    bool is_dialling() const { return sides[0].state == Side::State::dialling; }
};

}  // namespace barnabas::sim
