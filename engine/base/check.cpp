#include "engine/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace barnabas {
namespace {

void print(const CheckFailure& failure) {
    std::fprintf(stderr, "%.*s:%d: CHECK failed: %.*s\n", static_cast<int>(failure.file.size()),
                 failure.file.data(), failure.line, static_cast<int>(failure.expression.size()),
                 failure.expression.data());
}

// The one mutable static of the engine: a program chooses once what a failed CHECK does.
std::atomic<CheckHandler> handler{&print};

}  // namespace

CheckHandler set_check_handler(CheckHandler next) { return handler.exchange(next); }

void check_failed(const CheckFailure& failure) {
    handler.load()(failure);
    std::abort();
}

}  // namespace barnabas
