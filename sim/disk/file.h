// One simulated file: what the page cache shows, and what the medium holds.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/random.h"
#include "sim/disk/contents.h"

namespace barnabas::sim {

// What becomes of changes that were not flushed when the power goes.
enum class Unflushed : std::uint8_t {
    seeded,  // each is kept, lost or torn at a sector, in any order: the dice decide
    lost,    // all are lost
    kept,    // all had reached the medium
};

constexpr std::uint64_t sector_size = 512;

class File {
  public:
    const Contents& cached() const { return cached_; }
    const Contents& durable() const { return durable_; }
    std::size_t unflushed_changes() const { return unflushed_->size(); }
    std::uint64_t unflushed_bytes() const { return unflushed_bytes_; }
    bool is_flushed() const { return unflushed_->empty() && !forgotten_from_; }
    // So many bytes from the beginning are on the medium as the page cache shows them.
    std::uint64_t flushed_bytes() const;

    void write(std::uint64_t position, const Bytes& bytes);
    void resize(std::uint64_t size);
    void flush();
    // A flush has failed: what it should have written counts as clean from now on, and no later one
    // writes it. It is seen until the power goes.
    void forget_unflushed();
    // Afterwards cache and medium agree.
    void lose_power(Unflushed fate, Random& random);
    // Rot: cache and medium show the flipped bit. Needs: byte < cached().size(), bit < 8.
    void flip_bit(std::uint64_t byte, unsigned bit);

    bool is_linked = true;  // a name leads to it

  private:
    struct Change {
        std::uint64_t position = 0;  // or, of a resize, the new size
        Bytes bytes;                 // empty: a resize
    };

    static void apply(Contents& contents, const Change& change);
    static void tear(Contents& contents, const Change& change, Random& random);

    Contents cached_;
    Contents durable_;
    Cow<std::vector<Change>> unflushed_;
    std::uint64_t unflushed_bytes_ = 0;  // of the writes among them
    std::optional<std::uint64_t> forgotten_from_;  // the first byte of what was forgotten
};

}  // namespace barnabas::sim
