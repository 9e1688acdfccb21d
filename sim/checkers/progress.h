// Clients get on: what producers wait for comes, and what stands in a log is seen.
//
//   late    a record was acknowledged, or seen by a consumer that was waiting for it, later than
//           the way there and back and the disk account for, and no deed had touched that way. A
//           long poll that sleeps out its deadline beside the data is one
//   stuck   so long after the last fault a client still makes no progress
//
// Of partitions it tells for how long nobody was acknowledged: what scenarios call unavailable; and
// of the ends of faults how soon after them somebody was acknowledged again.
#pragma once

#include <map>
#include <set>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Progress : public Judge {
  public:
    static constexpr std::string_view name = "progress";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight& sight);
    std::string rest(const Sight& sight) const;

    // The longest time for which a producer that wants acknowledgements had records for this
    // partition and got none.
    Duration unavailable(const TopicPartition& partition) const;
    // Each time that a fault ended, or a process was started anew: how long it took from there, or
    // from the next such end before it, to the first acknowledgement.
    const std::vector<Duration>& recoveries() const { return recoveries_; }
    Duration slowest_acknowledgement() const { return slowest_acknowledgement_; }
    Duration slowest_sight() const { return slowest_sight_; }

  private:
    struct Service {  // of one partition to one producer
        std::uint64_t waiting = 0;  // records without a last word
        Instant since;              // none was acknowledged, while some waited
        Duration longest{};
        bool is_reported = false;
    };
    struct Source {  // a producer
        std::string topic;
        bool wants_acknowledgements = true;
        client::Journal<Instant> given;  // of each record
        std::vector<Service> services;   // by partition
    };
    struct Reading {  // of a consumer, of one partition
        std::optional<Offset> next;
        std::optional<Instant> since;  // there is something to see at `next`
    };
    using ReadingKey = std::pair<NodeIndex, TopicPartition>;

    void follow_producer(const Sight& sight, const Cast::Producer& producer);
    void settle(const Sight& sight, const Cast::Producer& producer, Source& source,
                const client::Fate& fate);
    void follow_consumer(const Sight& sight, const Cast::Consumer& consumer);
    void follow_log(const Sight& sight, const LogChange& change);
    void follow_power_loss(const Sight& sight);
    void move(Reading& reading, const TopicPartition& partition, Offset next);
    void judge_stuck(const Sight& sight);

    std::map<NodeIndex, Source> sources_;
    std::map<TopicPartition, Offset> ends_;
    std::map<ReadingKey, Reading> readings_;
    Duration slowest_acknowledgement_{};
    Duration slowest_sight_{};
    std::vector<Duration> recoveries_;
    std::optional<Instant> mended_;  // and nobody was acknowledged since
    Instant now_;
};

}  // namespace barnabas::sim
