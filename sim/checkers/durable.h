// Where flush.messages promises that a record is flushed, it is so before anybody hears of it.
//
//   undurable  more records of a partition than flush.messages leaves in the page cache, and a
//              producer was told of the last of them, or a consumer saw it
//
// Of other topics there is nothing to say: Kafka acknowledges from the page cache.
#pragma once

#include <map>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Durable : public Judge {
  public:
    static constexpr std::string_view name = "durable";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight&) {}
    std::string rest(const Sight& sight) const;

  private:
    void judge(const Sight& sight, const std::string& who, const TopicPartition& partition,
               Offset last);

    std::map<TopicPartition, Offset> known_;  // all below was flushed when it was looked at last
};

}  // namespace barnabas::sim
