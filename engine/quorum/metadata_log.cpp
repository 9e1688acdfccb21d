#include "engine/quorum/metadata_log.h"

#include <fmt/format.h>

#include "engine/records/build.h"
#include "engine/runtime/visit.h"

namespace barnabas::quorum {
namespace {

constexpr std::uint32_t read_bytes = 1u << 20;
constexpr log::LookupId read_lookup{1};
constexpr std::uint64_t tokens_of_log = 1u << 24;

// The id of __cluster_metadata: the second of the reserved ones.
constexpr TopicId metadata_topic_id{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

using LogState = log::PartitionLog::State;

}  // namespace

MetadataLog::MetadataLog(const std::string& log_directory, log::LogConfig config,
                         std::uint64_t first_token, SnapshotRetention retention)
    : directory_(log_directory + "/__cluster_metadata-0"),
      first_token_(first_token),
      log_({"__cluster_metadata", PartitionIndex(0)}, metadata_topic_id, directory_, Cow(config),
           {first_token}),
      retention_(retention) {}

MetadataLog::MetadataLog(const MetadataLog& other) = default;
MetadataLog::MetadataLog(MetadataLog&& other) noexcept = default;
MetadataLog& MetadataLog::operator=(const MetadataLog& other) = default;
MetadataLog& MetadataLog::operator=(MetadataLog&& other) noexcept = default;
MetadataLog::~MetadataLog() = default;

bool MetadataLog::owns(Token token) const {
    return token.value() >= first_token_ && token.value() < first_token_ + 2 * tokens_of_log;
}

Token MetadataLog::token_of(Job job) const {
    return Token(first_token_ + tokens_of_log + static_cast<std::uint64_t>(job));
}

std::string MetadataLog::path_of(std::string_view name) const {
    return fmt::format("{}/{}", directory_, name);
}

void MetadataLog::start(bool was_clean_stop, Turn& turn) {
    was_clean_stop_ = was_clean_stop;
    loader_.emplace(SnapshotLoader(token_of(Job::snapshot), file_of(Job::snapshot), directory_));
    loader_->edit().start(turn);
}

void MetadataLog::on(const event::StorageDone& done, Turn& turn) {
    CHECK(owns(done.operation));
    if (!failure_.empty()) return;
    if (done.operation.value() < first_token_ + tokens_of_log) {
        log_.on(done, turn);
        return on_log_progress(turn);
    }
    if (done.operation == token_of(Job::reading)) return on_log_read(done, turn);
    if (done.operation == token_of(Job::writer)) return on_snapshot_written(done, turn);
    // A snapshot that could not be removed is looked at by the next start.
    if (done.operation == token_of(Job::remover)) return;
    if (!is_loaded()) return on_loading(done, turn);
    CHECK(done.operation == token_of(Job::state));
    state_write_.on(done, turn);
    if (state_write_.is_done()) on_state_written(turn);
}

void MetadataLog::on_loading(const event::StorageDone& done, Turn& turn) {
    if (done.operation == token_of(Job::snapshot)) {
        loader_->edit().on(done, turn);
        return on_snapshot_progress(turn);
    }
    CHECK(done.operation == token_of(Job::state));
    file_read_.on(done, turn);
    if (!file_read_.is_done()) return;
    stage_ == Stage::reading_state ? on_state_read(turn) : on_bootstrap_read(turn);
}

void MetadataLog::on_snapshot_progress(Turn& turn) {
    SnapshotLoader& loader = loader_->edit();
    if (!loader.failure().empty()) {
        if (stage_ == Stage::finding_snapshot) return fail(loader.failure(), loader.status(), turn);
        return fail(directory_ + ": " + loader.failure(), turn);  // half of it came out
    }
    if (stage_ == Stage::finding_snapshot) {
        if (!loader.has_chosen()) return;
        snapshots_ = loader.rows();
        if (loader.chosen()) given_end_ = high_watermark_ = loader.chosen()->id.end;
        stage_ = Stage::opening_log;
        return open_log(turn);
    }
    for (Committed& batch : loader.take()) {
        has_records_ = true;
        committed_.push_back(std::move(batch));
    }
    if (!loader.is_read()) return;
    control_ = loader.control();
    look_through(turn);
}

void MetadataLog::open_log(Turn& turn) {
    if (begins_anew_) return log_.open(false, given_end_, given_end_, turn);
    log_.open(was_clean_stop_, Offset(0), Offset(0), turn);
}

void MetadataLog::on_log_progress(Turn& turn) {
    if (log_.state() == LogState::failed) return fail(log_.failure(), turn);
    if (stage_ == Stage::opening_log && log_.state() == LogState::open) return on_log_opened(turn);
    if (stage_ == Stage::closing_log && log_.state() == LogState::closed) {
        stage_ = Stage::opening_log;
        begins_anew_ = true;
        return open_log(turn);
    }
    if (stage_ < Stage::looking_through || log_.state() != LogState::open) return;
    drop_lost();
    for (const log::Found& found : log_.take_found()) {
        const auto* range = std::get_if<log::FileRange>(&found.what);
        if (range == nullptr) return fail(directory_ + ": the log cannot be read", turn);
        read_range(*range, turn);
    }
}

// The log must go on where the snapshot ends. One that ends before it was lost behind it: it begins
// anew there, as Kafka lets it.
void MetadataLog::on_log_opened(Turn& turn) {
    const std::optional<SnapshotRow>& chosen = (*loader_)->chosen();
    const LeaderEpoch latest = log_.leader_epochs().latest().value_or(LeaderEpoch(0));
    if (chosen && (chosen->id.end > log_.log_end_offset() || chosen->id.epoch > latest) &&
        chosen->id.end > log_.log_start_offset()) {
        turn.note(Occurrence::Kind::truncated, "__cluster_metadata-0",
                  fmt::format("the log ends at {}, the snapshot {} is newer: it goes on from there",
                              log_.log_end_offset().value(), file_name(chosen->id)),
                  Severity::warning);
        stage_ = Stage::closing_log;
        return log_.close(turn);
    }
    if (log_.log_start_offset() > given_end_) {
        const std::string& complaint = (*loader_)->complaint();
        return fail(
            fmt::format("{}: the log begins at offset {} and no good snapshot reaches that{}",
                        directory_, log_.log_start_offset().value(),
                        complaint.empty() ? "" : ": " + complaint),
            turn);
    }
    read_state(turn);
}

void MetadataLog::read_state(Turn& turn) {
    stage_ = Stage::reading_state;
    file_read_ = ReadFile(token_of(Job::state), file_of(Job::state), path_of("quorum-state"));
    file_read_.start(turn);
}

void MetadataLog::on_state_read(Turn& turn) {
    if (file_read_.status() == StorageStatus::ok) {
        auto stored = parse_quorum_state(file_read_.bytes().text());
        if (!stored) return fail(path_of("quorum-state") + ": " + stored.error(), turn);
        state_ = *std::move(stored);
    } else if (file_read_.status() != StorageStatus::not_found) {
        return fail("quorum-state cannot be read", file_read_.status(), turn);
    }
    if (!(*loader_)->chosen()) return look_through(turn);
    stage_ = Stage::reading_snapshot;
    loader_->edit().read(turn);
}

LeaderEpoch MetadataLog::latest_epoch() const {
    LeaderEpoch latest =
        std::max(state_.epoch, log_.leader_epochs().latest().value_or(LeaderEpoch(0)));
    if (!snapshots_.empty()) latest = std::max(latest, snapshots_.back().id.epoch);
    return latest;
}

void MetadataLog::look_through(Turn& turn) {
    loader_.reset();
    stage_ = Stage::looking_through;
    look_at_ = given_end_;
    loaded_end_ = log_.log_end_offset();
    read_log(turn);
}

void MetadataLog::on_looked_through(Turn& turn) {
    if (!has_records_) return read_bootstrap(turn);
    stage_ = Stage::loaded;
}

void MetadataLog::read_bootstrap(Turn& turn) {
    stage_ = Stage::reading_bootstrap;
    file_read_ = ReadFile(token_of(Job::state), file_of(Job::state),
                          directory_of(directory_) + "/bootstrap.checkpoint");
    file_read_.start(turn);
}

void MetadataLog::on_bootstrap_read(Turn& turn) {
    stage_ = Stage::loaded;
    const std::string path = directory_of(directory_) + "/bootstrap.checkpoint";
    if (file_read_.status() == StorageStatus::not_found) return;
    if (file_read_.status() != StorageStatus::ok) {
        stage_ = Stage::reading_bootstrap;
        return fail("bootstrap.checkpoint cannot be read", file_read_.status(), turn);
    }
    SnapshotScan scan = scan_snapshot(file_read_.bytes());
    if (!scan.is_done() || !scan.why().empty()) {
        return fail(fmt::format("{} {}", path, scan.why().empty() ? "is torn" : scan.why()), turn);
    }
    for (Committed& batch : scan.take()) {
        for (Bytes& value : batch.values) bootstrap_.push_back(std::move(value));
    }
}

void MetadataLog::store(QuorumState state, Turn& turn) {
    CHECK(is_loaded());
    CHECK(!storing_);
    storing_ = std::move(state);
    write_state(turn);
}

void MetadataLog::write_state(Turn& turn) {
    state_write_ = ReplaceFile(token_of(Job::state), file_of(Job::state), path_of("quorum-state"),
                               print(*storing_));
    state_write_.start(turn);
}

void MetadataLog::on_state_written(Turn& turn) {
    if (state_write_.status() != StorageStatus::ok)
        return fail("quorum-state cannot be written", state_write_.status(), turn);
    state_ = *std::exchange(storing_, std::nullopt);
}

bool MetadataLog::append(const std::vector<Bytes>& values, LeaderEpoch epoch, Turn& turn) {
    if (values.empty()) return true;
    const std::int64_t timestamp = turn.wall.time_since_epoch().count();
    records::BatchBuilder batch;
    for (const Bytes& value : values) batch.add(timestamp, std::nullopt, value.view());
    return append(batch.finish(), epoch, {.values = values, .timestamp = timestamp}, turn);
}

bool MetadataLog::append_control(records::ControlType type, ByteView value, LeaderEpoch epoch,
                                 Turn& turn) {
    const std::int64_t timestamp = turn.wall.time_since_epoch().count();
    return append(records::control_batch(type, value, timestamp), epoch,
                  {.values = {}, .timestamp = timestamp}, turn);
}

bool MetadataLog::append(const records::Prepared& batch, LeaderEpoch epoch, Committed entry,
                         Turn& turn) {
    CHECK(is_loaded());
    const auto appended = log_.append(batch, epoch, turn);
    if (!appended) return false;
    log_.flush(turn);
    entry.base_offset = appended->base;
    entry.next_offset = appended->last + 1;
    entry.epoch = epoch;
    entry.size = static_cast<std::uint32_t>(batch.size());
    appended_.push_back(std::move(entry));
    return true;
}

void MetadataLog::commit(Offset high_watermark, Turn& turn) {
    CHECK(is_loaded());
    if (high_watermark <= high_watermark_) return;
    CHECK(high_watermark <= log_.log_end_offset());
    high_watermark_ = high_watermark;
    read_log(turn);
    give_out_appended();
}

// Those of earlier lives come before them, out of the file.
void MetadataLog::give_out_appended() {
    if (given_end_ < loaded_end_) return;
    while (!appended_.empty() && appended_.front().base_offset < high_watermark_) {
        given_end_ = appended_.front().next_offset;
        if (!appended_.front().values.empty()) committed_.push_back(std::move(appended_.front()));
        appended_.pop_front();
    }
}

// A batch of this life that the disk did not take was never committed; the log is as before it.
void MetadataLog::drop_lost() {
    const auto cut = log_.take_cut();
    while (cut && !appended_.empty() && appended_.back().base_offset >= *cut) {
        if (!appended_.back().values.empty()) lost_from_ = appended_.back().base_offset;
        appended_.pop_back();
    }
}

// Up to where the file is read: to be looked through, or to give out what is committed.
Offset MetadataLog::read_end() const {
    return is_loaded() ? std::min(high_watermark_, loaded_end_) : loaded_end_;
}

void MetadataLog::read_log(Turn& turn) {
    if (is_reading_) return;
    const Offset from = is_loaded() ? given_end_ : look_at_;
    if (from >= read_end()) return is_loaded() ? void() : on_looked_through(turn);
    is_reading_ = true;
    const auto place = log_.locate(from, read_end(), read_bytes, read_lookup, turn);
    if (const auto* range = std::get_if<log::FileRange>(&place)) return read_range(*range, turn);
    CHECK(!std::holds_alternative<log::OutOfRange>(place));
}

void MetadataLog::read_range(const log::FileRange& range, Turn& turn) {
    turn.ask(effect::Read{token_of(Job::reading), range.file, range.position, range.length});
}

void MetadataLog::on_log_read(const event::StorageDone& done, Turn& turn) {
    is_reading_ = false;
    if (done.status != StorageStatus::ok) return fail("the log cannot be read", done.status, turn);
    const Offset before = is_loaded() ? given_end_ : look_at_;
    if (auto why = take_batches(done.bytes))
        return fail(fmt::format("{}: {}", directory_, *why), turn);
    if ((is_loaded() ? given_end_ : look_at_) == before)
        return fail(directory_ + ": the log ends inside a batch", turn);
    read_log(turn);
    if (is_loaded()) give_out_appended();
}

// What was read of the log, batch by batch. Says what is wrong with them.
std::optional<std::string> MetadataLog::take_batches(const Bytes& bytes) {
    records::BatchReader reader(bytes);
    Offset& at = is_loaded() ? given_end_ : look_at_;
    while (const auto batch = reader.next()) {
        if (batch->header.next_offset() <= at) continue;
        if (batch->header.base_offset >= read_end()) break;
        if (is_loaded()) {
            ControlState known;  // since the log was looked through
            auto read = read_batch(*batch, known);
            if (!read) return std::move(read.error());
            if (*read) committed_.push_back(**std::move(read));
        } else {
            if (auto why = read_control(*batch, control_)) return why;
            has_records_ = has_records_ || !batch->header.is_control();
        }
        at = batch->header.next_offset();
    }
    return std::nullopt;
}

void MetadataLog::fail(std::string why, Turn& turn) {
    if (!failure_.empty()) return;
    failure_ = std::move(why);
    turn.note(Occurrence::Kind::storage, "__cluster_metadata-0", failure_, Severity::error);
}

void MetadataLog::fail(const std::string& what, StorageStatus status, Turn& turn) {
    if (status == StorageStatus::no_space) return wait_for_room(what, turn);
    fail(fmt::format("{}: {}: {}", directory_, what, name_of(status)), turn);
}

void MetadataLog::wait_for_room(std::string what, Turn& turn) {
    if (refused_.empty())
        turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
                  what + ": the disk is full: this is tried again until there is room",
                  Severity::error);
    refused_ = std::move(what);
}

void MetadataLog::try_again(Turn& turn) {
    if (!failure_.empty()) return;
    const bool is_refused = !std::exchange(refused_, {}).empty();
    switch (stage_) {
        case Stage::opening_log:
            return log_.state() == LogState::closed ? open_log(turn) : void();
        case Stage::reading_state: return is_refused ? read_state(turn) : void();
        case Stage::looking_through: return is_refused ? read_log(turn) : void();
        case Stage::reading_bootstrap: return is_refused ? read_bootstrap(turn) : void();
        case Stage::finding_snapshot:
            return is_refused ? start(was_clean_stop_, turn) : void();
        case Stage::closing_log:
        case Stage::reading_snapshot: return;
        case Stage::loaded: break;
    }
    if (log_.waits_for_room()) log_.try_again(turn);
    if (!is_refused) return;
    if (storing_ && state_write_.is_done()) write_state(turn);
    read_log(turn);
}

}  // namespace barnabas::quorum
