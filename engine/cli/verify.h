// Log directories and partitions' directories as they lie on a disk, looked at from one end to the
// other. Nothing is changed, and a broker need not be stopped; the tail of a log that is written
// meanwhile may look torn.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace barnabas::cli {

struct Damage {
    std::string path;
    std::uint64_t position = 0;
    std::string what;
    friend bool operator==(const Damage&, const Damage&) = default;
};

struct Verified {
    std::uint64_t partitions = 0;
    std::uint64_t segments = 0;
    std::uint64_t batches = 0;
    std::uint64_t bytes = 0;  // of .log files
    std::vector<Damage> damage;
    std::vector<Damage> remarks;      // what need not be damage, and may be
    std::vector<std::string> errors;  // paths in which there was nothing to look at

    std::string text() const;  // for people: a line for each damage, and what was looked at
    std::string json() const;
};

// Each path is a log directory (then all its partitions) or a partition's. `progress` is told every
// so often how far it is.
Verified verify(const std::vector<std::string>& paths,
                const std::function<void(const Verified&)>& progress = {});

}  // namespace barnabas::cli
