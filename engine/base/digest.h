// What a value holds, into a hash: numbers, ids, times, texts, bytes, containers and variants; what
// digests or describes itself, or has a digest_aside() beside its type; and plain rows field by
// field, so that one that gains a member is hashed with it. Equal values add the same, wherever
// they lie in memory.
//
//   digest_all(hasher, stage_, waits_, deadline_);
#pragma once

#include <boost/pfr/core.hpp>
#include <chrono>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/base/chain.h"
#include "engine/base/cow.h"
#include "engine/base/hash.h"
#include "engine/base/uuid.h"

namespace barnabas {

template <class T>
void digest_into(Hasher& hasher, const T& value);

namespace digesting {

struct Fields {  // of a describe()
    Hasher& hasher;
    template <class Member>
    void operator()(std::string_view, const Member& member, auto...) const {
        digest_into(hasher, member);
    }
};

template <class T>
constexpr bool is_time = false;
template <class Rep, class Period>
constexpr bool is_time<std::chrono::duration<Rep, Period>> = true;
template <class Clock, class Span>
constexpr bool is_time<std::chrono::time_point<Clock, Span>> = true;
template <class T>
constexpr bool is_variant = false;
template <class... T>
constexpr bool is_variant<std::variant<T...>> = true;
template <class T>
constexpr bool is_cow = false;
template <class T>
constexpr bool is_cow<Cow<T>> = true;

template <class T>
concept Digests = requires(const T& value, Hasher& hasher) { value.digest(hasher); };
template <class T>
concept DigestedAside =
    requires(const T& value, Hasher& hasher) { digest_aside(hasher, value); };
template <class T>
concept Describes = requires(T& value, Fields& fields) { T::describe(fields, value); };
template <class T>
concept Numbered = requires(const T& value) {
    typename T::Value;
    { value.value() } -> std::integral;
};
template <class T>
concept Optional = requires(const T& value) {
    value.has_value();
    *value;
};
template <class T>
concept Pair = requires(const T& value) {
    value.first;
    value.second;
};

void add_time(Hasher& hasher, const auto& value) {
    if constexpr (requires { value.time_since_epoch(); })
        hasher.add(static_cast<std::uint64_t>(value.time_since_epoch().count()));
    else
        hasher.add(static_cast<std::uint64_t>(value.count()));
}

}  // namespace digesting

template <class T>
void digest_into(Hasher& hasher, const T& value) {
    using namespace digesting;
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        hasher.add(static_cast<std::uint64_t>(value));
    } else if constexpr (is_time<T>) {
        add_time(hasher, value);
    } else if constexpr (is_cow<T>) {
        digest_into(hasher, *value);
    } else if constexpr (Digests<T>) {
        value.digest(hasher);
    } else if constexpr (DigestedAside<T>) {
        digest_aside(hasher, value);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        hasher.add(as_bytes(std::string_view(value)));
    } else if constexpr (is_variant<T>) {
        hasher.add(static_cast<std::uint64_t>(value.index()));
        std::visit([&](const auto& one) { digest_into(hasher, one); }, value);
    } else if constexpr (std::is_same_v<T, Bytes>) {
        hasher.add(value.view());
    } else if constexpr (std::is_same_v<T, Chain>) {
        hasher.add(value.flatten().view());
    } else if constexpr (std::is_same_v<T, Uuid>) {
        hasher.add(ByteView(value.bytes));
    } else if constexpr (std::ranges::range<const T>) {
        hasher.add(static_cast<std::uint64_t>(std::ranges::distance(value)));
        for (const auto& one : value) digest_into(hasher, one);
    } else if constexpr (Pair<T>) {
        digest_into(hasher, value.first);
        digest_into(hasher, value.second);
    } else if constexpr (Optional<T>) {
        hasher.add(static_cast<std::uint64_t>(value.has_value()));
        if (value.has_value()) digest_into(hasher, *value);
    } else if constexpr (Numbered<T>) {
        hasher.add(static_cast<std::uint64_t>(value.value()));
    } else if constexpr (Describes<T>) {
        Fields fields{hasher};
        T::describe(fields, value);
    } else if constexpr (!std::is_empty_v<T>) {
        static_assert(std::is_aggregate_v<T>, "give it a digest()");
        boost::pfr::for_each_field(value, [&](const auto& one) { digest_into(hasher, one); });
    }
}

template <class... T>
void digest_all(Hasher& hasher, const T&... values) {
    (digest_into(hasher, values), ...);
}

}  // namespace barnabas
