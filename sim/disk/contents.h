// The bytes of a simulated file, as extents of shared Bytes with holes that read as zeros.
//
// Copying one copies a reference; a change after that copies a part of the list of extents,
// however long that is, and never the bytes. Small neighbours are joined as a file grows, so that
// lists stay short and long frames are not kept alive by small slices of them.
#pragma once

#include <cstdint>

#include "engine/base/chain.h"
#include "engine/base/hash.h"
#include "engine/base/persistent_vector.h"

namespace barnabas::sim {

class Contents {
  public:
    std::uint64_t size() const { return size_; }

    void write(std::uint64_t position, const Bytes& bytes);
    // Cuts, or grows by a hole.
    void resize(std::uint64_t size);
    // Shorter than asked for at the end of the file.
    Chain read(std::uint64_t position, std::uint64_t length) const;
    // The same for the same bytes, however they are cut into extents.
    void digest(Hasher& hasher) const;

    std::size_t extents() const { return extents_.size(); }

  private:
    struct Extent {
        std::uint64_t position = 0;
        Bytes bytes;
        std::uint64_t end() const { return position + bytes.size(); }
    };

    void clear_range(std::uint64_t from, std::uint64_t to);
    void join_tail();
    std::vector<Extent> take_from(std::size_t first);

    PersistentVector<Extent> extents_;  // in order, none empty, none overlapping
    std::uint64_t size_ = 0;
};

}  // namespace barnabas::sim
