// The files beside the records, as the records say: at each clean stop, and at the end of a run,
// where a copy of the world is told to stop.
//
//   unstopped   a broker that was told to stop, and whom nothing had befallen, did not end with 0
//   malformed   a segment, an index or a time index is not as the batches say (the same code as
//               `barnabas logs verify`), or lets too long a stretch of its segment go unlisted;
//               leader-epoch-checkpoint does not have the epoch of some batch
//   forgetful   the snapshot of producers at the end of a log lacks one that a replay of the
//               batches finds, or has it otherwise, or keeps one that is expired
//   left over   a file is there that no log in use has
//   stale       a checkpoint does not have what has stood for longer than its interval
//   astray      the metadata log says that a copy is in another log directory than its files are
#pragma once

#include <deque>
#include <map>
#include <set>

#include "engine/log/checkpoint.h"
#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Structure : public Judge {
  public:
    static constexpr std::string_view name = "structure";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight& sight);
    std::string rest(const Sight& sight) const;

  private:
    struct Partition {  // of one directory of one disk
        std::string path;
        TopicPartition name;
        std::vector<std::string> files;  // without the path
    };
    struct Standing {  // what a checkpoint must have when it is written next
        Instant at;
        Offset recovery_point;
    };
    struct Since {  // a start: it flushes what it found there only with what it seals itself
        Instant started;
        Offset active_base;
    };
    using Key = std::pair<NodeIndex, TopicPartition>;

    void stop_and_judge(const Sight& sight, const Cast::Broker& broker);
    void judge_disk(const Sight& sight, const Cast::Broker& broker, const World& world);
    void judge_partition(const Sight& sight, const Disk& disk, const Partition& partition,
                         std::int64_t stopped_at);
    Offset judge_segment(const Disk& disk, const Partition& partition, Offset base,
                         std::vector<log::EpochStart>& epochs);
    void judge_producers(const Sight& sight, const Disk& disk, const Partition& partition,
                         Offset end, std::int64_t stopped_at);
    void judge_names(const Partition& partition, const std::set<Offset>& bases, Offset end);
    void judge_checkpoints(const Sight& sight, const Cast::Broker& broker);
    void judge_places(const Sight& sight, const Cast::Broker& broker);

    std::map<Key, std::deque<Standing>> standing_;
    std::map<Key, Since> since_;
    std::map<NodeIndex, std::uint32_t> judged_lives_;
};

}  // namespace barnabas::sim
