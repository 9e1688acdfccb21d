// A machine: sans-IO logic as a copyable value. Same state, event and dice give the same effects.
//
// A type is one when it has
//     void on(const Event& event, Turn& turn);   // one event in, effects out
//     void digest(Hasher& hasher) const;         // all of its state that matters, in a defined
//     order
// and copying it copies its future. Machine holds any such type by value. One that asks for Compute
// also has
//     static Bytes compute(const effect::Compute& job);   // pure: the answer hangs on `job` alone
#pragma once

#include <concepts>
#include <memory>
#include <typeinfo>

#include "engine/base/hash.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas {

template <class T>
concept MachineLike = std::copyable<T> && requires(T machine, const T& fixed, const Event& event,
                                                   Turn& turn, Hasher& hasher) {
    machine.on(event, turn);
    fixed.digest(hasher);
};

// What a driver calls to carry out Compute: no state, so that any thread may, and a copy of the
// machine means the same by it.
using Computation = Bytes (*)(const effect::Compute& job);

class Machine {
  public:
    template <class T>
        requires(!std::same_as<std::remove_cvref_t<T>, Machine>) &&
                MachineLike<std::remove_cvref_t<T>>
    Machine(T&& machine)  // NOLINT: any machine is a Machine
        : held_(std::make_unique<Held<std::remove_cvref_t<T>>>(std::forward<T>(machine))) {}

    Machine(const Machine& other) : held_(other.held_->copy()) {}
    Machine(Machine&&) noexcept = default;
    Machine& operator=(const Machine& other) {
        held_ = other.held_->copy();
        return *this;
    }
    Machine& operator=(Machine&&) noexcept = default;
    ~Machine() = default;

    void on(const Event& event, Turn& turn) { held_->on(event, turn); }
    void digest(Hasher& hasher) const { held_->digest(hasher); }

    // Null for a machine that never asks for it.
    Computation computation() const { return held_->computation(); }

    // The machine itself when it is a T, else nothing. For checkers and readers outside.
    template <class T>
    const T* as() const {
        const auto* held = dynamic_cast<const Held<T>*>(held_.get());
        return held ? &held->machine : nullptr;
    }

  private:
    struct AnyHeld {
        virtual ~AnyHeld() = default;
        virtual std::unique_ptr<AnyHeld> copy() const = 0;
        virtual void on(const Event& event, Turn& turn) = 0;
        virtual void digest(Hasher& hasher) const = 0;
        virtual Computation computation() const = 0;
    };
    template <class T>
    struct Held final : AnyHeld {
        template <class U>
        explicit Held(U&& value) : machine(std::forward<U>(value)) {}
        std::unique_ptr<AnyHeld> copy() const override { return std::make_unique<Held>(machine); }
        void on(const Event& event, Turn& turn) override { machine.on(event, turn); }
        void digest(Hasher& hasher) const override { machine.digest(hasher); }
        Computation computation() const override {
            if constexpr (requires(const effect::Compute& job) { T::compute(job); }) {
                return &T::compute;
            } else {
                return nullptr;
            }
        }
        T machine;
    };

    std::unique_ptr<AnyHeld> held_;
};

}  // namespace barnabas
