#include "engine/runtime/visit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

namespace barnabas {
namespace {

template <class T>
concept Described = requires(T& value) { T::describe(value, value); } && std::is_class_v<T>;
template <class T>
concept Named = requires(const T& value) {
    value.value();
    typename T::Value;
};
template <class T>
concept Timed = requires(const T& value) { value.time_since_epoch(); };

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// Calls `leaf` with each field's plain value: a number, a string, Bytes or a Chain.
template <class Leaf>
struct Walk {
    Leaf& leaf;

    template <class T>
    void operator()(std::string_view name, const T& value) {
        if constexpr (Named<T>) {
            leaf(name, static_cast<std::uint64_t>(value.value()));
        } else if constexpr (Timed<T>) {
            leaf(name, static_cast<std::uint64_t>(value.time_since_epoch().count()));
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            leaf(name, static_cast<std::uint64_t>(value));
        } else if constexpr (IsVector<T>::value) {
            leaf(name, static_cast<std::uint64_t>(value.size()));
            for (const auto& one : value) (*this)(name, one);
        } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes> ||
                             std::is_same_v<T, Chain>) {
            leaf(name, value);
        } else {
            T::describe(*this, value);
        }
    }
};

template <class Leaf, class Variant>
void walk(Leaf& leaf, const Variant& variant) {
    std::visit(
        [&](const auto& one) {
            Walk<Leaf> fields{leaf};
            std::remove_cvref_t<decltype(one)>::describe(fields, one);
        },
        variant);
}

struct HashLeaf {
    Hasher& hasher;
    void operator()(std::string_view, std::uint64_t number) { hasher.add(number); }
    void operator()(std::string_view, const std::string& text) { hasher.add(as_bytes(text)); }
    void operator()(std::string_view, const Bytes& bytes) { hasher.add(bytes.view()); }
    void operator()(std::string_view, const Chain& chain) {
        hasher.add(static_cast<std::uint64_t>(chain.size()));
        for (const Bytes& piece : chain.pieces()) hasher.add_raw(piece);
    }
};

struct PrintLeaf {
    std::string text;
    void operator()(std::string_view name, std::uint64_t number) {
        text += fmt::format(" {}={}", name, static_cast<std::int64_t>(number));
    }
    void operator()(std::string_view name, const std::string& value) {
        text += fmt::format(" {}={}", name, value);
    }
    void operator()(std::string_view name, const Bytes& bytes) {
        text += fmt::format(" {}={} bytes", name, bytes.size());
    }
    void operator()(std::string_view name, const Chain& chain) {
        text += fmt::format(" {}={} bytes", name, chain.size());
    }
};

struct EncodeLeaf {
    std::vector<std::uint8_t>& out;
    void operator()(std::string_view, std::uint64_t number) {
        for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    }
    void operator()(std::string_view name, const std::string& text) { put(name, as_bytes(text)); }
    void operator()(std::string_view name, const Bytes& bytes) { put(name, bytes); }
    void operator()(std::string_view name, const Chain& chain) { put(name, chain.flatten()); }
    void put(std::string_view name, ByteView bytes) {
        (*this)(name, static_cast<std::uint64_t>(bytes.size()));
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
};

// Reads what EncodeLeaf wrote. After the first error it reads nothing more.
struct Decoder {
    const Bytes& bytes;
    std::size_t& at;
    std::string error;

    std::size_t left() const { return bytes.size() - at; }

    std::uint64_t number(std::string_view name) {
        if (left() < 8) fail(name, "the bytes end");
        if (!error.empty()) return 0;
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(bytes[at + i]) << (8 * i);
        at += 8;
        return value;
    }
    Bytes run(std::string_view name) {
        const std::uint64_t size = number(name);
        if (size > left()) fail(name, "the length is beyond the bytes left");
        if (!error.empty()) return {};
        at += size;
        return Bytes::copy(bytes.view().subspan(at - size, size));
    }
    void fail(std::string_view name, std::string_view why) {
        if (error.empty()) error = fmt::format("{}: {} at byte {}", name, why, at);
    }

    template <class T>
    void operator()(std::string_view name, T& value) {
        if constexpr (Named<T>) {
            value = T(static_cast<typename T::Value>(number(name)));
        } else if constexpr (Timed<T>) {
            value = T(typename T::duration(static_cast<std::int64_t>(number(name))));
        } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
            value = static_cast<T>(number(name));
        } else if constexpr (IsVector<T>::value) {
            const std::uint64_t count = number(name);
            if (count > left() / 8) fail(name, "the count is beyond the bytes left");
            if (!error.empty()) return;
            value.resize(count);
            for (auto& one : value) (*this)(name, one);
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = run(name).text();
        } else if constexpr (std::is_same_v<T, Bytes>) {
            value = run(name);
        } else {
            T::describe(*this, value);
        }
    }
};

template <std::size_t... I>
Event event_of(std::size_t index, std::index_sequence<I...>) {
    Event event;
    ((index == I ? static_cast<void>(event.emplace<I>()) : void()), ...);
    return event;
}

// One row for each alternative, in the variant's order.
struct Row {
    std::uint16_t number = 0;  // never changes, and is never used again
    std::string_view name;
};
constexpr Row event_rows[] = {
    {0, "Started"},
    {1, "Listening"},
    {2, "Connected"},
    {3, "Arriving"},
    {4, "Received"},
    {5, "Drained"},
    {6, "Disconnected"},
    {7, "TimerFired"},
    {8, "StorageDone"},
    {9, "Continued"},
    {10, "Operator"},
    {11, "Computed"},
};
constexpr Row effect_rows[] = {
    {0, "ArmTimer"},
    {1, "DisarmTimer"},
    {2, "Listen"},
    {3, "Unlisten"},
    {4, "Dial"},
    {5, "Admit"},
    {6, "Pause"},
    {7, "Resume"},
    {8, "HangUp"},
    {9, "Send"},
    {10, "SendFile"},
    {11, "Open"},
    {12, "Close"},
    {13, "Write"},
    {14, "Read"},
    {15, "Flush"},
    {16, "Truncate"},
    {17, "Rename"},
    {18, "Remove"},
    {19, "MakeDirectory"},
    {20, "List"},
    {21, "FlushDirectory"},
    {22, "LockDirectory"},
    {23, "Continue"},
    {24, "Note"},
    {25, "Exit"},
    {26, "Compute"},
    {27, "RenameDirectory"},
    {28, "RemoveDirectory"},
};
static_assert(std::size(event_rows) == std::variant_size_v<Event>);
static_assert(std::size(effect_rows) == std::variant_size_v<Effect>);

template <class Variant>
void hash_variant(Hasher& hasher, const Variant& variant) {
    hasher.add(std::uint64_t{number_of(variant)});
    HashLeaf leaf{hasher};
    walk(leaf, variant);
}

template <class Variant>
std::string print_variant(std::string_view name, const Variant& variant) {
    PrintLeaf leaf{std::string(name)};
    walk(leaf, variant);
    return std::move(leaf.text);
}

}  // namespace

void hash_into(Hasher& hasher, const Event& event) { hash_variant(hasher, event); }
void hash_into(Hasher& hasher, const Effect& effect) { hash_variant(hasher, effect); }

std::uint16_t number_of(const Event& event) { return event_rows[event.index()].number; }
std::uint16_t number_of(const Effect& effect) { return effect_rows[effect.index()].number; }
std::string_view name_of(const Event& event) { return event_rows[event.index()].name; }
std::string_view name_of(const Effect& effect) { return effect_rows[effect.index()].name; }

std::string_view name_of(StorageStatus status) {
    switch (status) {
        case StorageStatus::ok: return "ok";
        case StorageStatus::not_found: return "not found";
        case StorageStatus::exists: return "exists already";
        case StorageStatus::no_space: return "no space left";
        case StorageStatus::io_error: return "input/output error";
        case StorageStatus::access_denied: return "access denied";
        case StorageStatus::locked: return "locked by another process";
        case StorageStatus::read_only: return "the file system is read-only";
        case StorageStatus::foreign: return "no file of ours has that name";
        case StorageStatus::shortage: return "descriptors or memory run short";
    }
    return "?";
}

std::string print(const Event& event) { return print_variant(name_of(event), event); }
std::string print(const Effect& effect) { return print_variant(name_of(effect), effect); }

void encode(std::vector<std::uint8_t>& out, const Event& event) {
    EncodeLeaf leaf{out};
    leaf("event", std::uint64_t{number_of(event)});
    walk(leaf, event);
}

Result<Event, std::string> decode_event(Bytes bytes, std::size_t& at) {
    Decoder decoder{bytes, at, {}};
    const std::uint64_t number = decoder.number("event");
    const auto* row = std::ranges::find(event_rows, number, &Row::number);
    if (decoder.error.empty() && row == std::end(event_rows))
        decoder.fail("event", "no such event");
    if (!decoder.error.empty()) return unexpected(decoder.error);
    constexpr auto places = std::make_index_sequence<std::variant_size_v<Event>>();
    Event event = event_of(static_cast<std::size_t>(row - event_rows), places);
    std::visit([&](auto& one) { std::remove_cvref_t<decltype(one)>::describe(decoder, one); },
               event);
    if (!decoder.error.empty()) return unexpected(decoder.error);
    return event;
}

}  // namespace barnabas
