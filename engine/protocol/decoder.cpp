#include "engine/protocol/decoder.h"

#include <utility>

namespace barnabas::protocol {
namespace {

constexpr std::size_t room_factor = 64;  // bytes of memory for a byte of input

}  // namespace

void Decoder::read_tags(void* self, Visit visit, UnknownTags* unknown) {
    const std::uint32_t count = reader_.varint();
    if (count > reader_.left()) return reader_.fail(Reason::ends_early);
    if (count > tagged_fields_max) return reader_.fail(Reason::too_many_elements);
    std::int64_t last = -1;
    for (std::uint32_t i = 0; i < count && !reader_.failed(); ++i) {
        const std::uint32_t tag = reader_.varint();
        if (!reader_.failed() && tag <= last) return reader_.fail(Reason::tags_out_of_order);
        last = tag;
        read_tag(self, visit, unknown, tag);
    }
}

void Decoder::read_tag(void* self, Visit visit, UnknownTags* unknown, std::uint32_t tag) {
    const std::uint32_t size = reader_.varint();
    if (size > reader_.left()) return reader_.fail(Reason::ends_early);
    const std::size_t end = reader_.narrow(size);
    const std::int64_t room = reader_.widen_slice();
    found_ = false;
    if (tag <= INT16_MAX) {
        wanted_ = static_cast<std::int32_t>(tag);
        visit(*this, self);
    }
    if (!found_ && unknown && reader_.keeps_unknown_tags()) {
        unknown->push_back({tag, reader_.slice(size)});
    } else if (!found_) {
        reader_.pass(size);
    }
    reader_.narrow_slice(room);
    if (!reader_.failed() && reader_.left() != 0) reader_.fail(Reason::bad_tag_size);
    reader_.restore(end);
}

// The count is at most the bytes left, as every element takes one at least. Few elements are made
// before they are there. When those were, all others get their room at once, as moving a million
// would take long; but no more than what the bytes left can hold to a fair degree.
void Decoder::take_all(const Elements& elements, std::size_t from, std::size_t count,
                       bool compact) {
    constexpr std::size_t made_at_once = 256;
    bool is_begun = reader_.trouble().is_on_trail();  // the first one, in an earlier slice
    std::size_t i = from;
    while (i < count) {
        if (count - i > reader_.left()) return reader_.fail(Reason::ends_early);
        const std::size_t fair = 1 + reader_.left() * 4 / elements.element_bytes;
        const std::size_t more = i < elements_reserved_max
                                     ? std::min(std::max(fair, i), elements_reserved_max - i)
                                     : made_at_once;
        const std::size_t made = std::min(count, i + more);
        const std::size_t room =
            i < elements_reserved_max
                ? made
                : std::min(count, i + reader_.left() * room_factor / elements.element_bytes);
        auto* first = static_cast<std::uint8_t*>(elements.grow(elements.list, made, room));
        for (; i < made; ++i) {
            if (!std::exchange(is_begun, false)) {
                if (reader_.is_slice_full()) [[unlikely]]
                    return reader_.trouble().pause(i, count);
                reader_.take_memory(elements.element_bytes);
            }
            elements.take(*this, first + i * elements.element_bytes, compact);
            if (reader_.failed()) [[unlikely]]
                return reader_.trouble().within(i, count);
        }
    }
}

}  // namespace barnabas::protocol
