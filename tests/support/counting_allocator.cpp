#include "tests/support/counting_allocator.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace barnabas {
namespace {

std::size_t allocated_times = 0;
std::size_t held_bytes = 0;
std::size_t held_bytes_most = 0;

// Nothing when there is no memory.
void* try_take(std::size_t size) {
    void* memory = std::malloc(size);
    if (!memory) return nullptr;
    ++allocated_times;
    held_bytes += malloc_usable_size(memory);
    held_bytes_most = std::max(held_bytes_most, held_bytes);
    return memory;
}

void* take(std::size_t size) {
    void* memory = try_take(size);
    if (!memory) throw std::bad_alloc();
    return memory;
}

void give(void* memory) {
    if (!memory) return;
    held_bytes -= malloc_usable_size(memory);
    std::free(memory);
}

}  // namespace

std::size_t Allocated::times() { return allocated_times; }
std::size_t Allocated::held() { return held_bytes; }
std::size_t Allocated::most() { return held_bytes_most; }
void Allocated::restart() { held_bytes_most = held_bytes; }

}  // namespace barnabas

void* operator new(std::size_t size) { return barnabas::take(size); }
void* operator new[](std::size_t size) { return barnabas::take(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return barnabas::try_take(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return barnabas::try_take(size);
}
void operator delete(void* memory) noexcept { barnabas::give(memory); }
void operator delete[](void* memory) noexcept { barnabas::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { barnabas::give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { barnabas::give(memory); }
