// Counts what the program allocates: how often, the bytes that are held, the most that ever were.
//
// It takes the place of the global operator new: include it in one file of a program only.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace barnabas {

class Allocated {
  public:
    static std::size_t times() { return times_; }
    static std::size_t held() { return held_; }
    static std::size_t most() { return most_; }
    static void restart() { most_ = held_; }  // the most counts from what is held now

    static void* take(std::size_t size) {
        void* memory = std::malloc(size);
        if (!memory) throw std::bad_alloc();
        ++times_;
        held_ += malloc_usable_size(memory);
        most_ = std::max(most_, held_);
        return memory;
    }
    static void give(void* memory) {
        if (!memory) return;
        held_ -= malloc_usable_size(memory);
        std::free(memory);
    }

  private:
    static inline std::size_t times_ = 0;
    static inline std::size_t held_ = 0;
    static inline std::size_t most_ = 0;
};

}  // namespace barnabas

void* operator new(std::size_t size) { return barnabas::Allocated::take(size); }
void* operator new[](std::size_t size) { return barnabas::Allocated::take(size); }
void operator delete(void* memory) noexcept { barnabas::Allocated::give(memory); }
void operator delete[](void* memory) noexcept { barnabas::Allocated::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { barnabas::Allocated::give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { barnabas::Allocated::give(memory); }
