// Visitors of the door's values: each event and effect describes its fields once, and is hashed,
// printed, written and read back by these.
#pragma once

#include <string>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/runtime/effect.h"
#include "engine/runtime/event.h"

namespace barnabas {

// All bytes of the value, its alternative included.
void hash_into(Hasher& hasher, const Event& event);
void hash_into(Hasher& hasher, const Effect& effect);

// The number that stands for the alternative in hashes and recordings, for ever: a new one gets a
// new number, whatever its place in the variant.
std::uint16_t number_of(const Event& event);
std::uint16_t number_of(const Effect& effect);

// "Received", "ArmTimer".
std::string_view name_of(const Event& event);
std::string_view name_of(const Effect& effect);
std::string_view name_of(StorageStatus status);

// One line: "Received connection=3 frame=41 bytes". Long byte runs are shown by size.
std::string print(const Event& event);
std::string print(const Effect& effect);

// The stored form, as recordings hold it: little-endian, self-delimiting. decode_event checks every
// length against the bytes left before it allocates; `at` moves behind what was read.
void encode(std::vector<std::uint8_t>& out, const Event& event);
Result<Event, std::string> decode_event(Bytes bytes, std::size_t& at);

}  // namespace barnabas
