// Guards: the places of the engine where a step that could be left out keeps a promise.
//
// Each has an off switch for simulations, so that it can be seen what it is for: for each one
// scenarios/guards/NAME.scenario breaks a rule of the checkers without it, and holds with it.
//
//     if (turn.guards.has(Guard::segment_names_are_flushed)) ...    in the one place of the guard
//
// A new one is a value here, a row in guard.cpp, its scenario, and a row in
// tests/sim/scenario/guards_test.cpp. All are on in a Guards that nobody touched, and only a
// simulated world hands out another: a real broker has no way to switch one off.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace barnabas {

enum class Guard : std::uint8_t {
    clean_stop_mark_is_removed,
    directory_names_are_flushed,
    segment_names_are_flushed,
    replaced_files_are_flushed,
    torn_tails_are_cut,
    holes_are_cut,
    metadata_is_flushed,
    answers_keep_their_order,
    sequences_are_checked,
    cleaned_segments_are_flushed,
    last,
};

struct GuardRow {
    Guard guard;
    std::string_view name;     // the enumerator
    std::string_view meaning;  // what it sees to; and the incident that it answers, if there is one
};

// A row for each guard, in their order.
std::span<const GuardRow> all_guards();
std::string_view name_of(Guard guard);
std::optional<Guard> guard_named(std::string_view name);

// Which of them are on.
class Guards {
  public:
    bool has(Guard guard) const { return (off_ & bit(guard)) == 0; }
    bool are_all_on() const { return off_ == 0; }
    void switch_off(Guard guard) { off_ |= bit(guard); }  // what a simulation calls
    std::uint64_t switched_off() const { return off_; }  // a bit for each

    friend bool operator==(const Guards&, const Guards&) = default;

  private:
    static constexpr std::uint64_t bit(Guard guard) {
        return std::uint64_t{1} << static_cast<unsigned>(guard);
    }

    std::uint64_t off_ = 0;
};
static_assert(static_cast<unsigned>(Guard::last) <= 64);

}  // namespace barnabas
