// operations count NAME TIMES   does one operation so many times within measured(), for callgrind
// operations list               prints the names
// operations [--benchmark_...]  times them all, with Google Benchmark's own flags
#include "tests/bench/operations.h"

#include <benchmark/benchmark.h>

#include "tests/bench/measure.h"

namespace barnabas::bench {

[[gnu::noinline]] void measured(const std::function<void()>& operation, int times) {
    for (int i = 0; i < times; ++i) operation();
}

namespace {

std::vector<Operation> all_operations() {
    std::vector<Operation> all = operations_of_records();
    for (auto more : {operations_of_codec(), operations_of_log()}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

void count(const std::string& name, int times) {
    for (const Operation& operation : all_operations()) {
        if (operation.name != name) continue;
        const auto ready = operation.prepare();
        ready();  // whatever happens only once
        measured(ready, times);
        return;
    }
    fail("no operation has the name " + name);
}

void time_all(int argc, char** argv) {
    for (const Operation& operation : all_operations()) {
        benchmark::RegisterBenchmark(operation.name.c_str(), [operation](benchmark::State& state) {
            const auto ready = operation.prepare();
            for (auto _ : state) ready();
            if (operation.bytes > 0) {
                state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                                        static_cast<std::int64_t>(operation.bytes));
            }
        });
    }
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}

}  // namespace
}  // namespace barnabas::bench

int main(int argc, char** argv) {
    using namespace barnabas::bench;
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "list") {
        for (const Operation& operation : all_operations()) {
            std::printf("%s\n", operation.name.c_str());
        }
    } else if (mode == "count" && argc == 4) {
        count(argv[2], std::stoi(argv[3]));
    } else {
        time_all(argc, argv);
    }
}
