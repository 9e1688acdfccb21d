// From the wire to JSON.
#include <boost/json.hpp>

#include "engine/protocol/json.h"
#include "engine/protocol/json_shapes.h"
#include "engine/protocol/json_text.h"

namespace barnabas::protocol {

namespace json = boost::json;
using Reason = CodecError::Reason;

namespace {

class WireToJson {
  public:
    WireToJson(Reader& reader, std::int16_t version, bool flexible)
        : reader_(reader), version_(version), flexible_(flexible) {}

    // Tagged fields stand in their places, at their default until one comes.
    json::object structure(const Schema& schema) {
        json::object out;
        for (const SchemaField& row : schema.fields) {
            if (reader_.failed()) return out;
            if (!row.field.exists_in(version_)) continue;
            const bool is_behind = row.field.is_tagged() && flexible_;
            out[json_name(row.name)] = is_behind ? default_json(row, version_) : named(row);
        }
        if (flexible_) tags(schema, out);
        return out;
    }

  private:
    json::value named(const SchemaField& row) {
        json::value value = field(row);
        if (reader_.failed()) reader_.trouble().within(row.name);
        return value;
    }

    json::value field(const SchemaField& row) {
        const bool compact = flexible_ && !row.field.is_never_compact;
        if (!row.is_array) return element(row, compact, row.field.is_nullable_in(version_));
        const auto count = reader_.element_count(compact);
        if (!count) return null(row);
        json::array values;
        for (std::size_t i = 0; i < *count && !reader_.failed(); ++i) {
            values.push_back(element(row, compact, false));
            if (reader_.failed()) reader_.trouble().within(i, *count);
        }
        return values;
    }

    // A struct that may be null begins with a byte that says so, another one in a tagged field.
    bool is_absent(const SchemaField& row) {
        if (row.field.is_tagged() && flexible_) return reader_.varint() == 0;
        return reader_.number<std::int8_t>() < 0;
    }

    json::value null(const SchemaField& row) {
        if (!row.field.is_nullable_in(version_)) reader_.fail(Reason::null_not_allowed);
        return nullptr;
    }

    json::value element(const SchemaField& row, bool compact, bool may_be_null) {
        switch (row.type) {
            case WireType::boolean: return reader_.number<bool>();
            case WireType::int8: return reader_.number<std::int8_t>();
            case WireType::int16: return reader_.number<std::int16_t>();
            case WireType::int32: return reader_.number<std::int32_t>();
            case WireType::int64: return reader_.number<std::int64_t>();
            case WireType::uint16:
                return static_cast<std::int64_t>(reader_.number<std::uint16_t>());
            case WireType::uint32:
                return static_cast<std::int64_t>(reader_.number<std::uint32_t>());
            case WireType::float64: return reader_.number<double>();
            case WireType::uuid: return json::value(reader_.uuid().text());
            case WireType::string: {
                const auto length = reader_.text_length(compact);
                return length ? json::value(as_utf8(reader_.text(*length))) : null(row);
            }
            case WireType::bytes:
            case WireType::records: {
                const auto length = reader_.length(compact);
                return length ? json::value(base64_of(reader_.slice(*length))) : null(row);
            }
            case WireType::structure:
                if (may_be_null && is_absent(row)) return nullptr;
                return structure(row.structure());
        }
        return nullptr;
    }

    void tags(const Schema& schema, json::object& out) {
        json::array unknown;
        const std::uint32_t count = reader_.varint();
        if (count > reader_.left()) return reader_.fail(Reason::ends_early);
        std::int64_t last = -1;
        for (std::uint32_t i = 0; i < count && !reader_.failed(); ++i) {
            const std::uint32_t tag = reader_.varint();
            if (!reader_.failed() && tag <= last) return reader_.fail(Reason::tags_out_of_order);
            last = tag;
            const std::uint32_t size = reader_.varint();
            if (size > reader_.left()) return reader_.fail(Reason::ends_early);
            const std::size_t end = reader_.narrow(size);
            if (const SchemaField* row = find_tag(schema, tag, version_)) {
                out[json_name(row->name)] = named(*row);
            } else {
                unknown.push_back({{"tag", last}, {"bytes", base64_of(reader_.slice(size))}});
            }
            if (!reader_.failed() && reader_.left() != 0) reader_.fail(Reason::bad_tag_size);
            reader_.restore(end);
        }
        if (!unknown.empty()) out[unknown_tags_name] = std::move(unknown);
    }

    Reader& reader_;
    std::int16_t version_;
    bool flexible_;
};

}  // namespace

const SchemaField* find_tag(const Schema& schema, std::int64_t tag, std::int16_t version) {
    for (const SchemaField& row : schema.fields) {
        if (row.field.tag == tag && row.field.exists_in(version)) return &row;
    }
    return nullptr;
}

json::value default_json(const SchemaField& row, std::int16_t version) {
    if (row.field.is_null_by_default()) return nullptr;
    if (row.is_array) return json::array();
    switch (row.type) {
        case WireType::boolean: return row.field.default_number != 0;
        case WireType::float64: return static_cast<double>(row.field.default_number);
        case WireType::string:
        case WireType::bytes: return json::value("");
        case WireType::records: return nullptr;
        case WireType::uuid: return json::value(Uuid{}.text());
        case WireType::structure: {
            json::object out;
            for (const SchemaField& inner : row.structure().fields) {
                if (!inner.field.exists_in(version)) continue;
                out[json_name(inner.name)] = default_json(inner, version);
            }
            return out;
        }
        default: return row.field.default_number;
    }
}

Result<std::string, CodecError> json_of(const Schema& message, const Format& format,
                                        const Bytes& body, std::int16_t version) {
    Reader reader(body, 0);
    const json::value value =
        WireToJson(reader, version, format.is_flexible(version)).structure(message);
    if (!reader.failed() && reader.left() != 0) reader.fail(Reason::left_over);
    if (reader.failed()) return unexpected(reader.trouble().error());
    JsonWriter out;
    out.value(value);
    return std::move(out).take();
}

}  // namespace barnabas::protocol
