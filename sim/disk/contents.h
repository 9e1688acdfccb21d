// The bytes of a simulated file, as extents of shared Bytes with holes that read as zeros.
//
// Copying one copies a reference; the first change after that copies the list of extents, never
// the bytes. Small neighbours are joined as a file grows, so that lists stay short and long frames
// are not kept alive by small slices of them.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/chain.h"
#include "engine/base/cow.h"
#include "engine/base/hash.h"

namespace barnabas::sim {

class Contents {
  public:
    std::uint64_t size() const { return body_->size; }

    void write(std::uint64_t position, const Bytes& bytes);
    // Cuts, or grows by a hole.
    void resize(std::uint64_t size);
    // Shorter than asked for at the end of the file.
    Chain read(std::uint64_t position, std::uint64_t length) const;
    // The same for the same bytes, however they are cut into extents.
    void digest(Hasher& hasher) const;

    std::size_t extents() const { return body_->extents.size(); }

  private:
    struct Extent {
        std::uint64_t position = 0;
        Bytes bytes;
        std::uint64_t end() const { return position + bytes.size(); }
    };
    struct Body {
        std::vector<Extent> extents;  // in order, none empty, none overlapping
        std::uint64_t size = 0;
    };

    static void clear_range(Body& body, std::uint64_t from, std::uint64_t to);
    static void join_tail(Body& body);

    Cow<Body> body_;
};

}  // namespace barnabas::sim
