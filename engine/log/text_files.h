// The two small files of a partition: leader-epoch-checkpoint, which keeps where each leader epoch
// began, and partition.metadata, which keeps the topic's id. What finds no room is stored later.
#pragma once

#include <optional>

#include "engine/base/cow.h"
#include "engine/log/leader_epochs.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log {

struct LogParts;

class TextFiles {
  public:
    // As an opening found them; what is not stored is asked to be.
    void begin(LeaderEpochs epochs, bool are_epochs_stored, bool is_topic_id_stored,
               LogParts& log, Turn& turn);

    const LeaderEpochs& epochs() const { return epochs_; }
    // A batch of this epoch was appended at `start`.
    void assign(LeaderEpoch epoch, Offset start, LogParts& log, Turn& turn);
    void cut_end(Offset end) { are_epochs_stored_ &= !epochs_.cut_end(end); }
    void cut_start(Offset start, LogParts& log, Turn& turn);

    // Each asks for its file unless that is stored, or under way.
    void store_epochs(LogParts& log, Turn& turn);
    void store_metadata(LogParts& log, Turn& turn);
    bool is_storing() const { return epochs_file_ || metadata_file_; }
    // Something is to be stored, and nothing of it under way: there was no room.
    bool waits_for_room() const;

    void on_epochs_stored(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on_metadata_stored(const event::StorageDone& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    LeaderEpochs epochs_;
    bool are_epochs_stored_ = true;  // or on their way
    bool is_metadata_stored_ = true;
    std::optional<Cow<ReplaceFile>> epochs_file_;
    std::optional<Cow<ReplaceFile>> metadata_file_;
};

}  // namespace barnabas::log
