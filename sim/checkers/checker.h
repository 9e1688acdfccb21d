// What all checkers have in common: the rules that they saw broken, and how much they did.
//
// A checker looks at a run from outside, keeps ghost state of its own, and changes nothing. It is a
// copyable value with
//     static constexpr std::string_view name
//     void before(const Sight&)               a deed over budget will be done to sight.node
//     void look(const Sight&)                 a step or a deed of which there is something to see
//     void finish(const Sight&)               once, at the end of the run
//     std::string rest(const Sight&) const    why this run gives it nothing to judge
// One that has no reason to rest and never judged fails the run: an oracle that sleeps is none.
// What it costs is counted, not timed: looks, judgements, and bytes that were read for it alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace barnabas::sim {

struct Sight;

struct Violation {
    std::string rule;  // one word, which the checker's header explains
    std::string text;
};

struct Tally {
    std::uint64_t looks = 0;
    std::uint64_t judgements = 0;  // something could have been wrong, and was held against a rule
    std::uint64_t bytes = 0;

    friend bool operator==(const Tally&, const Tally&) = default;
};

class Judge {
  public:
    // A rule that was seen broken, by the checker or by who asks it.
    void report(std::string rule, std::string text) {
        ++violation_count_;
        if (violations_.size() < violations_kept)
            violations_.push_back({std::move(rule), std::move(text)});
    }

    const std::vector<Violation>& violations() const { return violations_; }  // the first of them
    std::uint64_t violation_count() const { return violation_count_; }
    const Tally& tally() const { return tally_; }
    void count_look() { ++tally_.looks; }

    static constexpr std::size_t violations_kept = 100;

  protected:
    void judged(std::uint64_t times = 1) { tally_.judgements += times; }
    void has_read(std::uint64_t bytes) { tally_.bytes += bytes; }

  private:
    std::vector<Violation> violations_;
    std::uint64_t violation_count_ = 0;
    Tally tally_;
};

template <class T>
concept Checker =
    std::copyable<T> && std::derived_from<T, Judge> &&
    requires(T checker, const T& fixed, const Sight& sight) {
        { T::name } -> std::convertible_to<std::string_view>;
        checker.before(sight);
        checker.look(sight);
        checker.finish(sight);
        { fixed.rest(sight) } -> std::same_as<std::string>;
    };

}  // namespace barnabas::sim
