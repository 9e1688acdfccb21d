// The leadership of a quorum of one voter: this node.
//
// When the log is loaded and names no other voter, this node takes the next epoch, for a lone voter
// needs nobody's vote: it stores the epoch in `quorum-state` before anything of the epoch is
// written, and appends LeaderChange. From then on a record is committed when it is flushed: the
// high watermark follows the flush, not the write, because no other replica holds the record (Kafka
// flushes the metadata log the same way). What earlier lives left in the log is committed with
// LeaderChange, and not before.
#pragma once

#include "engine/quorum/metadata_log.h"

namespace barnabas::quorum {

class LoneVoter {
  public:
    explicit LoneVoter(NodeId node) : node_(node) {}

    // The id of the directory that the log lies in: with it a voter is named in the log.
    void set_directory(const Uuid& id) { directory_ = id; }
    // To be called after whatever moves the log: takes the next step, and commits what is flushed.
    // Fails the log when this node may not lead.
    void follow(MetadataLog& log, Turn& turn);

    bool is_leader() const { return stage_ == Stage::leading; }
    // All that stood in the log at the start of this epoch has come out: decisions may be made.
    bool caught_up(const MetadataLog& log) const {
        return is_leader() && log.given_end() > epoch_start_;
    }
    // Needs: is_leader().
    LeaderEpoch epoch() const { return epoch_; }
    // The log took no LeaderChange: it is tried again after try_again(), to be called every so
    // often.
    bool waits_for_room() const { return is_refused_; }
    void try_again() { is_refused_ = false; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t { loading, storing_state, leading };

    std::string why_not_alone(const MetadataLog& log) const;
    void stand(MetadataLog& log, Turn& turn);
    void take_office(MetadataLog& log, Turn& turn);

    NodeId node_;
    Uuid directory_;
    Stage stage_ = Stage::loading;
    LeaderEpoch epoch_{0};
    Offset epoch_start_{0};  // where LeaderChange stands
    bool is_refused_ = false;
};

}  // namespace barnabas::quorum
