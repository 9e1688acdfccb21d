// One turn of a machine: what it may know (time, dice) and where it puts what it wants done.
// Lives on a driver's stack for the length of one on() call; a machine keeps no part of it.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/runtime/effect.h"
#include "engine/runtime/guard.h"

namespace barnabas {

// What a random draw is for. Each concern has a generator of its own, so that one more draw for one
// of them leaves the others as they were.
enum class Concern : std::uint8_t {
    identity,
    election,
    backoff,
    placement,
    workload,
    secret,  // what nobody may guess; what is told to others is not drawn in the same turn
    rolling,  // when segments are full of age
    last
};

class Randoms {
  public:
    using Entropy = std::array<std::uint64_t, 4>;

    Randoms() : Randoms(0) {}
    explicit Randoms(std::uint64_t seed) {
        Random spread(seed);
        for (Random& one : concerns_) one = Random(spread.next());
    }
    Random& operator()(Concern concern) { return concerns_[static_cast<std::size_t>(concern)]; }

    // Concern::secret is the seed's in a simulation. A driver of the real world feeds it from the
    // operating system, and again after each turn that drew from it: who learns what came of one
    // turn can tell nothing of any other.
    void feed_secret(const Entropy& entropy) {
        (*this)(Concern::secret) = Random(entropy);
        fed_ = (*this)(Concern::secret).state();
    }
    bool is_secret_used() { return (*this)(Concern::secret).state() != fed_; }

  private:
    Entropy fed_{};
    std::array<Random, static_cast<std::size_t>(Concern::last)> concerns_;
};

struct Turn {
    const Instant now;    // for deadlines within one run
    const WallTime wall;  // for record timestamps, and ages of what was stored
    Randoms& random;
    std::vector<Effect>& effects;
    const Guards guards = {};  // all on, but for simulations that show what one is for

    template <class E>
    void ask(E&& wanted) {
        effects.emplace_back(std::forward<E>(wanted));
    }
    void note(Occurrence::Kind kind, std::string subject, std::string text,
              Severity severity = Severity::info) {
        ask(effect::Note{{kind, severity, std::move(subject), std::move(text)}});
    }
};

}  // namespace barnabas
