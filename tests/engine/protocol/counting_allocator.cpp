#include "tests/engine/protocol/counting_allocator.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t held_now = 0;
std::size_t held_most = 0;

void* take(std::size_t size) {
    void* memory = std::malloc(size);
    if (!memory) throw std::bad_alloc();
    held_now += malloc_usable_size(memory);
    held_most = std::max(held_most, held_now);
    return memory;
}

void give(void* memory) {
    if (!memory) return;
    held_now -= malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* memory) noexcept { give(memory); }
void operator delete[](void* memory) noexcept { give(memory); }
void operator delete(void* memory, std::size_t) noexcept { give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give(memory); }

namespace barnabas {

std::size_t Allocated::held() { return held_now; }
std::size_t Allocated::most() { return held_most; }
void Allocated::restart() { held_most = held_now; }

}  // namespace barnabas
