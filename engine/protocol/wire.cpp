#include "engine/protocol/wire.h"

#include "engine/base/check.h"

namespace barnabas::protocol {

using Reason = CodecError::Reason;

void Trouble::pause(std::size_t next, std::size_t count) {
    CHECK(trail_ != nullptr);
    state_ = State::pause;
    note(next, count);
}

void Trouble::note(std::size_t next, std::size_t count) {
    trail_->push_back(
        {{}, true, static_cast<std::uint32_t>(next), static_cast<std::uint32_t>(count)});
}

Step Trouble::take_step() {
    Step step = std::move(trail_->back());
    trail_->pop_back();
    return step;
}

void Trouble::within(std::string_view name) {
    if (is_pause()) {
        const bool is_list = !trail_->empty() && trail_->back().field.empty();
        if (!is_list) trail_->emplace_back();
        trail_->back().field = name;
        return;
    }
    std::string& field = error_.field;
    if (!field.empty() && field.front() != '[') field.insert(0, 1, '.');
    field.insert(0, name);
}

void Trouble::within(std::size_t index, std::size_t count) {
    if (is_pause()) return note(index, count);
    std::string& field = error_.field;
    if (!field.empty()) field.insert(0, 1, '.');
    field.insert(0, '[' + std::to_string(index) + ']');
}

void Writer::grow(std::size_t count) {
    room_ = std::max(room_ * 2, at_ + count);
    auto larger = std::make_shared_for_overwrite<std::uint8_t[]>(room_);
    std::memcpy(larger.get(), bytes_.get(), at_);
    bytes_ = std::move(larger);
}

void Writer::text_length(std::size_t length, bool compact) {
    if (length > string_bytes_max) return trouble_.raise(Reason::bad_length);
    if (compact) {
        varint(static_cast<std::uint32_t>(length + 1));
    } else {
        number(static_cast<std::int16_t>(length));
    }
}

void Writer::length(std::size_t length, bool compact) {
    if (length >= INT32_MAX) return trouble_.raise(Reason::bad_length);
    if (compact) {
        varint(static_cast<std::uint32_t>(length + 1));
    } else {
        number(static_cast<std::int32_t>(length));
    }
}

void Writer::null_text(bool compact) {
    if (compact) {
        varint(0);
    } else {
        number<std::int16_t>(-1);
    }
}

void Writer::null(bool compact) {
    if (compact) {
        varint(0);
    } else {
        number<std::int32_t>(-1);
    }
}

void Writer::records(const Records& records, bool compact) {
    if (records.is_null()) return null(compact);
    length(records.size(), compact);
    if (records.size() != 0) inserts_.push_back({at_, records});
}

std::size_t Writer::begin_tagged(std::uint32_t tag) {
    varint(tag);
    number<std::uint8_t>(0);
    return at_;
}

void Writer::end_tagged(std::size_t begun) {
    const std::size_t size = at_ - begun;
    const std::size_t more = varint_size(size) - 1;
    if (more != 0) {
        room(more);
        std::memmove(bytes_.get() + begun + more, bytes_.get() + begun, size);
    }
    at_ = begun - 1;
    varint(static_cast<std::uint32_t>(size));
    at_ += size;
}

Result<std::vector<std::uint8_t>, CodecError> Writer::flat() && {
    if (trouble_.any()) return unexpected(trouble_.error());
    std::size_t size = at_;
    for (const Insert& insert : inserts_) {
        if (!insert.records.chain())
            return unexpected(CodecError{.reason = Reason::external_bytes});
        size += insert.records.size();
    }
    const ByteView own = written();
    std::vector<std::uint8_t> all;
    all.reserve(size);
    std::size_t taken = 0;
    for (const Insert& insert : inserts_) {
        all.insert(all.end(), own.begin() + taken, own.begin() + insert.at);
        for (const Bytes& piece : insert.records.chain()->pieces())
            all.insert(all.end(), piece.begin(), piece.end());
        taken = insert.at;
    }
    all.insert(all.end(), own.begin() + taken, own.end());
    return all;
}

Result<Bytes, CodecError> Writer::bytes() && {
    if (inserts_.empty() && !trouble_.any()) return take();
    auto all = std::move(*this).flat();
    if (!all) return unexpected(all.error());
    return Bytes::own(std::move(*all));
}

Result<Gathered, CodecError> Writer::gathered() && {
    if (trouble_.any() && !trouble_.is_pause()) return unexpected(trouble_.error());
    std::size_t size = at_;
    for (const Insert& insert : inserts_) size += insert.records.size();
    if (head_ == Head::length) {
        if (size - 4 > INT32_MAX) return unexpected(CodecError{.reason = Reason::bad_length});
        wire::store(bytes_.get(), static_cast<std::int32_t>(size - 4));
    }
    const Bytes own = take();
    Gathered all;
    std::size_t taken = 0;
    for (const Insert& insert : inserts_) {
        all.push(own.slice(taken, insert.at - taken));
        taken = insert.at;
        if (const External* elsewhere = insert.records.external()) all.push(*elsewhere);
        if (const Chain* chain = insert.records.chain()) {
            for (const Bytes& piece : chain->pieces()) all.push(piece);
        }
    }
    all.push(own.from(taken));
    return all;
}

std::uint32_t Reader::varint() {
    if (failed()) return 0;
    // Nearly all are the lengths of short things.
    if (at_ < end_ && bytes_.data()[at_] < 0x80) return bytes_.data()[at_++];
    const std::size_t before = at_;
    const auto value = get_varint({bytes_.data(), end_}, at_, 32);
    if (value) return static_cast<std::uint32_t>(*value);
    fail(end_ - before < 5 ? Reason::ends_early : Reason::bad_varint);
    return 0;
}

Uuid Reader::uuid() {
    Uuid id;
    if (left() < id.bytes.size()) return fail(Reason::ends_early), id;
    std::memcpy(id.bytes.data(), bytes_.data() + at_, id.bytes.size());
    at_ += id.bytes.size();
    return id;
}

// Kafka takes every negative length for null.
std::optional<std::size_t> Reader::checked(std::int64_t length, std::int64_t length_max) {
    if (failed() || length < 0) return std::nullopt;
    if (length > length_max) return fail(Reason::bad_length), std::nullopt;
    const auto size = static_cast<std::size_t>(length);
    if (size > left()) return fail(Reason::ends_early), std::nullopt;
    return size;
}

std::optional<std::size_t> Reader::text_length(bool compact) {
    const std::int64_t length =
        compact ? static_cast<std::int64_t>(varint()) - 1 : number<std::int16_t>();
    return checked(length, string_bytes_max);
}

std::optional<std::size_t> Reader::element_count(bool compact) {
    const auto count = length(compact);
    if (count && *count > elements_max) return fail(Reason::too_many_elements), std::nullopt;
    return count;
}

std::optional<std::size_t> Reader::length(bool compact) {
    const std::int64_t length =
        compact ? static_cast<std::int64_t>(varint()) - 1 : number<std::int32_t>();
    return checked(length, INT32_MAX);
}

}  // namespace barnabas::protocol
