#include "sim/disk/file.h"

#include <algorithm>

namespace barnabas::sim {

void File::apply(Contents& contents, const Change& change) {
    if (change.bytes.empty()) {
        contents.resize(change.position);
    } else {
        contents.write(change.position, change.bytes);
    }
}

void File::write(std::uint64_t position, const Bytes& bytes) {
    if (bytes.empty()) return;
    cached_.write(position, bytes);
    unflushed_.edit().push_back({position, bytes});
    unflushed_bytes_ += bytes.size();
}

void File::resize(std::uint64_t size) {
    if (size == cached_.size()) return;
    cached_.resize(size);
    unflushed_.edit().push_back({size, {}});
}

std::uint64_t File::flushed_bytes() const {
    std::uint64_t end = std::min(durable_.size(), cached_.size());
    for (const Change& change : *unflushed_) end = std::min(end, change.position);
    return std::min(end, forgotten_from_.value_or(end));
}

void File::forget_unflushed() {
    for (const Change& change : *unflushed_)
        forgotten_from_ = std::min(forgotten_from_.value_or(change.position), change.position);
    unflushed_ = {};
    unflushed_bytes_ = 0;
}

void File::flush() {
    if (unflushed_->empty()) return;
    for (const Change& change : *unflushed_) apply(durable_, change);
    unflushed_ = {};
    unflushed_bytes_ = 0;
}

void File::lose_power(Unflushed fate, Random& random) {
    if (fate == Unflushed::kept) flush();
    if (fate == Unflushed::seeded && !unflushed_->empty()) {
        // Most media write in order up to some point; some in any order.
        const std::uint64_t in_order = random.below(unflushed_->size() + 1);
        const bool is_ordered = random.below(2) == 0;
        std::uint64_t number = 0;
        for (const Change& change : *unflushed_) {
            const bool is_early = number++ < in_order;
            const std::uint64_t luck = is_ordered ? 3 : random.below(4);
            if (is_ordered ? is_early : luck == 0) {
                apply(durable_, change);
            } else if (is_ordered ? number == in_order + 1 : luck == 1) {
                tear(durable_, change, random);
            }
        }
    }
    unflushed_ = {};
    unflushed_bytes_ = 0;
    forgotten_from_.reset();
    cached_ = durable_;
}

// Some sectors of a write reach the medium: a prefix, or any of them.
void File::tear(Contents& contents, const Change& change, Random& random) {
    if (change.bytes.empty()) return;
    const std::uint64_t end = change.position + change.bytes.size();
    const std::uint64_t first = change.position / sector_size;
    const std::uint64_t sectors = (end - 1) / sector_size - first + 1;
    const bool is_prefix = random.below(2) == 0;
    const std::uint64_t prefix = random.below(sectors + 1);
    for (std::uint64_t i = 0; i < sectors; ++i) {
        const bool is_kept = is_prefix ? i < prefix : random.below(2) == 0;
        if (!is_kept) continue;
        const std::uint64_t from = std::max(change.position, (first + i) * sector_size);
        const std::uint64_t to = std::min(end, (first + i + 1) * sector_size);
        contents.write(from, change.bytes.slice(from - change.position, to - from));
    }
}

void File::flip_bit(std::uint64_t byte, unsigned bit) {
    CHECK(byte < cached_.size());
    CHECK(bit < 8);
    for (Contents* contents : {&cached_, &durable_}) {
        if (byte >= contents->size()) continue;
        std::vector<std::uint8_t> one(1, contents->read(byte, 1).flatten()[0]);
        one[0] ^= static_cast<std::uint8_t>(1u << bit);
        contents->write(byte, Bytes::own(std::move(one)));
    }
}

}  // namespace barnabas::sim
