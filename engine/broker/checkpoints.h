// The files of a log directory that tell the next start how much of each log it may trust:
// recovery-point-offset-checkpoint, log-start-offset-checkpoint, replication-offset-checkpoint, and
// after a clean stop .kafka_cleanshutdown, written last.
#pragma once

#include <deque>
#include <string>

#include "engine/broker/replicas.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::broker {

class Checkpoints {
  public:
    // Needs: is_done(). With `stopped_cleanly` the mark of a clean stop follows the checkpoints.
    void start(const Replicas& replicas, const std::vector<LogDirectory>& directories,
               std::optional<BrokerEpoch> stopped_cleanly, Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool is_done() const { return files_.empty(); }

  private:
    struct File {
        std::string path;
        Bytes bytes;
    };
    void next(Turn& turn);

    std::deque<File> files_;  // the first is being written
    ReplaceFile write_;
};

}  // namespace barnabas::broker
