// What stored records say beside their values: what the producer gave, and what the log makes of
// it.
//
//   altered    a record has another key or timestamp than it was given, or headers
//   disordered records of one producer stand in another order than they were given in, and no try
//              of it was lost or refused
//   sequence   batches of an idempotent producer do not follow each other, or its epoch goes back;
//              a compacted log may lack some
//   epoch      the leader epoch of batches goes back
#pragma once

#include <map>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Stored : public Judge {
  public:
    static constexpr std::string_view name = "stored";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight&) {}
    std::string rest(const Sight& sight) const;

  private:
    struct Source {  // a producer
        client::Journal<std::int64_t> timestamps;  // as its clock said when a record was given
        bool has_tried_again = false;
    };
    struct Sequence {  // the last one of a producer id
        ProducerEpoch epoch;
        std::int32_t last = -1;
        bool is_certain = true;  // else those behind it may be gone, by compaction
    };
    struct Log {
        Offset end;
        LeaderEpoch epoch = no_leader_epoch;
        std::map<std::string, std::uint64_t> newest;  // of each producer, the largest number
        std::map<ProducerId, Sequence> sequences;
    };

    void follow_producer(const Sight& sight, const Cast::Producer& producer);
    void judge(const Sight& sight, const LogChange& change);
    void judge_record(const Sight& sight, const Stamp& stamp, const LogChange& change);
    void judge_order(const Sight& sight, Log& log, const Stamp& stamp, const LogChange& change);
    void judge_sequence(const Sight& sight, Log& log, const LogChange& change);

    std::map<std::string, Source, std::less<>> sources_;
    std::map<TopicPartition, Log> logs_;
};

}  // namespace barnabas::sim
