// The visitor that fills a message's fields from the form of one version.
//
// Memory: nothing is allocated before its length was held against the bytes left, and an array
// grows with the elements that were really there; what is held stays below a fixed multiple of the
// input (decode_memory_factor in codec.h).
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
        if (wanted_ != place) return;
        found_ = true;
        take(name, value, flexible_ && !field.is_never_compact, field.is_nullable_in(version_));
    }

  private:
    static constexpr std::int32_t untagged = -1;
    using Reason = CodecError::Reason;

    Decoder(Reader& reader, std::int16_t version, bool flexible)
        : reader_(reader), version_(version), flexible_(flexible) {}

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
        const auto count = reader_.length(compact);
        if (!count) return reader_.fail(Reason::null_not_allowed);
        take_elements(values, *count, compact);
    }
    template <class S>
        requires std::is_class_v<S>
    void take_value(S& value, bool, bool) {
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
            if (const auto count = reader_.length(compact)) {
                return take_elements(value.emplace(), *count, compact);
            }
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
        values.resize(count);
        for (T& value : values) value = reader_.number<T>();
    }
    template <class T>
    void take_elements(std::vector<T>& values, std::size_t count, bool compact) {
        values.clear();
        const Elements elements{
            .list = &values,
            .element_bytes = sizeof(T),
            .resize = [](void* list, std::size_t size) -> void* {
                auto& all = *static_cast<std::vector<T>*>(list);
                all.resize(size);
                return all.data();
            },
            .take = [](Decoder& decoder, void* element, bool compact) {
                decoder.take_value(*static_cast<T*>(element), compact, false);
            },
        };
        take_all(elements, count, compact);
    }

    // The elements of a list, of whatever type: the same code for all of them.
    struct Elements {
        void* list;
        std::size_t element_bytes;
        void* (*resize)(void* list, std::size_t size);  // returns where they lie
        void (*take)(Decoder& decoder, void* element, bool compact);
    };
    void take_all(const Elements& elements, std::size_t count, bool compact);

    Reader& reader_;
    std::int16_t version_;
    bool flexible_;
    bool found_ = false;
    std::int32_t wanted_ = untagged;
};

}  // namespace barnabas::protocol
