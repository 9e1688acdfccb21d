// Cuts what one connection's peer sends into frames (see engine/runtime/event.h: framing, credit).
//
// Small frames are slices of a slab that all connections read into; a large one gets a buffer of
// its own, which the bytes reach straight from the socket. While nothing is under way a receiver
// holds no memory, and never more bytes than the credit covers.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"

namespace barnabas::host {

// What the next reads of all connections go into. Rewinds once nobody holds a slice of it.
class Slab {
  public:
    static constexpr std::size_t size = 128 * 1024;
    static constexpr std::size_t room_min = 16 * 1024;

    // Free space, at least room_min.
    std::span<std::uint8_t> room();
    // The first `count` bytes of room(), which are taken from here on.
    Bytes take(std::size_t count);

  private:
    std::shared_ptr<std::uint8_t[]> storage_;
    std::size_t used_ = 0;
};

class Receiver {
  public:
    // Frames beyond this get a buffer of their own.
    static constexpr std::size_t large = 32 * 1024;
    // A buffer is made no larger than this before its bytes have begun to come.
    static constexpr std::size_t ahead_max = 1024 * 1024;
    // One read brings no more of a frame, so that others have their turn.
    static constexpr std::size_t read_max = 1024 * 1024;

    enum class Found : std::uint8_t { nothing, frame, arriving };
    struct Cut {
        Found found = Found::nothing;
        std::uint32_t length = 0;  // arriving: of the frame announced
        Bytes frame;
    };
    struct Space {
        std::array<iovec, 2> parts;
        int count = 0;
        std::size_t size = 0;
    };

    Receiver() = default;
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    ~Receiver();

    // More bytes are wanted from the socket. Call next() until it finds nothing first.
    bool wants_bytes() const;
    // Something came that next() has not turned into a frame: a Resume or Admit may free it.
    bool holds_input() const { return uncut() > 0 || (length_known_ && !body_); }
    // Where they go. Needs: wants_bytes().
    Space space(Slab& slab);
    // So many came into the space given last.
    void filled(Slab& slab, std::size_t count);

    // The next thing to tell the machine.
    Cut next();
    void admit(std::uint64_t bytes);
    // At the end of a pass: does not keep a whole slab alive for a few bytes.
    void settle();

  private:
    std::size_t uncut() const { return stash_.size() - stash_at_; }
    bool is_covered() const { return length_ <= INT32_MAX && length_ <= credit_; }
    // Since the frame was announced, credit came that covers a part of it.
    bool may_begin() const { return announced_ && credit_ > announced_at_; }
    bool read_length();
    void begin_body();
    void grow_body(std::size_t room);
    Cut complete(Bytes frame);

    std::uint64_t credit_ = 0;
    Bytes stash_;  // came, not yet cut; from stash_at_ on
    std::size_t stash_at_ = 0;
    bool stash_is_in_slab_ = false;

    std::array<std::uint8_t, 4> prefix_{};  // of the frame after the one whose length is known
    std::uint8_t prefix_have_ = 0;
    bool aims_at_prefix_ = false;  // space(): what comes behind the body goes into prefix_
    bool length_known_ = false;
    bool announced_ = false;
    std::uint64_t announced_at_ = 0;  // the credit then
    bool large_before_ = false;  // the frame before was large: the next will be
    std::uint32_t length_ = 0;

    std::uint8_t* body_ = nullptr;  // malloc'd: realloc moves pages, not bytes
    std::size_t body_room_ = 0;
    std::size_t body_have_ = 0;
};

}  // namespace barnabas::host
