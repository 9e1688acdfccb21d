// Processes that end by themselves, and what brokers call an error.
//
//   exited    a broker ended with another code than 0, or with 0 and nobody had told it to; and no
//             deed had touched its storage
//   alarmed   a broker noted an error, and no deed had touched its process or its storage
//   refused   the cluster refused what the scenario's admin asked for
//   stopped   a CHECK of the engine failed
#pragma once

#include <set>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Exits : public Judge {
  public:
    static constexpr std::string_view name = "exits";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight& sight);
    std::string rest(const Sight& sight) const;

    // "broker 1 ended with 1 at 2.003s: the disk of broker 1 failed at 2.000s": those explained.
    const std::vector<std::string>& ends() const { return ends_; }

  private:
    void judge_end(const Sight& sight);

    std::set<NodeIndex> told_to_stop_;
    std::set<NodeIndex> ended_;
    std::vector<std::string> ends_;
};

}  // namespace barnabas::sim
