#include "engine/log/cleaning.h"

#include <algorithm>

namespace barnabas::log {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

bool Cleanable::is_due(const CleaningSettings& settings) const {
    if (dirty_bytes == 0) return false;
    const std::uint64_t all = clean_bytes + dirty_bytes;
    return is_overdue || Wide(dirty_bytes) * 1'000'000 >
                             Wide(all) * static_cast<std::uint64_t>(
                                             settings.dirty_ratio_min_millionths);
}

bool Cleanable::is_dirtier_than(const Cleanable& other) const {
    return Wide(dirty_bytes) * (other.clean_bytes + other.dirty_bytes) >
           Wide(other.dirty_bytes) * (clean_bytes + dirty_bytes);
}

bool Cleaning::uses(std::uint32_t slot) const {
    return cleaner.uses(slot) ||
           (swap && std::ranges::find(swap->old(), slot, &SegmentSwap::Old::slot) !=
                        swap->old().end());
}

}  // namespace barnabas::log
