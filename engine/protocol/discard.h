// The visitor that lets go of a message in slices: to free a million elements takes long.
#pragma once

#include <optional>

#include "engine/protocol/field.h"
#include "engine/protocol/wire.h"

namespace barnabas::protocol {

class Discarder {
  public:
    // Takes up to so many elements out of the message's lists, from behind: true when none is left.
    template <class S>
    static bool discard(S& message, std::size_t elements) {
        Discarder discarder(elements);
        S::describe(discarder, message);
        return discarder.left_ > 0;
    }

    template <class T>
    void operator()(std::string_view, T& value, std::same_as<Attribute> auto...) {
        take(value);
    }

  private:
    explicit Discarder(std::size_t elements) : left_(elements) {}

    template <class T>
    void take(T& value) {
        if constexpr (requires { T::describe(*this, value); }) T::describe(*this, value);
    }
    template <class T>
    void take(std::optional<T>& value) {
        if (value) take(*value);
    }
    template <class T>
    void take(std::vector<T>& values) {
        if constexpr (Number<T>) return;
        while (left_ > 0 && !values.empty()) {
            take(values.back());
            if (left_ == 0) return;
            --left_;
            values.pop_back();
        }
    }

    std::size_t left_;
};

}  // namespace barnabas::protocol
