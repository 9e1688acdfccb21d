#include "engine/quorum/lone_voter.h"

#include <fmt/format.h>

#include "engine/protocol/stored.h"
#include "engine/records/build.h"

namespace barnabas::quorum {
namespace {

std::string why_not_the_only(NodeId node, NodeId voter, std::string_view where) {
    if (voter == node) return "";
    return fmt::format("{} names the voter {}; this release knows a quorum of one voter only",
                       where, voter.value());
}

}  // namespace

void LoneVoter::follow(MetadataLog& log, Turn& turn) {
    if (!log.is_loaded() || !log.failure().empty()) return;
    if (stage_ == Stage::loading) stand(log, turn);
    if (stage_ == Stage::storing_state && !log.is_storing()) {
        stage_ = Stage::leading;
        epoch_start_ = log.end_offset();
        turn.note(Occurrence::Kind::role, "__cluster_metadata-0",
                  fmt::format("leader of epoch {}, the only voter", epoch_.value()));
    }
    if (stage_ != Stage::leading) return;
    // A write that failed takes it away again.
    if (log.end_offset() == epoch_start_) take_office(log, turn);
    if (log.end_offset() == epoch_start_) return;
    const bool is_flush_awaited = turn.guards.has(Guard::metadata_is_flushed);
    const Offset high_watermark = is_flush_awaited ? log.flushed_end() : log.written_end();
    if (high_watermark > epoch_start_) log.commit(high_watermark, turn);
}

// Why this node may not lead by itself; empty when it may.
std::string LoneVoter::why_not_alone(const MetadataLog& log) const {
    for (const NodeId voter : log.state().voters) {
        auto why = why_not_the_only(node_, voter, log.directory() + "/quorum-state");
        if (!why.empty()) return why;
    }
    if (!log.control().voters) return "";
    for (const auto& voter : log.control().voters->voters) {
        auto why = why_not_the_only(node_, NodeId(voter.voter_id), log.directory() + ": the log");
        if (!why.empty()) return why;
        const Uuid& directory = voter.voter_directory_id;
        if (directory.is_zero() || directory_.is_zero() || directory == directory_) continue;
        return fmt::format("{}: the log names the voter {} in the log directory {}, and this one "
                           "is {}: it is another voter's",
                           log.directory(), voter.voter_id, directory.text(), directory_.text());
    }
    return "";
}

// With kraft.version 1 the voters stand in the log, and quorum-state has its second form. Who leads
// has voted for nobody, as Kafka writes it.
void LoneVoter::stand(MetadataLog& log, Turn& turn) {
    if (const std::string why = why_not_alone(log); !why.empty()) return log.fail(why, turn);
    const LeaderEpoch latest = log.latest_epoch();
    if (latest == LeaderEpoch(INT32_MAX)) {
        return log.fail(
            fmt::format("{}: quorum-state, the log or a snapshot has leader epoch {}, behind which "
                        "there is no other: one of them is damaged",
                        log.directory(), latest.value()),
            turn);
    }
    epoch_ = latest + 1;
    stage_ = Stage::storing_state;
    const bool are_voters_in_log = log.control().kraft_version > 0;
    QuorumState state;
    state.leader = node_;
    state.epoch = epoch_;
    if (!are_voters_in_log) state.voters = {node_};
    state.version = are_voters_in_log ? 1 : 0;
    log.store(std::move(state), turn);
}

// Without LeaderChange there is no epoch to append in.
void LoneVoter::take_office(MetadataLog& log, Turn& turn) {
    if (is_refused_) return;
    const auto& voters = log.control().voters;
    protocol::LeaderChangeMessage change;
    change.leader_id = node_.value();
    change.version = voters ? 1 : 0;
    protocol::LeaderChangeMessage::Voter me;
    me.voter_id = node_.value();
    if (voters && !voters->voters.empty())
        me.voter_directory_id = voters->voters.front().voter_directory_id;
    change.voters = change.granting_voters = {me};
    const auto value = protocol::encode(change, change.version);
    CHECK(value.has_value());
    if (log.append_control(records::ControlType::leader_change, *value, epoch_, turn)) return;
    is_refused_ = true;
    turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
              "the log takes no record: the disk is full: this is tried again until there is room",
              Severity::error);
}

}  // namespace barnabas::quorum
