// A scenario while it is drawn: what stands of it, and what later lines must know of earlier ones.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "engine/base/random.h"
#include "sim/scenario/scenario.h"

namespace barnabas::explore {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
    std::uint64_t between(std::uint64_t first, std::uint64_t last) {
        return random_.between(first, last);
    }
    bool one_in(std::uint64_t times) { return random_.below(times) == 0; }
    // In whole grains, so that it is short to print. Both ends included.
    Duration time(Duration least, Duration most, Duration grain);
    template <class T>
    T pick(std::initializer_list<T> all) {
        return all.begin()[random_.below(all.size())];
    }

  private:
    Random random_;
};

// When the brokers of a scenario flush what they were given.
enum class Flushing : std::uint8_t { never, each_message, some_messages, by_time };

struct Drawing {
    Dice dice;
    scenario::Scenario made = {};
    Flushing flushing = Flushing::never;
    Duration work_end{};   // no producer is given a record later
    Duration fault_begin{};
    Duration fault_end{};  // all that was begun is over
    bool kills_clients = false;

    explicit Drawing(std::uint64_t seed);
    void set(std::string name, std::string value) {
        made.settings.emplace_back(std::move(name), std::move(value));
    }
};

bool is_compacted(const scenario::Topic& topic);
// Power may go, and what was not flushed with it.
bool may_lose(const scenario::Scenario& scenario);

// Needs: all that runs is drawn.
void draw_faults(Drawing& drawing);
// What the admin asks for. Needs: faults are drawn.
void draw_wishes(Drawing& drawing);
// The end of the run, and what has to hold there. Needs: all else is drawn.
void expect_what_holds(Drawing& drawing);

// "2 topics of 5 partitions, 1 compacted; ...": what was drawn, for people.
std::string description(const scenario::Scenario& scenario);

}  // namespace barnabas::explore
