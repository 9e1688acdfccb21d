#include "engine/host/receiver.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "engine/base/cow.h"

namespace barnabas::host {

std::span<std::uint8_t> Slab::room() {
    if (storage_ && is_sole(storage_)) used_ = 0;
    if (!storage_ || size - used_ < room_min) {
        storage_ = std::make_shared_for_overwrite<std::uint8_t[]>(size);
        used_ = 0;
    }
    return {storage_.get() + used_, size - used_};
}

Bytes Slab::take(std::size_t count) {
    CHECK(count <= size - used_);
    const std::uint8_t* at = storage_.get() + used_;
    used_ += count;
    return Bytes::adopt(std::shared_ptr<const std::uint8_t>(storage_, at), count);
}

Receiver::~Receiver() { std::free(body_); }

void Receiver::admit(std::uint64_t bytes) {
    credit_ += std::min(bytes, UINT64_MAX - credit_);  // saturates: "no limit" may be said twice
}

bool Receiver::wants_bytes() const {
    return uncut() == 0 && (!length_known_ || is_covered() || may_begin());
}

Receiver::Space Receiver::space(Slab& slab) {
    CHECK(wants_bytes());
    Space space;
    const auto add = [&](void* at, std::size_t size) {
        space.parts[static_cast<std::size_t>(space.count++)] = {at, size};
        space.size += size;
    };
    std::uint64_t covered = credit_;
    if (body_) {
        if (body_have_ == body_room_) grow_body(std::min<std::size_t>(length_, body_room_ * 2));
        const auto until = static_cast<std::size_t>(std::min<std::uint64_t>(body_room_, credit_));
        add(body_ + body_have_, std::min(until - body_have_, read_max));
        if (body_have_ + space.size < length_) return space;
        covered -= length_;
    }
    // Behind a large frame comes another: its prefix alone is read, so that its bytes can go
    // straight where they belong. Without credit nothing but a prefix may be taken in.
    aims_at_prefix_ = large_before_ || covered == 0;
    if (aims_at_prefix_) {
        add(prefix_.data() + prefix_have_, prefix_.size() - prefix_have_);
    } else {
        const auto room = slab.room();
        add(room.data(), static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), covered)));
    }
    return space;
}

void Receiver::filled(Slab& slab, std::size_t count) {
    if (body_) {
        const std::size_t here = std::min(count, body_room_ - body_have_);
        body_have_ += here;
        count -= here;
    }
    if (count == 0) return;
    if (aims_at_prefix_) {
        prefix_have_ = static_cast<std::uint8_t>(prefix_have_ + count);
    } else {
        stash_ = slab.take(count);
        stash_at_ = 0;
        stash_is_in_slab_ = true;
    }
}

Receiver::Cut Receiver::next() {
    if (!read_length()) return {};
    if (!is_covered()) {
        if (announced_ && !may_begin()) return {};
        if (may_begin() && !body_) begin_body();
        if (may_begin() && body_have_ < credit_) return {};
        announced_ = true;
        announced_at_ = credit_;
        return {Found::arriving, length_, {}};
    }
    if (!body_ && uncut() >= length_) {
        Bytes frame = stash_.slice(stash_at_, length_);
        stash_at_ += length_;
        if (uncut() == 0) stash_ = {}, stash_at_ = 0;
        return complete(std::move(frame));
    }
    if (!body_) begin_body();
    if (body_have_ < length_) return {};
    auto* whole = std::exchange(body_, nullptr);
    return complete(Bytes::adopt(std::shared_ptr<const std::uint8_t>(whole, &std::free), length_));
}

// True when the length of the next frame is known.
bool Receiver::read_length() {
    if (length_known_) return true;
    while (prefix_have_ < prefix_.size() && uncut() > 0)
        prefix_[prefix_have_++] = stash_[stash_at_++];
    if (stash_at_ > 0 && uncut() == 0) stash_ = {}, stash_at_ = 0;
    if (prefix_have_ < prefix_.size()) return false;
    length_ = 0;
    for (const std::uint8_t byte : prefix_) length_ = length_ << 8 | byte;
    prefix_have_ = 0;
    length_known_ = true;
    return true;
}

Receiver::Cut Receiver::complete(Bytes frame) {
    credit_ -= length_;
    large_before_ = length_ > large;
    length_known_ = announced_ = false;
    return {Found::frame, 0, std::move(frame)};
}

void Receiver::begin_body() {
    body_have_ = 0;
    grow_body(std::min<std::size_t>(length_, ahead_max));
    while (uncut() > 0) {
        if (body_have_ == body_room_) grow_body(std::min<std::size_t>(length_, body_room_ * 2));
        const std::size_t step = std::min(uncut(), body_room_ - body_have_);
        std::memcpy(body_ + body_have_, stash_.data() + stash_at_, step);
        body_have_ += step;
        stash_at_ += step;
    }
    stash_ = {};
    stash_at_ = 0;
    large_before_ = length_ > large;
}

void Receiver::grow_body(std::size_t room) {
    auto* grown = static_cast<std::uint8_t*>(std::realloc(body_, room));
    if (!grown) throw std::bad_alloc();
    body_ = grown;
    body_room_ = room;
}

void Receiver::settle() {
    if (!stash_is_in_slab_ || uncut() == 0 || uncut() >= Slab::size / 4) return;
    stash_ = Bytes::copy(stash_.view().subspan(stash_at_));
    stash_at_ = 0;
    stash_is_in_slab_ = false;
}

}  // namespace barnabas::host
