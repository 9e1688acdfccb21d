#include "engine/protocol/decoder.h"

namespace barnabas::protocol {

void Decoder::read_tags(void* self, Visit visit, UnknownTags* unknown) {
    const std::uint32_t count = reader_.varint();
    if (count > reader_.left()) return reader_.fail(Reason::ends_early);
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
    found_ = false;
    if (tag <= INT16_MAX) {
        wanted_ = static_cast<std::int32_t>(tag);
        visit(*this, self);
    }
    if (!found_) {
        Bytes bytes = reader_.slice(size);
        if (unknown) unknown->push_back({tag, std::move(bytes)});
    }
    if (!reader_.failed() && reader_.left() != 0) reader_.fail(Reason::bad_tag_size);
    reader_.restore(end);
}

// The count is at most the bytes left, as every element takes one at least. Room is made for what
// the bytes left can hold to a fair degree, and for more only when that much was there.
void Decoder::take_all(const Elements& elements, std::size_t count, bool compact) {
    std::size_t i = 0;
    while (i < count) {
        const std::size_t fair = 1 + reader_.left() * 4 / elements.element_bytes;
        const std::size_t room = std::min(count, i + std::max(fair, i));
        auto* first = static_cast<std::uint8_t*>(elements.resize(elements.list, room));
        for (; i < room; ++i) {
            elements.take(*this, first + i * elements.element_bytes, compact);
            if (reader_.failed()) [[unlikely]]
                return reader_.trouble().within(i);
        }
    }
}

}  // namespace barnabas::protocol
