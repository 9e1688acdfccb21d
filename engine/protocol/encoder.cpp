#include "engine/protocol/encoder.h"

#include <algorithm>

namespace barnabas::protocol {

void Encoder::write_tags(const void* self, Visit visit, const UnknownTags& unknown) {
    std::sort(tags_.begin(), tags_.end());
    writer_.varint(static_cast<std::uint32_t>(tags_.size() + unknown.size()));
    auto next = unknown.begin();
    for (const std::int16_t tag : tags_) {
        next = write_unknown_below(static_cast<std::uint32_t>(tag), next, unknown.end());
        wanted_ = tag;
        visit(*this, self);
    }
    write_unknown_below(UINT32_MAX, next, unknown.end());
}

UnknownTags::const_iterator Encoder::write_unknown_below(std::uint32_t bound,
                                                         UnknownTags::const_iterator next,
                                                         UnknownTags::const_iterator end) {
    for (; next != end && next->tag < bound; ++next) {
        writer_.varint(next->tag);
        writer_.varint(static_cast<std::uint32_t>(next->bytes.size()));
        writer_.raw(next->bytes);
        if (next + 1 != end && (next + 1)->tag <= next->tag) {
            writer_.trouble().raise(Reason::tags_out_of_order);
        }
    }
    if (next != end && next->tag == bound) writer_.trouble().raise(Reason::tags_out_of_order);
    return next;
}

void Encoder::put_all(const void* first, std::size_t from, std::size_t count,
                      std::size_t element_bytes, PutOne put, bool compact) {
    const auto* at = static_cast<const std::uint8_t*>(first);
    for (std::size_t i = from; i < count; ++i) {
        if (writer_.is_slice_full()) [[unlikely]]
            return writer_.trouble().pause(i, count);
        put(*this, at + i * element_bytes, compact);
        if (writer_.trouble().any()) [[unlikely]]
            return writer_.trouble().within(i, count);
    }
}

}  // namespace barnabas::protocol
