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
    Body& body = body_.edit();
    const std::uint64_t end = position + bytes.size();
    if (body.extents.empty() || body.extents.back().end() <= position) {
        body.extents.push_back({position, bytes});
        join_tail(body);
    } else {
        clear_range(body, position, end);
        const auto behind = std::upper_bound(
            body.extents.begin(), body.extents.end(), position,
            [](std::uint64_t at, const Extent& extent) { return at < extent.position; });
        body.extents.insert(behind, {position, bytes});
    }
    body.size = std::max(body.size, end);
}

void Contents::resize(std::uint64_t size) {
    Body& body = body_.edit();
    if (size < body.size) clear_range(body, size, body.size);
    body.size = size;
}

// Makes a hole.
void Contents::clear_range(Body& body, std::uint64_t from, std::uint64_t to) {
    auto first =
        std::upper_bound(body.extents.begin(), body.extents.end(), from,
                         [](std::uint64_t at, const Extent& extent) { return at < extent.end(); });
    auto last = first;
    std::vector<Extent> kept;
    for (; last != body.extents.end() && last->position < to; ++last) {
        if (last->position < from)
            kept.push_back({last->position, last->bytes.slice(0, from - last->position)});
        if (last->end() > to) kept.push_back({to, last->bytes.from(to - last->position)});
    }
    first = body.extents.erase(first, last);
    body.extents.insert(first, kept.begin(), kept.end());
}

// A run of small neighbours at the end becomes one extent.
void Contents::join_tail(Body& body) {
    auto& extents = body.extents;
    if (extents.size() < join_count) return;
    const auto first = extents.end() - join_count;
    std::size_t size = 0;
    for (auto one = first; one != extents.end(); ++one) {
        if (one->bytes.size() >= join_below) return;
        if (one != first && one->position != (one - 1)->end()) return;
        size += one->bytes.size();
    }
    std::vector<std::uint8_t> joined;
    joined.reserve(size);
    for (auto one = first; one != extents.end(); ++one)
        joined.insert(joined.end(), one->bytes.begin(), one->bytes.end());
    first->bytes = Bytes::own(std::move(joined));
    extents.erase(first + 1, extents.end());
}

Chain Contents::read(std::uint64_t position, std::uint64_t length) const {
    Chain chain;
    if (position >= size()) return chain;
    const std::uint64_t end = position + std::min(length, size() - position);
    const auto& extents = body_->extents;
    auto next =
        std::upper_bound(extents.begin(), extents.end(), position,
                         [](std::uint64_t at, const Extent& extent) { return at < extent.end(); });
    while (position < end) {
        if (next == extents.end() || next->position >= end) {
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
