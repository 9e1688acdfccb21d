// Counts what the program allocates: how often, the bytes that are held, the most that ever were.
//
// A program that asks has its global operator new replaced by the one that counts. It counts one
// thread: programs with several do not ask.
#pragma once

#include <cstddef>

namespace barnabas {

class Allocated {
  public:
    static std::size_t times();
    static std::size_t held();
    static std::size_t most();
    static void restart();  // the most counts from what is held now
};

}  // namespace barnabas
