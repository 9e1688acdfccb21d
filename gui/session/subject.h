// What a simulation session runs: a world and whoever drives it, as one copyable value.
//
// A type is one when it has
//     bool step();                        // the next event of its world; false when it is over
//     const sim::World& world() const;
//     Verdict verdict() const;            // at the end
//     void describe(NodeIndex node, NodeView& view) const;   // the facts of a node's state
// and copying it copies its future. Subject holds any such type by value.
#pragma once

#include <concepts>
#include <memory>

#include "gui/store/snapshot.h"
#include "sim/world/world.h"

namespace barnabas::gui {

struct Verdict {
    std::string words;
    bool is_good = true;
};

template <class T>
concept SubjectLike =
    std::copyable<T> && requires(T subject, const T& fixed, sim::NodeIndex node, NodeView& view) {
        { subject.step() } -> std::same_as<bool>;
        { fixed.world() } -> std::same_as<const sim::World&>;
        { fixed.verdict() } -> std::same_as<Verdict>;
        fixed.describe(node, view);
    };

class Subject {
  public:
    template <class T>
        requires(!std::same_as<std::remove_cvref_t<T>, Subject>) &&
                SubjectLike<std::remove_cvref_t<T>>
    Subject(T&& subject)  // NOLINT: any subject is a Subject
        : held_(std::make_unique<Held<std::remove_cvref_t<T>>>(std::forward<T>(subject))) {}

    Subject(const Subject& other) : held_(other.held_->copy()) {}
    Subject(Subject&&) noexcept = default;
    Subject& operator=(const Subject& other) {
        held_ = other.held_->copy();
        return *this;
    }
    Subject& operator=(Subject&&) noexcept = default;
    ~Subject() = default;

    bool step() { return held_->step(); }
    const sim::World& world() const { return held_->world(); }
    Verdict verdict() const { return held_->verdict(); }
    void describe(sim::NodeIndex node, NodeView& view) const { held_->describe(node, view); }

  private:
    struct AnyHeld {
        virtual ~AnyHeld() = default;
        virtual std::unique_ptr<AnyHeld> copy() const = 0;
        virtual bool step() = 0;
        virtual const sim::World& world() const = 0;
        virtual Verdict verdict() const = 0;
        virtual void describe(sim::NodeIndex node, NodeView& view) const = 0;
    };
    template <class T>
    struct Held final : AnyHeld {
        template <class U>
        explicit Held(U&& value) : subject(std::forward<U>(value)) {}
        std::unique_ptr<AnyHeld> copy() const override { return std::make_unique<Held>(subject); }
        bool step() override { return subject.step(); }
        const sim::World& world() const override { return subject.world(); }
        Verdict verdict() const override { return subject.verdict(); }
        void describe(sim::NodeIndex node, NodeView& view) const override {
            subject.describe(node, view);
        }
        T subject;
    };

    std::unique_ptr<AnyHeld> held_;
};

}  // namespace barnabas::gui
