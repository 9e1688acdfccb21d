#include "engine/quorum/quorum.h"

#include <fmt/format.h>

#include "engine/protocol/messages/quorum_records.h"
#include "engine/protocol/stored.h"
#include "engine/quorum/state_file.h"
#include "engine/records/build.h"
#include "engine/records/record.h"

namespace barnabas::quorum {
namespace {

// Of the quorum's names, the upper half; the log has the lower.
constexpr std::uint64_t own_names = 1u << 24;
constexpr Token state_token(std::uint64_t names) { return Token(names + own_names); }
constexpr Token replay_token(std::uint64_t names) { return Token(names + own_names + 1); }
constexpr FileId state_file(std::uint64_t names) { return FileId(names + own_names); }

constexpr std::uint32_t replay_bytes = 1u << 20;
constexpr log::LookupId replay_lookup{1};

// The id of __cluster_metadata: the second of the reserved ones.
constexpr TopicId metadata_topic_id{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

using LogState = log::PartitionLog::State;

}  // namespace

Quorum::Quorum(NodeId node, std::string log_directory, log::LogConfig config, std::uint64_t names)
    : node_(node),
      directory_(log_directory + "/__cluster_metadata-0"),
      names_(names),
      log_({"__cluster_metadata", PartitionIndex(0)}, metadata_topic_id, directory_,
           std::move(config), {names}),
      state_read_(state_token(names), state_file(names), directory_ + "/quorum-state") {}

bool Quorum::owns(Token token) const {
    return token.value() >= names_ && token.value() < names_ + 2 * own_names;
}

void Quorum::start(bool was_clean_stop, Turn& turn) {
    log_.open(was_clean_stop, Offset(0), Offset(0), turn);
}

void Quorum::on(const event::StorageDone& done, Turn& turn) {
    CHECK(owns(done.operation));
    if (done.operation == replay_token(names_)) return on_replay_read(done, turn);
    if (done.operation != state_token(names_)) {
        log_.on(done, turn);
        return on_log_progress(turn);
    }
    CHECK(std::holds_alternative<Loading>(role_));
    if (std::get<Loading>(role_).stage == Stage::reading_state) {
        state_read_.on(done, turn);
        if (state_read_.is_done()) on_state_read(turn);
    } else {
        state_write_.on(done, turn);
        if (state_write_.is_done()) on_state_written(turn);
    }
}

void Quorum::on_log_progress(Turn& turn) {
    if (log_.state() == LogState::failed) return fail(log_.failure(), turn);
    if (log_.state() != LogState::open) return;
    if (auto* loading = std::get_if<Loading>(&role_)) {
        if (loading->stage != Stage::opening_log) return;
        loading->stage = Stage::reading_state;
        return state_read_.start(turn);
    }
    drop_lost();
    if (caught_up()) return commit_appended(turn);
    for (const log::Found& found : log_.take_found()) {
        const auto* range = std::get_if<log::FileRange>(&found.what);
        if (range == nullptr) return fail(directory_ + ": the log cannot be read", turn);
        read_range(*range, turn);
    }
    replay_next(turn);
}

void Quorum::on_state_read(Turn& turn) {
    QuorumState state;
    if (state_read_.status() == StorageStatus::ok) {
        const auto stored = parse_quorum_state(state_read_.bytes().text());
        if (!stored) return fail(directory_ + "/quorum-state: " + stored.error(), turn);
        state = *stored;
    } else if (state_read_.status() != StorageStatus::not_found) {
        return fail(directory_ + "/quorum-state cannot be read", turn);
    }
    for (const NodeId voter : state.voters) {
        if (voter == node_) continue;
        return fail(
            fmt::format(
                "{}/quorum-state names the voter {}; this release knows a quorum of one voter only",
                directory_, voter.value()),
            turn);
    }
    epoch_ = std::max(state.epoch, log_.leader_epochs().latest().value_or(LeaderEpoch(0))) + 1;
    std::get<Loading>(role_).stage = Stage::storing_state;
    state_write_ =
        ReplaceFile(state_token(names_), state_file(names_), directory_ + "/quorum-state",
                    print(QuorumState{node_, epoch_, no_node, {node_}}));
    state_write_.start(turn);
}

void Quorum::on_state_written(Turn& turn) {
    if (state_write_.status() != StorageStatus::ok) {
        return fail(directory_ + "/quorum-state cannot be written", turn);
    }
    role_ = Leader{log_.log_end_offset()};
    turn.note(Occurrence::Kind::role, "__cluster_metadata-0",
              fmt::format("leader of epoch {}, the only voter", epoch_.value()));
    const bool is_taken = take_office(turn);
    if (!is_taken) fail(directory_ + ": the log takes no record", turn);
}

bool Quorum::take_office(Turn& turn) {
    protocol::LeaderChangeMessage change;
    change.leader_id = node_.value();
    change.voters.emplace_back().voter_id = node_.value();
    change.granting_voters.emplace_back().voter_id = node_.value();
    const auto value = protocol::encode(change, 0);
    CHECK(value.has_value());
    const auto batch = records::control_batch(records::ControlType::leader_change, *value,
                                              turn.wall.time_since_epoch().count());
    if (!log_.append(batch, epoch_, turn)) return false;
    log_.flush(turn);
    return true;
}

bool Quorum::append(const std::vector<Bytes>& values, Turn& turn) {
    CHECK(is_leader());
    CHECK(!values.empty());
    records::BatchBuilder batch;
    for (const Bytes& value : values) {
        batch.add(turn.wall.time_since_epoch().count(), std::nullopt, value.view());
    }
    const auto appended = log_.append(batch.finish(), epoch_, turn);
    if (!appended) return false;
    log_.flush(turn);
    appended_.push_back({appended->base, epoch_, values});
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
void Quorum::drop_lost() {
    const auto cut = log_.take_cut();
    while (cut && !appended_.empty() && appended_.back().base_offset >= *cut) {
        appended_.pop_back();
        has_lost_ = true;
    }
}

void Quorum::replay_next(Turn& turn) {
    if (is_replaying_ || replayed_ >= high_watermark()) return;
    is_replaying_ = true;
    const auto place = log_.locate(replayed_, high_watermark(), replay_bytes, replay_lookup, turn);
    if (const auto* range = std::get_if<log::FileRange>(&place)) return read_range(*range, turn);
    CHECK(!std::holds_alternative<log::OutOfRange>(place));
}

void Quorum::read_range(const log::FileRange& range, Turn& turn) {
    turn.ask(effect::Read{replay_token(names_), range.file, range.position, range.length});
}

void Quorum::on_replay_read(const event::StorageDone& done, Turn& turn) {
    is_replaying_ = false;
    if (done.status != StorageStatus::ok)
        return fail(directory_ + ": the log cannot be read", turn);
    const Offset before = replayed_;
    if (auto why = replay(done.bytes)) return fail(fmt::format("{}: {}", directory_, *why), turn);
    if (replayed_ == before) return fail(directory_ + ": the log ends inside a batch", turn);
    on_log_progress(turn);
}

// Cuts what was read into batches, up to the high watermark. Says what is wrong with them.
std::optional<std::string> Quorum::replay(const Bytes& bytes) {
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) {
        const records::BatchHeader& header = batch->header;
        if (header.next_offset() <= replayed_) continue;
        if (header.base_offset >= high_watermark()) break;
        if (!batch->has_good_crc()) {
            return fmt::format("the batch at offset {} has a bad CRC", header.base_offset.value());
        }
        replayed_ = header.next_offset();
        if (header.is_control()) continue;
        Committed out{header.base_offset, header.leader_epoch, {}};
        const Bytes records = batch->records();
        records::RecordReader fields(header, records);
        while (const auto record = fields.next()) {
            if (record->value) out.values.push_back(Bytes::copy(*record->value));
        }
        if (!fields.is_good()) {
            return fmt::format("the batch at offset {} holds broken records",
                               header.base_offset.value());
        }
        committed_.push_back(std::move(out));
    }
    return std::nullopt;
}

void Quorum::fail(std::string why, Turn& turn) {
    if (!failure_.empty()) return;
    failure_ = std::move(why);
    turn.note(Occurrence::Kind::storage, "__cluster_metadata-0", failure_, Severity::error);
}

void Quorum::close(Turn& turn) { log_.close(turn); }

bool Quorum::is_closed() const { return log_.state() == LogState::closed; }

void Quorum::digest(Hasher& hasher) const {
    hasher.add(static_cast<std::uint64_t>(role_.index()));
    hasher.add(static_cast<std::uint64_t>(epoch_.value()));
    hasher.add(static_cast<std::uint64_t>(replayed_.value()));
    hasher.add(static_cast<std::uint64_t>(appended_.size()));
    log_.digest(hasher);
}

}  // namespace barnabas::quorum
