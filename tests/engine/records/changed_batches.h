// Batches that somebody has tampered with, and what a leader says to them.
#pragma once

#include <gtest/gtest.h>

#include "engine/records/build.h"
#include "engine/records/validate.h"

namespace barnabas::records {

constexpr std::int64_t now = 1'700'000'000'000;

inline Rules rules_at_now() { return {.now = WallTime(std::chrono::milliseconds(now))}; }

// The batch with a changed head and, unless told otherwise, the CRC that belongs to it.
inline Bytes changed(const Prepared& batch, auto change, bool fix_crc = true) {
    std::vector<std::uint8_t> bytes(batch.batch.begin(), batch.batch.end());
    BatchHeader header = *BatchHeader::parse(bytes);
    change(header, bytes);
    header.store(bytes.data());
    if (fix_crc) {
        header.crc = crc_of(bytes);
        header.store(bytes.data());
    }
    return Bytes::own(std::move(bytes));
}

inline RefusedAs refused_as(const Bytes& batch, const Rules& rules = rules_at_now()) {
    const auto result = validate_produce(batch, rules);
    EXPECT_FALSE(result);
    return result ? RefusedAs{} : result.error().as;
}

}  // namespace barnabas::records
