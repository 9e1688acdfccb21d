#include "engine/quorum/quorum.h"

#include <fmt/format.h>

#include "engine/protocol/messages/quorum_records.h"
#include "engine/protocol/stored.h"
#include "engine/quorum/state_file.h"
#include "engine/records/build.h"
#include "engine/runtime/visit.h"

namespace barnabas::quorum {
namespace {

constexpr std::uint32_t replay_bytes = 1u << 20;
constexpr log::LookupId replay_lookup{1};

// The id of __cluster_metadata: the second of the reserved ones.
constexpr TopicId metadata_topic_id{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

using LogState = log::PartitionLog::State;

}  // namespace

Quorum::Quorum(NodeId node, std::string log_directory, log::LogConfig config, std::uint64_t names,
               SnapshotRetention retention)
    : node_(node),
      directory_(log_directory + "/__cluster_metadata-0"),
      names_(names),
      log_({"__cluster_metadata", PartitionIndex(0)}, metadata_topic_id, directory_, Cow(config),
           {names}),
      retention_(retention) {}

Quorum::Quorum(const Quorum& other) = default;
Quorum::Quorum(Quorum&& other) noexcept = default;
Quorum& Quorum::operator=(const Quorum& other) = default;
Quorum& Quorum::operator=(Quorum&& other) noexcept = default;
Quorum::~Quorum() = default;

bool Quorum::owns(Token token) const {
    return token.value() >= names_ && token.value() < names_ + 2 * own_names;
}

void Quorum::start(bool was_clean_stop, Turn& turn) {
    was_clean_stop_ = was_clean_stop;
    snapshot_.emplace(SnapshotLoader(snapshot_token(), snapshot_file(), directory_));
    snapshot_->edit().start(turn);
}

void Quorum::on(const event::StorageDone& done, Turn& turn) {
    CHECK(owns(done.operation));
    if (!failure_.empty()) return;
    if (done.operation == replay_token()) return on_replay_read(done, turn);
    if (done.operation.value() < names_ + own_names) {
        log_.on(done, turn);
        return on_log_progress(turn);
    }
    if (done.operation == writer_token()) return on_snapshot_written(done, turn);
    if (done.operation == remover_token()) return;  // one that stays is looked at by the next start
    on_loading(done, turn);
}

void Quorum::on_loading(const event::StorageDone& done, Turn& turn) {
    CHECK(std::holds_alternative<Loading>(role_));
    if (done.operation == snapshot_token()) {
        snapshot_->edit().on(done, turn);
        return on_snapshot_progress(turn);
    }
    CHECK(done.operation == state_token());
    if (stage() == Stage::storing_state) {
        state_write_.on(done, turn);
        if (state_write_.is_done()) on_state_written(turn);
        return;
    }
    file_read_.on(done, turn);
    if (!file_read_.is_done()) return;
    stage() == Stage::reading_state ? on_state_read(turn) : on_bootstrap_read(turn);
}

void Quorum::on_snapshot_progress(Turn& turn) {
    SnapshotLoader& loader = snapshot_->edit();
    if (!loader.failure().empty()) {
        if (stage() == Stage::finding_snapshot)
            return fail(loader.failure(), loader.status(), turn);
        return fail(directory_ + ": " + loader.failure(), turn);  // half of it came out
    }
    if (stage() == Stage::finding_snapshot) {
        if (!loader.has_chosen()) return;
        snapshots_ = loader.rows();
        if (loader.chosen()) replayed_ = loader.chosen()->id.end;
        stage() = Stage::opening_log;
        return open_log(turn);
    }
    for (Committed& batch : loader.take()) committed_.push_back(std::move(batch));
    if (!loader.is_read()) return;
    has_records_ |= !committed_.empty();
    constitution_ = loader.constitution();
    snapshot_.reset();
    replay_next(turn);
}

void Quorum::open_log(Turn& turn) {
    if (begins_anew_) return log_.open(false, replayed_, replayed_, turn);
    log_.open(was_clean_stop_, Offset(0), Offset(0), turn);
}

void Quorum::on_log_progress(Turn& turn) {
    if (log_.state() == LogState::failed) return fail(log_.failure(), turn);
    if (std::holds_alternative<Loading>(role_)) {
        if (stage() == Stage::opening_log && log_.state() == LogState::open) on_log_opened(turn);
        if (stage() == Stage::closing_log && log_.state() == LogState::closed) {
            stage() = Stage::opening_log;
            begins_anew_ = true;
            return open_log(turn);
        }
        if (stage() != Stage::replaying) return;
    }
    if (log_.state() != LogState::open) return;
    drop_lost(turn);
    if (!failure_.empty()) return;
    if (caught_up()) return commit_appended(turn);
    for (const log::Found& found : log_.take_found()) {
        const auto* range = std::get_if<log::FileRange>(&found.what);
        if (range == nullptr) return fail(directory_ + ": the log cannot be read", turn);
        read_range(*range, turn);
    }
    replay_next(turn);
}

// The log must go on where the snapshot ends. One that ends before it was lost behind it: it begins
// anew there, as Kafka lets it.
void Quorum::on_log_opened(Turn& turn) {
    const std::optional<SnapshotRow>& chosen = (*snapshot_)->chosen();
    const LeaderEpoch latest = log_.leader_epochs().latest().value_or(LeaderEpoch(0));
    if (chosen && (chosen->id.end > log_.log_end_offset() || chosen->id.epoch > latest) &&
        chosen->id.end > log_.log_start_offset()) {
        turn.note(Occurrence::Kind::truncated, "__cluster_metadata-0",
                  fmt::format("the log ends at {}, the snapshot {} is newer: it goes on from there",
                              log_.log_end_offset().value(), file_name(chosen->id)),
                  Severity::warning);
        stage() = Stage::closing_log;
        return log_.close(turn);
    }
    if (log_.log_start_offset() > replayed_) {
        const std::string& complaint = (*snapshot_)->complaint();
        return fail(
            fmt::format("{}: the log begins at offset {} and no good snapshot reaches that{}",
                        directory_, log_.log_start_offset().value(),
                        complaint.empty() ? "" : ": " + complaint),
            turn);
    }
    read_state(turn);
}

void Quorum::read_state(Turn& turn) {
    stage() = Stage::reading_state;
    file_read_ = ReadFile(state_token(), state_file(), directory_ + "/quorum-state");
    file_read_.start(turn);
}

void Quorum::on_state_read(Turn& turn) {
    QuorumState state;
    if (file_read_.status() == StorageStatus::ok) {
        const auto stored = parse_quorum_state(file_read_.bytes().text());
        if (!stored) return fail(directory_ + "/quorum-state: " + stored.error(), turn);
        state = *stored;
    } else if (file_read_.status() != StorageStatus::not_found) {
        return fail("quorum-state cannot be read", file_read_.status(), turn);
    }
    for (const NodeId voter : state.voters) {
        if (voter == node_) continue;
        return fail(
            fmt::format(
                "{}/quorum-state names the voter {}; this release knows a quorum of one voter only",
                directory_, voter.value()),
            turn);
    }
    const std::optional<SnapshotRow>& chosen = (*snapshot_)->chosen();
    const LeaderEpoch latest =
        std::max({state.epoch, log_.leader_epochs().latest().value_or(LeaderEpoch(0)),
                  chosen ? chosen->id.epoch : LeaderEpoch(0)});
    if (latest == LeaderEpoch(INT32_MAX)) {
        return fail(
            fmt::format("{}: quorum-state, the log or a snapshot has leader epoch {}, behind which "
                        "there is no other: one of them is damaged",
                        directory_, latest.value()),
            turn);
    }
    epoch_ = latest + 1;
    stage() = Stage::replaying;
    if (chosen) return snapshot_->edit().read(turn);
    snapshot_.reset();
    replay_next(turn);
}

// Why this node may not lead by itself; empty when it may.
std::string Quorum::why_not_alone() const {
    if (!constitution_.voters) return "";
    for (const auto& voter : constitution_.voters->voters) {
        if (NodeId(voter.voter_id) == node_) continue;
        return fmt::format(
            "{}: the log names the voter {}; this release knows a quorum of one voter only",
            directory_, voter.voter_id);
    }
    return "";
}

void Quorum::on_replayed(Turn& turn) {
    if (const std::string why = why_not_alone(); !why.empty()) return fail(why, turn);
    if (has_records_) return store_state(turn);
    read_bootstrap(turn);
}

void Quorum::read_bootstrap(Turn& turn) {
    stage() = Stage::reading_bootstrap;
    file_read_ =
        ReadFile(state_token(), state_file(), directory_of(directory_) + "/bootstrap.checkpoint");
    file_read_.start(turn);
}

void Quorum::on_bootstrap_read(Turn& turn) {
    const std::string path = directory_of(directory_) + "/bootstrap.checkpoint";
    if (file_read_.status() == StorageStatus::not_found) return store_state(turn);
    if (file_read_.status() != StorageStatus::ok)
        return fail("bootstrap.checkpoint cannot be read", file_read_.status(), turn);
    SnapshotScan scan = scan_snapshot(file_read_.bytes());
    if (!scan.is_done() || !scan.why().empty()) {
        return fail(fmt::format("{} {}", path, scan.why().empty() ? "is torn" : scan.why()), turn);
    }
    for (Committed& batch : scan.take()) {
        for (Bytes& value : batch.values) bootstrap_.push_back(std::move(value));
    }
    store_state(turn);
}

// With kraft.version 1 the voters stand in the log, and the file has its second form.
void Quorum::store_state(Turn& turn) {
    const bool are_voters_in_log = constitution_.kraft_version > 0;
    QuorumState state{node_, epoch_, no_node, {}};
    if (!are_voters_in_log) state.voters = {node_};
    state.version = are_voters_in_log ? 1 : 0;
    stage() = Stage::storing_state;
    state_write_ =
        ReplaceFile(state_token(), state_file(), directory_ + "/quorum-state", print(state));
    state_write_.start(turn);
}

void Quorum::on_state_written(Turn& turn) {
    if (state_write_.status() != StorageStatus::ok) {
        return fail("quorum-state cannot be written", state_write_.status(), turn);
    }
    role_ = Leader{log_.log_end_offset()};
    turn.note(Occurrence::Kind::role, "__cluster_metadata-0",
              fmt::format("leader of epoch {}, the only voter", epoch_.value()));
    take_office(turn);
}

// Without LeaderChange there is no epoch to append in.
void Quorum::take_office(Turn& turn) {
    protocol::LeaderChangeMessage change;
    change.leader_id = node_.value();
    change.version = constitution_.voters ? 1 : 0;
    protocol::LeaderChangeMessage::Voter me;
    me.voter_id = node_.value();
    if (constitution_.voters && !constitution_.voters->voters.empty()) {
        me.voter_directory_id = constitution_.voters->voters.front().voter_directory_id;
    }
    change.voters = change.granting_voters = {me};
    const auto value = protocol::encode(change, change.version);
    CHECK(value.has_value());
    const auto batch = records::control_batch(records::ControlType::leader_change, *value,
                                              turn.wall.time_since_epoch().count());
    if (!log_.append(batch, epoch_, turn)) return wait_for_room("the log takes no record", turn);
    log_.flush(turn);
}

bool Quorum::append(const std::vector<Bytes>& values, Turn& turn) {
    CHECK(is_leader());
    if (values.empty()) return true;
    const std::int64_t timestamp = turn.wall.time_since_epoch().count();
    records::BatchBuilder batch;
    for (const Bytes& value : values) batch.add(timestamp, std::nullopt, value.view());
    const records::Prepared prepared = batch.finish();
    const auto appended = log_.append(prepared, epoch_, turn);
    if (!appended) return false;
    log_.flush(turn);
    appended_.push_back({appended->base, appended->last + 1, epoch_, values, timestamp,
                         static_cast<std::uint32_t>(prepared.size())});
    return true;
}

Offset Quorum::high_watermark() const { return is_leader() ? log_.flushed_end() : Offset(0); }

bool Quorum::caught_up() const {
    const auto* leader = std::get_if<Leader>(&role_);
    return leader != nullptr && replayed_ > leader->epoch_start;
}

std::vector<Committed> Quorum::take_committed() { return std::exchange(committed_, {}); }

void Quorum::commit_appended(const Turn& turn) {
    const Offset end =
        turn.guards.has(Guard::metadata_is_flushed) ? high_watermark() : log_.written_end();
    while (!appended_.empty() && appended_.front().base_offset < end) {
        committed_.push_back(std::move(appended_.front()));
        appended_.pop_front();
    }
}

// A batch of ours that the disk did not take was never committed; the log is as before it.
void Quorum::drop_lost(Turn& turn) {
    const auto cut = log_.take_cut();
    if (cut && is_leader() && !caught_up()) return wait_for_room("the log takes no record", turn);
    while (cut && !appended_.empty() && appended_.back().base_offset >= *cut) {
        lost_from_ = appended_.back().base_offset;
        appended_.pop_back();
    }
}

Offset Quorum::replay_end() const { return is_leader() ? high_watermark() : log_.log_end_offset(); }

void Quorum::replay_next(Turn& turn) {
    if (is_replaying_ || snapshot_) return;
    if (replayed_ >= replay_end()) return is_leader() ? void() : on_replayed(turn);
    is_replaying_ = true;
    const auto place = log_.locate(replayed_, replay_end(), replay_bytes, replay_lookup, turn);
    if (const auto* range = std::get_if<log::FileRange>(&place)) return read_range(*range, turn);
    CHECK(!std::holds_alternative<log::OutOfRange>(place));
}

void Quorum::read_range(const log::FileRange& range, Turn& turn) {
    turn.ask(effect::Read{replay_token(), range.file, range.position, range.length});
}

void Quorum::on_replay_read(const event::StorageDone& done, Turn& turn) {
    is_replaying_ = false;
    if (done.status != StorageStatus::ok) return fail("the log cannot be read", done.status, turn);
    const Offset before = replayed_;
    if (auto why = replay(done.bytes)) return fail(fmt::format("{}: {}", directory_, *why), turn);
    if (replayed_ == before) return fail(directory_ + ": the log ends inside a batch", turn);
    on_log_progress(turn);
}

// Cuts what was read into batches, up to where the replay may go. Says what is wrong with them.
std::optional<std::string> Quorum::replay(const Bytes& bytes) {
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) {
        if (batch->header.next_offset() <= replayed_) continue;
        if (batch->header.base_offset >= replay_end()) break;
        auto read = read_batch(*batch, constitution_);
        if (!read) return std::move(read.error());
        replayed_ = batch->header.next_offset();
        if (!*read) continue;
        has_records_ = true;
        committed_.push_back(**std::move(read));
    }
    return std::nullopt;
}

void Quorum::fail(std::string why, Turn& turn) {
    if (!failure_.empty()) return;
    failure_ = std::move(why);
    turn.note(Occurrence::Kind::storage, "__cluster_metadata-0", failure_, Severity::error);
}

void Quorum::fail(const std::string& what, StorageStatus status, Turn& turn) {
    if (status == StorageStatus::no_space) return wait_for_room(what, turn);
    fail(fmt::format("{}: {}: {}", directory_, what, name_of(status)), turn);
}

void Quorum::wait_for_room(std::string what, Turn& turn) {
    if (refused_.empty())
        turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
                  what + ": the disk is full: this is tried again until there is room",
                  Severity::error);
    refused_ = std::move(what);
}

void Quorum::try_again(Turn& turn) {
    if (!failure_.empty()) return;
    const bool is_refused = !std::exchange(refused_, {}).empty();
    if (is_leader()) {
        if (log_.waits_for_room()) log_.try_again(turn);
        return is_refused ? take_office(turn) : void();
    }
    switch (stage()) {
        case Stage::opening_log:
            return log_.state() == LogState::closed ? open_log(turn) : void();
        case Stage::reading_state: return is_refused ? read_state(turn) : void();
        case Stage::replaying: return is_refused ? replay_next(turn) : void();
        case Stage::reading_bootstrap: return is_refused ? read_bootstrap(turn) : void();
        case Stage::storing_state: return is_refused ? store_state(turn) : void();
        case Stage::finding_snapshot:
            return is_refused ? start(was_clean_stop_, turn) : void();
        case Stage::closing_log: return;
    }
}

void Quorum::close(Turn& turn) { log_.close(turn); }

bool Quorum::is_closed() const { return log_.state() == LogState::closed; }

}  // namespace barnabas::quorum
