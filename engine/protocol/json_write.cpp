// From JSON to the wire.
#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "engine/protocol/json.h"
#include "engine/protocol/json_shapes.h"
#include "engine/protocol/json_text.h"

namespace barnabas::protocol {

namespace json = boost::json;
using Reason = CodecError::Reason;

namespace {

std::optional<double> real_of(const json::value& value) {
    if (const json::string* word = value.if_string()) {
        using Limits = std::numeric_limits<double>;
        if (*word == "NaN") return Limits::quiet_NaN();
        if (*word == "Infinity") return Limits::infinity();
        if (*word == "-Infinity") return -Limits::infinity();
    }
    if (!value.is_number()) return std::nullopt;
    return value.to_number<double>();
}

class JsonToWire {
  public:
    JsonToWire(Writer& writer, std::int16_t version, bool flexible)
        : writer_(writer), version_(version), flexible_(flexible) {}

    void structure(const Schema& schema, const json::value& value) {
        const json::object* object = value.if_object();
        if (!object) return raise(Reason::bad_text);
        refuse_other_names(schema, *object);
        std::vector<Tagged> tagged;
        for (const SchemaField& row : schema.fields) {
            if (failed()) return;
            if (!row.field.exists_in(version_)) continue;
            const json::value* found = object->if_contains(json_name(row.name));
            if (row.field.is_tagged() && flexible_) {
                if (found && !is_default(row, *found)) {
                    tagged.push_back({row.field.tag, &row, found});
                }
            } else if (found) {
                named(row, *found);
            } else {
                raise(Reason::bad_text);
                writer_.trouble().within(json_name(row.name));
            }
        }
        tags(std::move(tagged), object->if_contains(unknown_tags_name));
    }

  private:
    struct Tagged {
        std::int64_t tag;
        const SchemaField* row;  // nothing for an unknown one, whose value is base64
        const json::value* value;
    };

    bool failed() { return writer_.trouble().any(); }
    void raise(Reason reason) { writer_.trouble().raise(reason); }

    void refuse_other_names(const Schema& schema, const json::object& object) {
        for (const auto& member : object) {
            if (failed()) return;
            const auto is_it = [&](const SchemaField& row) {
                return row.field.exists_in(version_) && json_name(row.name) == member.key();
            };
            if (std::ranges::any_of(schema.fields, is_it)) continue;
            if (flexible_ && member.key() == unknown_tags_name) continue;
            raise(Reason::not_in_version);
            writer_.trouble().within(std::string_view(member.key()));
        }
    }

    void named(const SchemaField& row, const json::value& value) {
        field(row, value);
        if (failed()) writer_.trouble().within(json_name(row.name));
    }

    void field(const SchemaField& row, const json::value& value) {
        const bool compact = flexible_ && !row.field.is_never_compact;
        const bool may_be_null = row.field.is_nullable_in(version_);
        if (value.is_null() && !may_be_null) return raise(Reason::null_not_allowed);
        if (!row.is_array) return element(row, value, compact, may_be_null);
        if (value.is_null()) return writer_.null(compact);
        const json::array* array = value.if_array();
        if (!array) return raise(Reason::bad_text);
        writer_.length(array->size(), compact);
        for (std::size_t i = 0; i < array->size() && !failed(); ++i) {
            element(row, (*array)[i], compact, false);
            if (failed()) writer_.trouble().within(i, array->size());
        }
    }

    void element(const SchemaField& row, const json::value& value, bool compact, bool may_be_null) {
        switch (row.type) {
            case WireType::boolean:
                return value.is_bool() ? writer_.number(value.get_bool()) : raise(Reason::bad_text);
            case WireType::int8: return integer<std::int8_t>(value);
            case WireType::int16: return integer<std::int16_t>(value);
            case WireType::int32: return integer<std::int32_t>(value);
            case WireType::int64: return integer<std::int64_t>(value);
            case WireType::uint16: return integer<std::uint16_t>(value);
            case WireType::uint32: return integer<std::uint32_t>(value);
            case WireType::float64: {
                const auto real = real_of(value);
                return real ? writer_.number(*real) : raise(Reason::bad_text);
            }
            case WireType::structure:
                if (may_be_null) {
                    const std::int8_t absent = row.field.is_tagged() && flexible_ ? 0 : -1;
                    writer_.number<std::int8_t>(value.is_null() ? absent : 1);
                }
                if (!value.is_null()) structure(row.structure(), value);
                if (value.is_null() && !may_be_null) raise(Reason::bad_text);
                return;
            default: return run(row.type, value, compact);
        }
    }

    template <class T>
    void integer(const json::value& value) {
        using Limits = std::numeric_limits<T>;
        const std::int64_t* number = value.if_int64();
        if (!number || *number < Limits::min() || *number > Limits::max()) {
            return raise(Reason::bad_text);
        }
        writer_.number(static_cast<T>(*number));
    }

    // What is written as a text.
    void run(WireType type, const json::value& value, bool compact) {
        if (value.is_null()) {
            return type == WireType::string ? writer_.null_text(compact) : writer_.null(compact);
        }
        const json::string* text = value.if_string();
        if (!text) return raise(Reason::bad_text);
        if (type == WireType::uuid) {
            const auto id = Uuid::parse(*text);
            return id ? writer_.uuid(*id) : raise(Reason::bad_text);
        }
        if (type == WireType::string) {
            writer_.text_length(text->size(), compact);
            return writer_.raw(as_bytes(*text));
        }
        const auto bytes = bytes_of_base64(*text);
        if (!bytes) return raise(Reason::bad_text);
        writer_.length(bytes->size(), compact);
        writer_.raw(*bytes);
    }

    // A struct is at its default when all that is said of it is.
    bool is_default(const SchemaField& row, const json::value& value) {
        const json::object* object = value.if_object();
        if (!object || !row.structure || row.field.is_null_by_default()) {
            return value == default_json(row, version_);
        }
        if (object->contains(unknown_tags_name)) return false;
        return std::ranges::all_of(row.structure().fields, [&](const SchemaField& inner) {
            const json::value* found = object->if_contains(json_name(inner.name));
            return !found || !inner.field.exists_in(version_) || is_default(inner, *found);
        });
    }

    void tags(std::vector<Tagged> tagged, const json::value* unknown) {
        if (!flexible_ || failed()) return;
        if (unknown) add_unknown(tagged, *unknown);
        std::ranges::sort(tagged, {}, &Tagged::tag);
        writer_.varint(static_cast<std::uint32_t>(tagged.size()));
        for (std::size_t i = 0; i < tagged.size() && !failed(); ++i) {
            const auto& [tag, row, value] = tagged[i];
            if (i != 0 && tagged[i - 1].tag == tag) return raise(Reason::tags_out_of_order);
            const std::size_t begun = writer_.begin_tagged(static_cast<std::uint32_t>(tag));
            if (row) {
                named(*row, *value);
            } else if (const auto bytes = bytes_of_base64(value->get_string())) {
                writer_.raw(*bytes);
            } else {
                raise(Reason::bad_text);
            }
            writer_.end_tagged(begun);
        }
    }

    void add_unknown(std::vector<Tagged>& tagged, const json::value& list) {
        const json::array* array = list.if_array();
        if (!array) return raise(Reason::bad_text);
        for (const json::value& one : *array) {
            const json::object* object = one.if_object();
            const json::value* tag = object ? object->if_contains("tag") : nullptr;
            const json::value* bytes = object ? object->if_contains("bytes") : nullptr;
            const bool is_tag =
                tag && tag->is_int64() && 0 <= tag->get_int64() && tag->get_int64() <= UINT32_MAX;
            if (!is_tag || !bytes || !bytes->is_string()) return raise(Reason::bad_text);
            tagged.push_back({tag->get_int64(), nullptr, bytes});
        }
    }

    Writer& writer_;
    std::int16_t version_;
    bool flexible_;
};

}  // namespace

Result<Bytes, CodecError> body_of(const Schema& message, const Format& format,
                                  std::string_view text, std::int16_t version) {
    Writer writer;
    json::value value;
    if (parse_json(text, value)) {
        JsonToWire(writer, version, format.is_flexible(version)).structure(message, value);
    } else {
        writer.trouble().raise(Reason::bad_text);
    }
    return std::move(writer).bytes();
}

}  // namespace barnabas::protocol
