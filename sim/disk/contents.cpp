#include "sim/disk/contents.h"

#include <algorithm>

namespace barnabas::sim {
namespace {

constexpr std::size_t join_count = 64;
constexpr std::size_t join_below = 4 << 10;  // bytes of an extent that is still joined

Bytes zeros(std::uint64_t count) { return Bytes::own(std::vector<std::uint8_t>(count)); }

}  // namespace

void Contents::write(std::uint64_t position, const Bytes& bytes) {
    if (bytes.empty()) return;
    const std::uint64_t end = position + bytes.size();
    if (extents_.empty() || extents_.back().end() <= position) {
        extents_.push_back({position, bytes});
        join_tail();
    } else {
        clear_range(position, end);
        const auto behind = std::upper_bound(
            extents_.begin(), extents_.end(), position,
            [](std::uint64_t at, const Extent& extent) { return at < extent.position; });
        std::vector<Extent> later = take_from(static_cast<std::size_t>(behind - extents_.begin()));
        extents_.push_back({position, bytes});
        for (Extent& one : later) extents_.push_back(std::move(one));
    }
    size_ = std::max(size_, end);
}

void Contents::resize(std::uint64_t size) {
    if (size < size_) clear_range(size, size_);
    size_ = size;
}

// Makes a hole.
void Contents::clear_range(std::uint64_t from, std::uint64_t to) {
    const auto first =
        std::upper_bound(extents_.begin(), extents_.end(), from,
                         [](std::uint64_t at, const Extent& extent) { return at < extent.end(); });
    for (Extent& one : take_from(static_cast<std::size_t>(first - extents_.begin()))) {
        if (one.position >= to) {
            extents_.push_back(std::move(one));
            continue;
        }
        if (one.position < from)
            extents_.push_back({one.position, one.bytes.slice(0, from - one.position)});
        if (one.end() > to) extents_.push_back({to, one.bytes.from(to - one.position)});
    }
}

// Those from there on, in order: files are written to at their ends, where these are few.
std::vector<Contents::Extent> Contents::take_from(std::size_t first) {
    std::vector<Extent> taken;
    for (std::size_t i = first; i < extents_.size(); ++i) taken.push_back(extents_[i]);
    extents_.resize(first);
    return taken;
}

// A run of small neighbours at the end becomes one extent.
void Contents::join_tail() {
    if (extents_.size() < join_count) return;
    const std::size_t first = extents_.size() - join_count;
    std::size_t size = 0;
    for (std::size_t i = first; i < extents_.size(); ++i) {
        const Extent& one = extents_[i];
        if (one.bytes.size() >= join_below) return;
        if (i > first && one.position != extents_[i - 1].end()) return;
        size += one.bytes.size();
    }
    std::vector<std::uint8_t> joined;
    joined.reserve(size);
    for (std::size_t i = first; i < extents_.size(); ++i)
        joined.insert(joined.end(), extents_[i].bytes.begin(), extents_[i].bytes.end());
    extents_.resize(first + 1);
    extents_.edit(first).bytes = Bytes::own(std::move(joined));
}

Chain Contents::read(std::uint64_t position, std::uint64_t length) const {
    Chain chain;
    if (position >= size()) return chain;
    const std::uint64_t end = position + std::min(length, size() - position);
    auto next =
        std::upper_bound(extents_.begin(), extents_.end(), position,
                         [](std::uint64_t at, const Extent& extent) { return at < extent.end(); });
    while (position < end) {
        if (next == extents_.end() || next->position >= end) {
            chain.push(zeros(end - position));
            break;
        }
        if (next->position > position) {
            chain.push(zeros(next->position - position));
            position = next->position;
        }
        const std::uint64_t stop = std::min(end, next->end());
        chain.push(next->bytes.slice(position - next->position, stop - position));
        position = stop;
        ++next;
    }
    return chain;
}

void Contents::digest(Hasher& hasher) const {
    hasher.add(size());
    constexpr std::uint64_t step = 1 << 20;
    for (std::uint64_t at = 0; at < size(); at += step) {
        const Chain part = read(at, step);
        for (const Bytes& piece : part.pieces()) hasher.add_raw(piece);
    }
}

}  // namespace barnabas::sim
