// Brokers get on, and nothing piles up in them.
//
//   idle      a broker is up so long after it was started, or after its storage was mended, and
//             does not serve
//   overdue   a request is parked beyond its deadline, or waits still for what a fault that is over
//             so long had held up
//   piled     a broker remembers more connections than there are, or requests of connections that
//             are gone, or holds files open that nobody uses
//
// Here a checker looks into a broker: at how much it keeps, not at what it thinks of its records.
#pragma once

#include <map>
#include <set>

#include "engine/node/node.h"
#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Liveness : public Judge {
  public:
    static constexpr std::string_view name = "liveness";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight& sight);
    std::string rest(const Sight& sight) const;

  private:
    void judge(const Sight& sight, const Cast::Broker& broker);
    void judge_waits(const Sight& sight, NodeIndex broker, const broker::Node& node);
    void judge_rows(const Sight& sight, NodeIndex broker, const broker::Node& node);
    void judge_handles(const Sight& sight, const Cast::Broker& broker);
    void say(NodeIndex broker, std::string rule, std::string text);

    std::set<std::pair<NodeIndex, std::string>> said_;  // each rule is told once of each broker
};

}  // namespace barnabas::sim
