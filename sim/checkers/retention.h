// retention.ms and retention.bytes, the topic's own or the broker's default: a log loses its oldest
// segment when it has to, not before and not much later.
//
//   early    a segment went, though with it the log was not larger than retention.bytes, and its
//            newest record not older than retention.ms, and nobody had asked for its deletion
//   hoarded  a segment that has to go is there still, two looks of its broker later
#pragma once

#include <map>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Retention : public Judge {
  public:
    static constexpr std::string_view name = "retention";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight&) {}
    std::string rest(const Sight& sight) const;

  private:
    struct Log {
        std::vector<SegmentView> segments;  // as they were seen last
        Offset may_start;                   // DeleteRecords asked for it
        std::optional<Instant> due_since;   // the oldest segment has to go
        Offset due;                         // its base
    };
    using Key = std::pair<NodeIndex, TopicPartition>;

    struct Current {  // settings of a topic, by the changes that were answered
        std::size_t changes = 0;
        Instant since;  // they were changed last, or are to be
    };

    void follow_admin(const Sight& sight);
    const settings::TopicSettings& settings_of(const Cast::Topic& topic) const;
    void judge_starts(const Sight& sight, NodeIndex broker);
    void judge_start(const Sight& sight, NodeIndex broker, Log& log, Offset start);
    void judge_hoards(const Sight& sight, NodeIndex broker);
    static bool is_old(const Sight& sight, NodeIndex broker, const SegmentView& segment,
                       const settings::TopicSettings& settings, Duration skew);

    std::map<Key, Log> logs_;
    std::map<std::string, Current> current_;
    std::size_t progress_told_ = 0;  // of the admin's
    std::size_t changes_told_ = 0;
};

}  // namespace barnabas::sim
