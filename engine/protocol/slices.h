// Where a long message was left: what is read or written in slices is gone on with from there.
//
// A slice ends before an element of a list. What leads there, from the innermost list outwards, is
// noted on the way out and followed on the way in; the message and the trail are all that a slice
// leaves to the next one, so that both can be copied in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/bytes.h"

namespace barnabas::protocol {

// A field of a struct that is not done: a list, or a struct that holds one.
struct Step {
    std::string field;
    bool is_list = false;
    std::uint32_t next = 0;   // the first element that is left
    std::uint32_t count = 0;  // of all elements

    friend bool operator==(const Step&, const Step&) = default;
};

// The innermost step first.
using Trail = std::vector<Step>;

// A message that is read in slices.
struct Reading {
    std::size_t at = 0;             // in the body
    std::uint64_t memory_bytes = 0;  // that the message takes so far
    Trail trail;
};

}  // namespace barnabas::protocol
