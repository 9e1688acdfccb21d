// Counts what the program has allocated: the bytes that are held, and the most that ever were.
#pragma once

#include <cstddef>

namespace barnabas {

struct Allocated {
    static std::size_t held();
    static std::size_t most();
    static void restart();  // the most counts from what is held now
};

}  // namespace barnabas
