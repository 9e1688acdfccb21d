// CHECK states a fact about our own code, always on, in every build.
//
// What comes from a disk, a wire or a person is never ours to CHECK: that is a status. A failed
// CHECK calls the process's handler: by default it prints and aborts; the simulator installs one
// that throws, so that a world can stop with its seed and event; the host adds version and last
// notes.
#pragma once

#include <string_view>

namespace barnabas {

struct CheckFailure {
    std::string_view expression;
    std::string_view file;
    int line = 0;
};

// May throw; if it returns, the process aborts.
using CheckHandler = void (*)(const CheckFailure&);

// Returns the handler that was in force. Thread-safe; meant for a program's main().
CheckHandler set_check_handler(CheckHandler handler);

[[noreturn]] void check_failed(const CheckFailure& failure);

}  // namespace barnabas

#define CHECK(fact)                                                \
    do {                                                           \
        if (!(fact)) [[unlikely]]                                  \
            ::barnabas::check_failed({#fact, __FILE__, __LINE__}); \
    } while (false)
