// The work on batches that is too long for a turn, as effect::Compute names it: pure functions of
// bytes. Whoever is a machine and works with logs hands compute() to its driver.
#pragma once

#include "engine/runtime/effect.h"

namespace barnabas::log {

enum class Job : std::uint32_t {
    validate_produced = 1,  // records::compute_validation
    // On stored batches: batch_work.h.
    find_time = 2,
    list_keys = 3,
    keep_records = 4,
};

Bytes compute(const effect::Compute& job);
Bytes compute_on_batch(const effect::Compute& job);  // the part of batch_work.cpp

}  // namespace barnabas::log
