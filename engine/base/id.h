// Numbers that name things. Each kind is a type of its own: they do not mix, and become a plain
// number only where value() is written out.
#pragma once

#include <compare>
#include <cstdint>

namespace barnabas {

template <class Tag, class Number>
class Id {
  public:
    using Value = Number;

    constexpr Id() = default;
    constexpr explicit Id(Number value) : value_(value) {}
    constexpr Number value() const { return value_; }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;

  private:
    Number value_{};
};

// An id with neighbours: position + count = position, position - position = count.
template <class Tag, class Number>
class Position {
  public:
    using Value = Number;

    constexpr Position() = default;
    constexpr explicit Position(Number value) : value_(value) {}
    constexpr Number value() const { return value_; }
    friend constexpr auto operator<=>(const Position&, const Position&) = default;
    friend constexpr Position operator+(Position at, Number count) {
        return Position(at.value_ + count);
    }
    friend constexpr Position operator-(Position at, Number count) {
        return Position(at.value_ - count);
    }
    friend constexpr Number operator-(Position a, Position b) { return a.value_ - b.value_; }
    constexpr Position& operator++() { return ++value_, *this; }

  private:
    Number value_{};
};

}  // namespace barnabas
