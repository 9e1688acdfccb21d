// Numbers, lengths and runs of bytes on the wire: big-endian, variable-length where compact.
//
// Both ends remember the first thing that went wrong and do nothing after it, so that callers check
// once, at the end.
#pragma once

#include <bit>
#include <boost/container/small_vector.hpp>
#include <concepts>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/big_endian.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/uuid.h"
#include "engine/base/varint.h"
#include "engine/protocol/codec_error.h"
#include "engine/protocol/payload.h"
#include "engine/protocol/slices.h"

namespace barnabas::protocol {

// Kafka's bound for every string, in bytes.
constexpr std::size_t string_bytes_max = 0x7fff;
// Kafka's bounds for what it reads: of one array, of one struct, and of what is made room for
// before any of it was there.
constexpr std::size_t elements_max = 1'000'000;
constexpr std::size_t tagged_fields_max = 10'000;
constexpr std::size_t elements_reserved_max = 1'000;

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

// What went wrong first, with the fields that lead to it. A slice that is over ends reading and
// writing in the same way, and leaves a trail of where to go on.
class Trouble {
  public:
    bool any() const { return state_ != State::none; }
    bool is_pause() const { return state_ == State::pause; }
    void raise(CodecError::Reason reason, std::size_t at = 0) {
        if (any()) return;
        state_ = State::error;
        error_ = CodecError{.reason = reason, .field = {}, .at = at};
    }
    // Before element `next` of a list of `count`. Needs: a trail.
    void pause(std::size_t next, std::size_t count);
    // Called on the way out: the innermost field comes first.
    void within(std::string_view name);
    void within(std::size_t index, std::size_t count);
    const CodecError& error() const { return error_; }

    // From here on trouble may be a pause, and what was left at one is gone on with.
    void follow(Trail& trail) { trail_ = &trail; }
    // On the way to where the trail leads.
    bool is_on_trail() const { return trail_ != nullptr && !trail_->empty(); }
    std::string_view trail_field() const { return trail_->back().field; }
    Step take_step();

  private:
    enum class State : std::uint8_t { none, pause, error };

    void note(std::size_t next, std::size_t count);

    State state_ = State::none;
    Trail* trail_ = nullptr;
    CodecError error_;
};

namespace wire {

// A number as the integer that stands for it: an enum's value, a bool's 0 or 1, a double's bits.
template <Number T>
auto integer_of(T value) {
    if constexpr (std::is_enum_v<T>) {
        return std::to_underlying(value);
    } else if constexpr (std::same_as<T, bool>) {
        return static_cast<std::uint8_t>(value);
    } else if constexpr (std::same_as<T, double>) {
        return std::bit_cast<std::uint64_t>(value);
    } else {
        return value;
    }
}

template <Number T>
void store(std::uint8_t* to, T value) {
    store_big(to, integer_of(value));
}

template <Number T>
T load(const std::uint8_t* from) {
    using Integer = decltype(integer_of(T{}));
    const auto integer = load_big<Integer>(from);
    if constexpr (std::same_as<T, bool>) {
        return integer != 0;
    } else if constexpr (std::same_as<T, double>) {
        return std::bit_cast<double>(integer);
    } else {
        return static_cast<T>(integer);
    }
}

}  // namespace wire

class Writer {
  public:
    // With a head, four bytes at the front stay free for the length of all that follows.
    enum class Head { none, length };
    explicit Writer(Head head = Head::none)
        : head_(head),
          bytes_(std::make_shared_for_overwrite<std::uint8_t[]>(room_first)),
          at_(head == Head::length ? 4 : 0) {}
    // What is written stands in storage that the result takes over.
    Writer(Writer&&) noexcept = default;
    Writer& operator=(Writer&&) noexcept = default;

    template <Number T>
    void number(T value) {
        wire::store(room(sizeof(T)), value);
    }
    void varint(std::uint32_t value) {
        std::uint8_t* to = room(varint_size(value));
        for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::uint8_t>(value) | 0x80;
        *to = static_cast<std::uint8_t>(value);
    }
    void raw(ByteView bytes) {
        if (!bytes.empty()) std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    }
    void uuid(const Uuid& id) { raw(id.bytes); }

    // The count of a string, of bytes, of an array; the compact form is one more. Text counts in
    // an int16, the others in an int32.
    void text_length(std::size_t length, bool compact);
    void length(std::size_t length, bool compact);
    void null_text(bool compact);
    void null(bool compact);

    void records(const Records& records, bool compact);

    // A tagged field: begin, write the value, end; the size is put in between.
    std::size_t begin_tagged(std::uint32_t tag);
    void end_tagged(std::size_t begun);

    std::size_t size() const { return at_; }
    Trouble& trouble() { return trouble_; }

    // Elements of lists are left to the next slice once so much was written; the trail says where.
    void slice(Trail& trail, std::size_t bytes) {
        trouble_.follow(trail);
        full_at_ = at_ + bytes;
    }
    bool is_slice_full() const { return at_ >= full_at_; }
    // What must stand in one slice is written between these.
    std::size_t widen_slice() { return std::exchange(full_at_, SIZE_MAX); }
    void narrow_slice(std::size_t full_at) { full_at_ = full_at; }

    // The result, or what went wrong on the way.
    // In one run; fails when records are external.
    Result<std::vector<std::uint8_t>, CodecError> flat() &&;
    Result<Bytes, CodecError> bytes() &&;
    // With records in pieces of their own, none of them copied; the head is filled in. What stands
    // at a pause is a result, too.
    Result<Gathered, CodecError> gathered() &&;

  private:
    struct Insert {
        std::size_t at;
        Records records;
    };

    std::uint8_t* room(std::size_t count) {
        if (room_ - at_ < count) grow(count);
        std::uint8_t* here = bytes_.get() + at_;
        at_ += count;
        return here;
    }
    void grow(std::size_t count);

    ByteView written() const { return {bytes_.get(), at_}; }
    Bytes take() {
        const std::uint8_t* from = bytes_.get();
        return Bytes::adopt(std::shared_ptr<const std::uint8_t>(std::move(bytes_), from), at_);
    }

    static constexpr std::size_t room_first = 256;

    Head head_;
    std::shared_ptr<std::uint8_t[]> bytes_;
    std::size_t room_ = room_first;
    std::size_t at_;
    std::size_t full_at_ = SIZE_MAX;
    boost::container::small_vector<Insert, 1> inserts_;  // records between our own bytes
    Trouble trouble_;
};

class Reader {
  public:
    // Reads from `bytes`, beginning at `at`. What it hands out as Bytes shares their storage.
    Reader(const Bytes& bytes, std::size_t at) : bytes_(bytes), at_(at), end_(bytes.size()) {}

    template <Number T>
    T number() {
        if (left() < sizeof(T)) return fail(CodecError::Reason::ends_early), T{};
        at_ += sizeof(T);
        return wire::load<T>(bytes_.data() + at_ - sizeof(T));
    }
    std::uint32_t varint();
    Uuid uuid();

    // Lengths, already held against the bytes left. Nothing for null.
    std::optional<std::size_t> text_length(bool compact);
    std::optional<std::size_t> length(bool compact);
    std::optional<std::size_t> element_count(bool compact);

    std::string text(std::size_t length) {
        std::string value(as_text({bytes_.data() + at_, length}));
        at_ += length;
        room_ -= static_cast<std::int64_t>(length);
        return value;
    }
    Bytes slice(std::size_t length) {
        at_ += length;
        return length == 0 ? Bytes() : bytes_.slice(at_ - length, length);
    }

    void pass(std::size_t length) { at_ += length; }

    // Narrows what may be read to the next `size` bytes; returns the former end for restore().
    std::size_t narrow(std::size_t size) {
        const std::size_t former = end_;
        end_ = at_ + size;
        return former;
    }
    void restore(std::size_t end) { end_ = end; }

    // Elements of lists are left to the next slice once so much memory was taken; the trail says
    // where. Without unknown tags what was read does not keep the bytes alive, but for the fields
    // that are bytes themselves.
    void slice(Trail& trail, std::size_t memory_bytes) {
        trouble_.follow(trail);
        room_ = static_cast<std::int64_t>(memory_bytes);
        keeps_unknown_tags_ = false;
    }
    void take_memory(std::size_t bytes) { room_ -= static_cast<std::int64_t>(bytes); }
    std::int64_t room() const { return room_; }  // below zero: so much above the slice's
    bool is_slice_full() const { return room_ <= 0; }
    // What must stand in one slice is read between these. The second gets what the first gave.
    std::int64_t widen_slice() { return std::exchange(room_, INT64_MAX); }
    void narrow_slice(std::int64_t room) { room_ = room - (INT64_MAX - room_); }
    bool keeps_unknown_tags() const { return keeps_unknown_tags_; }

    std::size_t at() const { return at_; }
    std::size_t left() const { return failed() ? 0 : end_ - at_; }
    bool failed() const { return trouble_.any(); }
    void fail(CodecError::Reason reason) { trouble_.raise(reason, at_); }
    Trouble& trouble() { return trouble_; }

  private:
    std::optional<std::size_t> checked(std::int64_t length, std::int64_t length_max);

    const Bytes& bytes_;
    std::size_t at_;
    std::size_t end_;
    std::int64_t room_ = INT64_MAX;
    bool keeps_unknown_tags_ = true;
    Trouble trouble_;
};

}  // namespace barnabas::protocol
