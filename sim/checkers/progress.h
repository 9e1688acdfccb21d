// Clients get on: what producers wait for comes, and what stands in a log is seen.
//
//   late    a record was acknowledged, or seen by a consumer that was waiting for it, later than
//           the way there and back and the disk account for, and no deed had touched that way. A
//           long poll that sleeps out its deadline beside the data is one
//   stuck   so long after the last fault a client still makes no progress
//
// Of partitions it tells for how long nobody was acknowledged: what scenarios call unavailable.
#pragma once

#include <map>
#include <set>

#include "engine/base/persistent_vector.h"
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
        PersistentVector<Instant> given;  // of each record
        std::vector<Service> services;   // by partition
    };
    struct Reading {  // of a consumer, of one partition
        std::optional<Offset> next;
        std::optional<Instant> since;  // there is something to see at `next`
    };
    struct Reader {  // a consumer
        NodeIndex node;
        std::string topic;
        PersistentVector<Reading> readings;  // by partition
    };
    struct Topic {
        std::string name;
        PersistentVector<std::optional<Offset>> ends;  // by partition
    };

    void follow_producer(const Sight& sight, const Cast::Producer& producer);
    void settle(const Sight& sight, const Cast::Producer& producer, Source& source,
                const client::Fate& fate);
    void follow_consumer(const Sight& sight, const Cast::Consumer& consumer);
    void follow_log(const Sight& sight, const LogChange& change);
    void follow_power_loss(const Sight& sight);
    Reader& edit_reader(const Cast::Consumer& consumer);
    static Reading& edit_reading(Reader& reader, PartitionIndex partition);
    std::optional<Offset> end(std::string_view topic, PartitionIndex partition) const;
    std::optional<Offset>& edit_end(const TopicPartition& partition);
    void move(const Reader& reader, Reading& reading, PartitionIndex partition, Offset next);
    void judge_stuck(const Sight& sight);

    std::map<NodeIndex, Source> sources_;
    std::vector<Topic> topics_;
    std::vector<Reader> readers_;  // ascending by node
    Duration slowest_acknowledgement_{};
    Duration slowest_sight_{};
    Instant now_;
};

}  // namespace barnabas::sim
