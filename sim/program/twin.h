// The same run in another process: what must not depend on where memory lies.
//
// Two runs in one process share its addresses, what its allocator left behind, and its environment;
// an engine that reads a byte it never wrote, or sorts by an address, may agree with itself there.
// So the program runs itself again, with a larger environment and with memory that is filled before
// it is given out, and the two are compared: report by report, and when those differ step by step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace barnabas::program {

struct Difference {
    std::uint64_t step = 0;  // the first that differs, from 1
    std::string one;         // what happened there, in each of the two
    std::string other;
};

class Twins {
  public:
    // `words` follow "sim run" on the command line; the program is this one unless told otherwise.
    explicit Twins(std::vector<std::string> words, std::string program = "/proc/self/exe");

    // Nothing: the same, byte for byte. An error: a process could not be run.
    Result<std::optional<Difference>, std::string> compare() const;

  private:
    enum class Layout : std::uint8_t { usual, other };
    Result<std::string, std::string> say(std::vector<std::string> before,
                                         std::vector<std::string> after, Layout layout) const;

    std::vector<std::string> words_;
    std::string program_;
};

}  // namespace barnabas::program
