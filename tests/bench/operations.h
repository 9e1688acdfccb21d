// The engine's single operations, ready to be done again and again: for instruction counts, which
// no neighbour disturbs, and for speed on one core.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace barnabas::bench {

struct Operation {
    std::string name;
    std::size_t bytes = 0;  // that one of it works through
    // Makes what it needs, and gives the operation.
    std::function<std::function<void()>()> prepare;
};

// So that no result is thinned away.
void keep(const auto& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

std::vector<Operation> operations_of_records();
std::vector<Operation> operations_of_codec();
std::vector<Operation> operations_of_log();

}  // namespace barnabas::bench
