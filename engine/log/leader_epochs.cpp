#include "engine/log/leader_epochs.h"

#include <algorithm>

namespace barnabas::log {

LeaderEpochs::LeaderEpochs(std::vector<EpochStart> entries) : entries_(std::move(entries)) {
    settle_latest();
}

void LeaderEpochs::settle_latest() { latest_ = entries_.empty() ? none : entries_.back().epoch; }

bool LeaderEpochs::assign(LeaderEpoch epoch, Offset start) {
    if (epoch < LeaderEpoch(0) || epoch <= latest_) return false;
    // An epoch that wrote nothing before the next one began leaves no entry.
    while (!entries_.empty() && entries_.back().start >= start) entries_.pop_back();
    entries_.push_back({epoch, start});
    latest_ = epoch;
    return true;
}

bool LeaderEpochs::cut_end(Offset end) {
    const std::size_t before = entries_.size();
    while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
    settle_latest();
    return entries_.size() != before;
}

bool LeaderEpochs::cut_start(Offset start) {
    const auto above = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const EpochStart& entry) { return entry.start > start; });
    if (above == entries_.begin()) return false;
    const auto in_force = above - 1;
    if (in_force == entries_.begin() && in_force->start == start) return false;
    in_force->start = start;
    entries_.erase(entries_.begin(), in_force);
    return true;
}

std::optional<LeaderEpoch> LeaderEpochs::latest() const {
    if (latest_ == none) return std::nullopt;
    return latest_;
}

std::optional<LeaderEpoch> LeaderEpochs::epoch_of(Offset offset) const {
    const auto above = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const EpochStart& entry) { return entry.start > offset; });
    if (above == entries_.begin()) return std::nullopt;
    return (above - 1)->epoch;
}

std::optional<LeaderEpochs::End> LeaderEpochs::end_of(LeaderEpoch epoch, Offset log_end) const {
    const auto above = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const EpochStart& entry) { return entry.epoch > epoch; });
    if (entries_.empty() || epoch < LeaderEpoch(0)) return std::nullopt;
    if (above == entries_.end()) {
        // An epoch above all that were seen is not known here, unless it is the latest itself.
        if (entries_.back().epoch < epoch) return std::nullopt;
        return End{epoch, log_end};
    }
    if (above == entries_.begin()) return End{epoch, above->start};
    return End{(above - 1)->epoch, above->start};
}

}  // namespace barnabas::log
