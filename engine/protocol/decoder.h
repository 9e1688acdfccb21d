// The visitor that fills a message's fields from the form of one version.
//
// Memory: nothing is allocated before its length was held against Kafka's bounds and the bytes
// left, and an array gets its whole room only when its first elements were really there; what is
// held stays below a fixed multiple of the input (decode_memory_factor in codec.h).
//
// In slices (Reader::slice) an array is left before an element, and gone on with by reading the
// message again: fields that are done are passed by until the trail's field comes.
#pragma once

#include <algorithm>
#include <optional>

#include "engine/protocol/field.h"
#include "engine/protocol/wire.h"

namespace barnabas::protocol {

class Decoder {
  public:
    template <class S>
    static void read(Reader& reader, S& self, std::int16_t version, bool flexible) {
        Decoder decoder(reader, version, flexible);
        if (reader.trouble().is_on_trail()) [[unlikely]]
            decoder.wanted_ = passed_by;
        S::describe(decoder, self);
        if (!flexible) return;
        UnknownTags* unknown = nullptr;
        if constexpr (requires { self.unknown_tags; }) unknown = &self.unknown_tags;
        decoder.read_tags(&self, visit_again<S>, unknown);
    }

    template <class T>
    [[gnu::always_inline]] void operator()(std::string_view name, T& value,
                                           std::same_as<Attribute> auto... attributes) {
        const Field field(attributes...);
        if (!field.exists_in(version_)) return;
        const std::int32_t place = field.is_tagged() && flexible_ ? field.tag : untagged;
        if (wanted_ != place && !is_gone_on_with(name, place)) return;
        found_ = true;
        take(name, value, flexible_ && !field.is_never_compact, field.is_nullable_in(version_));
    }

  private:
    static constexpr std::int32_t untagged = -1;
    static constexpr std::int32_t passed_by = -2;  // until the trail's field comes
    using Reason = CodecError::Reason;

    Decoder(Reader& reader, std::int16_t version, bool flexible)
        : reader_(reader), version_(version), flexible_(flexible) {}

    bool is_gone_on_with(std::string_view name, std::int32_t place) {
        if (wanted_ != passed_by) [[likely]]
            return false;
        if (place != untagged || reader_.trouble().trail_field() != name) return false;
        wanted_ = untagged;
        return true;
    }

    // The tagged fields behind the others; the same code for every struct.
    using Visit = void (*)(Decoder&, void* self);
    void read_tags(void* self, Visit visit, UnknownTags* unknown);
    void read_tag(void* self, Visit visit, UnknownTags* unknown, std::uint32_t tag);
    template <class S>
    static void visit_again(Decoder& decoder, void* self) {
        S::describe(decoder, *static_cast<S*>(self));
    }

    // Not inlined: messages have many fields of few types.
    template <class T>
    [[gnu::noinline]] void take(std::string_view name, T& value, bool compact, bool may_be_null) {
        if (reader_.failed()) return;
        take_value(value, compact, may_be_null);
        if (reader_.failed()) [[unlikely]]
            reader_.trouble().within(name);
    }

    template <Number T>
    void take_value(T& value, bool, bool) {
        value = reader_.number<T>();
    }
    void take_value(Uuid& value, bool, bool) { value = reader_.uuid(); }
    void take_value(std::string& value, bool compact, bool) {
        const auto length = reader_.text_length(compact);
        if (length) {
            value = reader_.text(*length);
        } else {
            reader_.fail(Reason::null_not_allowed);
        }
    }
    void take_value(Bytes& value, bool compact, bool) {
        const auto length = reader_.length(compact);
        if (length) {
            value = reader_.slice(*length);
        } else {
            reader_.fail(Reason::null_not_allowed);
        }
    }
    void take_value(Records& value, bool compact, bool may_be_null) {
        const auto length = reader_.length(compact);
        if (length) {
            value = Records(reader_.slice(*length));
        } else if (may_be_null) {
            value = Records();
        } else {
            reader_.fail(Reason::null_not_allowed);
        }
    }
    template <class T>
    void take_value(std::vector<T>& values, bool compact, bool) {
        if (reader_.trouble().is_on_trail()) [[unlikely]]
            return go_on_with(values, compact);
        const auto count = reader_.element_count(compact);
        if (!count) return reader_.fail(Reason::null_not_allowed);
        take_elements(values, *count, compact);
    }
    // A struct that is gone on with has its step of the trail behind it, but for those in a list.
    template <class S>
        requires std::is_class_v<S>
    void take_value(S& value, bool, bool) {
        if (reader_.trouble().is_on_trail()) [[unlikely]]
            reader_.trouble().take_step();
        read(reader_, value, version_, flexible_);
    }

    template <class T>
    void take_value(std::optional<T>& value, bool compact, bool may_be_null) {
        if constexpr (std::same_as<T, std::string>) {
            if (const auto length = reader_.text_length(compact)) {
                value = reader_.text(*length);
                return;
            }
        } else if constexpr (std::same_as<T, Bytes>) {
            if (const auto length = reader_.length(compact)) {
                value = reader_.slice(*length);
                return;
            }
        } else if constexpr (requires { typename T::value_type; }) {
            if (reader_.trouble().is_on_trail()) [[unlikely]]
                return go_on_with(*value, compact);
            if (const auto count = reader_.element_count(compact)) {
                return take_elements(value.emplace(), *count, compact);
            }
        } else if (reader_.trouble().is_on_trail()) {
            return take_value(*value, compact, false);
        } else if (wanted_ == untagged ? reader_.number<std::int8_t>() >= 0
                                       : reader_.varint() != 0) {
            // Moved in: clang asks too early whether a nested type can be made from nothing.
            return take_value(value.emplace(T{}), compact, false);
        }
        value.reset();
        if (!may_be_null) reader_.fail(Reason::null_not_allowed);
    }

    // Numbers are all of one size: whether they fit is known at once.
    template <Number T>
    void take_elements(std::vector<T>& values, std::size_t count, bool) {
        if (count > reader_.left() / sizeof(T)) return reader_.fail(Reason::ends_early);
        reader_.take_memory(count * sizeof(T));
        values.resize(count);
        for (T& value : values) value = reader_.number<T>();
    }
    template <class T>
    void take_elements(std::vector<T>& values, std::size_t count, bool compact) {
        values.clear();
        take_all(elements_of(values), 0, count, compact);
    }
    template <Number T>
    void go_on_with(std::vector<T>&, bool) {}  // never left: they are read at once
    template <class T>
    void go_on_with(std::vector<T>& values, bool compact) {
        const Step step = reader_.trouble().take_step();
        take_all(elements_of(values), step.next, step.count, compact);
    }

    // The elements of a list, of whatever type: the same code for all of them.
    struct Elements {
        void* list;
        std::size_t element_bytes;
        // Makes elements, and room for more without moving them; returns where they lie.
        void* (*grow)(void* list, std::size_t size, std::size_t room);
        void (*take)(Decoder& decoder, void* element, bool compact);
    };
    template <class T>
    static Elements elements_of(std::vector<T>& values) {
        return {
            .list = &values,
            .element_bytes = sizeof(T),
            .grow = [](void* list, std::size_t size, std::size_t room) -> void* {
                auto& all = *static_cast<std::vector<T>*>(list);
                if (room > all.capacity()) all.reserve(room);
                if (size > all.size()) all.resize(size);
                return all.data();
            },
            .take = [](Decoder& decoder, void* element, bool compact) {
                decoder.take_element(*static_cast<T*>(element), compact);
            },
        };
    }
    template <class T>
    static constexpr bool is_plain =
        std::same_as<T, std::string> || std::same_as<T, Bytes> || std::same_as<T, Uuid>;
    template <class T>
    void take_element(T& element, bool compact) {
        if constexpr (is_plain<T>) {
            take_value(element, compact, false);
        } else {
            read(reader_, element, version_, flexible_);
        }
    }
    void take_all(const Elements& elements, std::size_t from, std::size_t count, bool compact);

    Reader& reader_;
    std::int16_t version_;
    bool flexible_;
    bool found_ = false;
    std::int32_t wanted_ = untagged;
};

}  // namespace barnabas::protocol
