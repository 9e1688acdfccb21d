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

}  // namespace barnabas::protocol
