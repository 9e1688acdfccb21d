// What an answer says of an error, in words.
//
// Such words quote what a client sent: a name, a value, a list of them, of any length. Every one of
// them passes here, so that an answer stays small and a string of it can always be written.
#pragma once

#include <cstddef>
#include <string>

namespace barnabas::protocol {

constexpr std::size_t error_text_bytes_max = 1000;

// The text, cut between two characters and ended with "..." where it is longer than that.
std::string error_text(std::string text);

}  // namespace barnabas::protocol
