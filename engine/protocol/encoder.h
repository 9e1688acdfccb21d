// The visitor that writes a message's fields in the form of one version.
//
// In slices (Writer::slice) an array is left before an element, and gone on with by writing the
// message again: fields that stand already are passed by until the trail's field comes.
#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>

#include "engine/protocol/field.h"
#include "engine/protocol/wire.h"

namespace barnabas::protocol {

// Whether a field holds the value that it has when it is not there.
template <class T>
bool is_default(const T& value, const Field& field);

class DefaultTest {
  public:
    template <class T>
    void operator()(std::string_view, const T& value, std::same_as<Attribute> auto... attributes) {
        holds_ = holds_ && is_default(value, Field(attributes...));
    }
    template <class S>
    static bool of(const S& self) {
        DefaultTest test;
        S::describe(test, self);
        if constexpr (requires { self.unknown_tags; }) {
            return test.holds_ && self.unknown_tags.empty();
        }
        return test.holds_;
    }

  private:
    bool holds_ = true;
};

template <class T>
bool is_default(const std::optional<T>& value, const Field& field) {
    if (field.is_null_by_default()) return !value.has_value();
    return value.has_value() && is_default(*value, field);
}

template <class T>
bool is_default(const T& value, const Field& field) {
    if constexpr (Number<T>) {
        return value == static_cast<T>(field.default_number);
    } else if constexpr (std::same_as<T, Uuid>) {
        return value.is_zero();
    } else if constexpr (std::same_as<T, Records>) {
        return value.is_null();
    } else if constexpr (requires { value.empty(); }) {
        return value.empty();
    } else {
        return DefaultTest::of(value);
    }
}

class Encoder {
  public:
    template <class S>
    static void write(Writer& writer, const S& self, std::int16_t version, bool flexible) {
        Encoder encoder(writer, version, flexible);
        if (writer.trouble().is_on_trail()) [[unlikely]]
            encoder.wanted_ = passed_by;
        S::describe(encoder, self);
        encoder.finish(self);
    }

    template <class T>
    [[gnu::always_inline]] void operator()(std::string_view name, const T& value,
                                           std::same_as<Attribute> auto... attributes) {
        const Field field(attributes...);
        if (!field.exists_in(version_)) {
            if (!field.is_ignorable) refuse_unless_default(name, value, field);
        } else if (field.is_tagged() && flexible_) {
            visit_tagged(name, value, field);
        } else if (wanted_ == untagged || is_gone_on_with(name)) {
            put(name, value, flexible_ && !field.is_never_compact, field.is_nullable_in(version_));
        }
    }

  private:
    static constexpr std::int32_t untagged = -1;
    static constexpr std::int32_t passed_by = -2;  // until the trail's field comes

    Encoder(Writer& writer, std::int16_t version, bool flexible)
        : writer_(writer), version_(version), flexible_(flexible) {}

    bool is_gone_on_with(std::string_view name) {
        if (wanted_ != passed_by || writer_.trouble().trail_field() != name) return false;
        wanted_ = untagged;
        return true;
    }

    template <class T>
    [[gnu::noinline]] void refuse_unless_default(std::string_view name, const T& value,
                                                 const Field& field) {
        if (wanted_ != untagged || is_default(value, field)) return;
        raise(name, CodecError::Reason::not_in_version);
    }

    // On the way through the untagged fields the tags that are needed are noted; then each gets a
    // visit of its own, in ascending order.
    template <class T>
    [[gnu::noinline]] void visit_tagged(std::string_view name, const T& value, const Field& field) {
        if (wanted_ < 0) {
            if (!is_default(value, field)) tags_.push_back(field.tag);
        } else if (wanted_ == field.tag) {
            const std::size_t full_at = writer_.widen_slice();
            const std::size_t begun = writer_.begin_tagged(static_cast<std::uint32_t>(field.tag));
            put(name, value, flexible_, field.is_nullable_in(version_));
            writer_.end_tagged(begun);
            writer_.narrow_slice(full_at);
        }
    }

    template <class S>
    void finish(const S& self) {
        if (writer_.trouble().any()) [[unlikely]]
            return;
        static constexpr UnknownTags none;
        const UnknownTags* unknown = &none;
        if constexpr (requires { self.unknown_tags; }) unknown = &self.unknown_tags;
        if (flexible_ && tags_.empty() && unknown->empty()) return writer_.varint(0);
        if (flexible_) return write_tags(&self, visit_again<S>, *unknown);
        if (!unknown->empty()) writer_.trouble().raise(Reason::not_in_version);
    }

    // The rest of finish(), the same code for every struct.
    using Visit = void (*)(Encoder&, const void* self);
    void write_tags(const void* self, Visit visit, const UnknownTags& unknown);
    template <class S>
    static void visit_again(Encoder& encoder, const void* self) {
        S::describe(encoder, *static_cast<const S*>(self));
    }

    // An unknown tag must not be that of a field, nor come twice.
    UnknownTags::const_iterator write_unknown_below(std::uint32_t bound,
                                                    UnknownTags::const_iterator next,
                                                    UnknownTags::const_iterator end);

    void raise(std::string_view name, CodecError::Reason reason) {
        if (writer_.trouble().any()) return;
        writer_.trouble().raise(reason);
        writer_.trouble().within(name);
    }

    // Not inlined: messages have many fields of few types.
    template <class T>
    [[gnu::noinline]] void put(std::string_view name, const T& value, bool compact,
                               bool may_be_null) {
        if (writer_.trouble().any()) return;
        if constexpr (Number<T>) {
            writer_.number(value);
        } else {
            put_value(value, compact, may_be_null);
            if (writer_.trouble().any()) [[unlikely]]
                writer_.trouble().within(name);
        }
    }

    template <Number T>
    void put_value(T value, bool, bool) {
        writer_.number(value);
    }
    void put_value(const Uuid& value, bool, bool) { writer_.uuid(value); }
    void put_value(const std::string& value, bool compact, bool) {
        writer_.text_length(value.size(), compact);
        writer_.raw(as_bytes(value));
    }
    void put_value(const Bytes& value, bool compact, bool) {
        writer_.length(value.size(), compact);
        writer_.raw(value);
    }
    void put_value(const Records& value, bool compact, bool may_be_null) {
        if (value.is_null() && !may_be_null) {
            return writer_.trouble().raise(Reason::null_not_allowed);
        }
        writer_.records(value, compact);
    }
    template <Number T>
    void put_value(const std::vector<T>& values, bool compact, bool) {
        writer_.length(values.size(), compact);
        for (const T value : values) writer_.number(value);
    }
    template <class T>
    void put_value(const std::vector<T>& values, bool compact, bool) {
        std::size_t from = 0;
        if (writer_.trouble().is_on_trail()) [[unlikely]]
            from = writer_.trouble().take_step().next;
        else
            writer_.length(values.size(), compact);
        const PutOne put = [](Encoder& encoder, const void* element, bool compact) {
            encoder.put_element(*static_cast<const T*>(element), compact);
        };
        put_all(values.data(), from, values.size(), sizeof(T), put, compact);
    }
    template <class T>
    void put_element(const T& element, bool compact) {
        if constexpr (std::same_as<T, std::string> || std::same_as<T, Bytes> ||
                      std::same_as<T, Uuid>) {
            put_value(element, compact, false);
        } else {
            write(writer_, element, version_, flexible_);
        }
    }
    // The elements of a list, of whatever type: the same code for all of them.
    using PutOne = void (*)(Encoder& encoder, const void* element, bool compact);
    void put_all(const void* first, std::size_t from, std::size_t count, std::size_t element_bytes,
                 PutOne put, bool compact);

    // A struct that is gone on with has its step of the trail behind it, but for those in a list.
    template <class S>
        requires std::is_class_v<S>
    void put_value(const S& value, bool, bool) {
        if (writer_.trouble().is_on_trail()) [[unlikely]]
            writer_.trouble().take_step();
        write(writer_, value, version_, flexible_);
    }

    template <class T>
    void put_value(const std::optional<T>& value, bool compact, bool may_be_null) {
        if (!value && !may_be_null) return writer_.trouble().raise(Reason::null_not_allowed);
        if constexpr (std::same_as<T, std::string>) {
            value ? put_value(*value, compact, false) : writer_.null_text(compact);
        } else if constexpr (std::same_as<T, Bytes> || requires { typename T::value_type; }) {
            value ? put_value(*value, compact, false) : writer_.null(compact);
        } else {  // a struct: a byte says whether it is there, another one in a tagged field
            const std::int8_t absent = wanted_ == untagged ? -1 : 0;
            if (!writer_.trouble().is_on_trail()) writer_.number<std::int8_t>(value ? 1 : absent);
            if (value) put_value(*value, compact, false);
        }
    }

    using Reason = CodecError::Reason;

    Writer& writer_;
    std::int16_t version_;
    bool flexible_;
    std::int32_t wanted_ = untagged;
    boost::container::small_vector<std::int16_t, 4> tags_;
};

}  // namespace barnabas::protocol
