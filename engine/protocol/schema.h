// A message's description as a value: what windows, commands and tables read.
//
// Built by a visitor of the same lines that encode and decode; one visitor for each struct and no
// other code, so that all messages together stay cheap to compile.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/uuid.h"
#include "engine/protocol/field.h"
#include "engine/protocol/format.h"
#include "engine/protocol/payload.h"
#include "engine/protocol/wire.h"

namespace barnabas::protocol {

enum class WireType : std::uint8_t {
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint16,
    uint32,
    float64,
    string,
    bytes,
    records,
    uuid,
    structure
};

struct Schema;

struct SchemaField {
    std::string_view name;
    Field field;
    WireType type = WireType::int32;  // of the elements, when it is an array
    bool is_array = false;
    const Schema& (*structure)() = nullptr;  // of a struct or of an array's structs
};

struct Schema {
    std::string_view name;
    bool is_shared = false;  // several fields use it
    std::vector<SchemaField> fields;
};

// One for each struct, made at first use.
template <class S>
const Schema& schema_of();

template <class T>
constexpr WireType wire_type_of() {
    if constexpr (std::same_as<T, bool>) return WireType::boolean;
    if constexpr (std::same_as<T, double>) return WireType::float64;
    if constexpr (std::same_as<T, std::string>) return WireType::string;
    if constexpr (std::same_as<T, Bytes>) return WireType::bytes;
    if constexpr (std::same_as<T, Records>) return WireType::records;
    if constexpr (std::same_as<T, Uuid>) return WireType::uuid;
    if constexpr (Number<T>) {
        using Integer = decltype(wire::integer_of(T{}));
        if constexpr (std::same_as<Integer, std::int8_t>) return WireType::int8;
        if constexpr (std::same_as<Integer, std::int16_t>) return WireType::int16;
        if constexpr (std::same_as<Integer, std::int64_t>) return WireType::int64;
        if constexpr (std::same_as<Integer, std::uint16_t>) return WireType::uint16;
        if constexpr (std::same_as<Integer, std::uint32_t>) return WireType::uint32;
        return WireType::int32;
    }
    return WireType::structure;
}

class SchemaBuilder {
  public:
    explicit SchemaBuilder(Schema& schema) : schema_(schema) {}

    template <class T>
    [[gnu::noinline]] void operator()(std::string_view name, const T& value,
                                      std::same_as<Attribute> auto... attributes) {
        const Field field(attributes...);
        // What the line says is the default is what the member begins with.
        if constexpr (Number<T>) {
            CHECK(wire::integer_of(value) ==
                  wire::integer_of(static_cast<T>(field.default_number)));
        }
        if constexpr (requires { value.has_value(); }) {
            CHECK(value.has_value() != field.is_null_by_default());
            add<typename T::value_type>(name, field);
        } else {
            add<T>(name, field);
        }
    }

  private:
    template <class T>
    void add(std::string_view name, const Field& field) {
        if constexpr (requires(T values) { values.emplace_back(); }) {
            add_of<typename T::value_type>(name, field, true);
        } else {
            add_of<T>(name, field, false);
        }
    }
    template <class T>
    void add_of(std::string_view name, const Field& field, bool is_array) {
        SchemaField row{.name = name, .field = field, .is_array = is_array};
        row.type = wire_type_of<T>();
        if constexpr (wire_type_of<T>() == WireType::structure) row.structure = schema_of<T>;
        schema_.fields.push_back(row);
    }

    Schema& schema_;
};

template <class S>
constexpr bool is_shared_struct = requires { S::is_shared; };

template <class S>
Schema make_schema() {
    Schema schema{.name = name_of_type<S>(), .is_shared = is_shared_struct<S>};
    SchemaBuilder builder(schema);
    const S fresh;
    S::describe(builder, fresh);
    return schema;
}

template <class S>
const Schema& schema_of() {
    static const Schema schema = make_schema<S>();
    return schema;
}

}  // namespace barnabas::protocol
