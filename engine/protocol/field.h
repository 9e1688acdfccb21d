// The words in which a message describes its fields.
//
// Every message and every struct in one has
//     static void describe(auto& field, auto& self) {
//         field("GroupInstanceId", self.group_instance_id, since(3), nullable(3), ignorable);
//         ...
// with one line per field, in the order of the wire, names in Kafka's own spelling. Encoder,
// decoder, JSON, tables and test generators are visitors of these lines.
#pragma once

#include <concepts>
#include <cstdint>

namespace barnabas::protocol {

// What a field refers to.
enum class Entity : std::uint8_t { none, broker, topic, group, producer, transactional };

enum class DefaultIs : std::uint8_t { unsaid, null, empty, boolean, number };

struct Attribute {
    enum class What : std::uint8_t {
        since,
        until,
        nullable,
        defaults,
        tag,
        map_key,
        ignorable,
        entity,
        zero_copy,
        never_compact
    };
    What what;
    std::int16_t extra = 0;
    std::int64_t value = 0;
};

// The versions that have the field: all, unless said.
constexpr Attribute since(std::int16_t version) { return {Attribute::What::since, 0, version}; }
constexpr Attribute until(std::int16_t version) { return {Attribute::What::until, 0, version}; }
// The versions in which it may be null.
constexpr Attribute nullable(std::int16_t from = 0, std::int16_t to = INT16_MAX) {
    return {Attribute::What::nullable, to, from};
}
// The value of a field that a version does not have or a tagged field that is not there: null or
// what is given here; otherwise zero, false, empty or a struct of such. It repeats the initializer
// of the member (a test holds them together).
constexpr struct Null {
} null;
constexpr struct Empty {
} empty;
constexpr Attribute defaults(Null) {
    return {Attribute::What::defaults, static_cast<std::int16_t>(DefaultIs::null)};
}
constexpr Attribute defaults(Empty) {
    return {Attribute::What::defaults, static_cast<std::int16_t>(DefaultIs::empty)};
}
template <std::integral Number>
constexpr Attribute defaults(Number value) {
    const auto kind = std::same_as<Number, bool> ? DefaultIs::boolean : DefaultIs::number;
    return {Attribute::What::defaults, static_cast<std::int16_t>(kind), value};
}
// Stands behind the others with this number, and only when it is not at its default.
constexpr Attribute tag(std::int16_t number) { return {Attribute::What::tag, 0, number}; }
// One of the fields that tell the elements of a collection apart.
constexpr Attribute map_key{Attribute::What::map_key};
// May be dropped without a word when the version lacks it.
constexpr Attribute ignorable{Attribute::What::ignorable};
constexpr Attribute zero_copy{Attribute::What::zero_copy};
// Keeps its plain form in flexible versions too.
constexpr Attribute never_compact{Attribute::What::never_compact};

constexpr Attribute names(Entity entity) {
    return {Attribute::What::entity, static_cast<std::int16_t>(entity)};
}
constexpr Attribute names_broker = names(Entity::broker);
constexpr Attribute names_topic = names(Entity::topic);
constexpr Attribute names_group = names(Entity::group);
constexpr Attribute names_producer = names(Entity::producer);
constexpr Attribute names_transaction = names(Entity::transactional);

// All that one line of a `describe` says beside name and member.
struct Field {
    std::int16_t oldest = 0;
    std::int16_t latest = INT16_MAX;
    std::int16_t nullable_from = INT16_MAX;
    std::int16_t nullable_to = -1;
    std::int16_t tag = -1;
    bool is_map_key = false;
    bool is_ignorable = false;
    bool is_zero_copy = false;
    bool is_never_compact = false;
    Entity entity = Entity::none;
    DefaultIs default_is = DefaultIs::unsaid;
    std::int64_t default_number = 0;

    constexpr Field() = default;
    [[gnu::always_inline]] constexpr explicit Field(std::same_as<Attribute> auto... attributes) {
        (take(attributes), ...);
    }

    constexpr bool exists_in(std::int16_t version) const {
        return oldest <= version && version <= latest;
    }
    constexpr bool is_nullable_in(std::int16_t version) const {
        return nullable_from <= version && version <= nullable_to;
    }
    constexpr bool is_tagged() const { return tag >= 0; }
    constexpr bool is_null_by_default() const { return default_is == DefaultIs::null; }

  private:
    [[gnu::always_inline]] constexpr void take(Attribute said) {
        const auto version = static_cast<std::int16_t>(said.value);
        switch (said.what) {
            case Attribute::What::since: oldest = version; break;
            case Attribute::What::until: latest = version; break;
            case Attribute::What::nullable:
                nullable_from = version;
                nullable_to = said.extra;
                break;
            case Attribute::What::defaults:
                default_is = static_cast<DefaultIs>(said.extra);
                default_number = said.value;
                break;
            case Attribute::What::tag: tag = version; break;
            case Attribute::What::map_key: is_map_key = true; break;
            case Attribute::What::ignorable: is_ignorable = true; break;
            case Attribute::What::entity: entity = static_cast<Entity>(said.extra); break;
            case Attribute::What::zero_copy: is_zero_copy = true; break;
            case Attribute::What::never_compact: is_never_compact = true; break;
        }
    }
};

}  // namespace barnabas::protocol
