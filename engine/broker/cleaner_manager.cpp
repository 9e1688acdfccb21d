#include "engine/broker/cleaner_manager.h"

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/broker/names.h"
#include "engine/log/checkpoint.h"
#include "engine/runtime/visit.h"

namespace barnabas::broker {
namespace {

constexpr Token cleaner_token{names::cleaner};
constexpr FileId cleaner_file{names::cleaner};
constexpr std::string_view checkpoint_name = "/cleaner-offset-checkpoint";
constexpr std::uint32_t considered_a_turn = 1000;
constexpr Duration wait_least = 1ms;     // less is made good for later
constexpr Duration postponed_most = 1h;  // unless the backoff is longer

}  // namespace

CleanerManager::CleanerManager(const settings::BrokerSettings& settings)
    : is_enabled_(settings.flag("log.cleaner.enable")) {
    on_settings(settings);
}

void CleanerManager::on_settings(const settings::BrokerSettings& settings) {
    backoff_ = std::max(wait_of(settings.number("log.cleaner.backoff.ms")), wait_least);
    bytes_per_second_max_ = static_cast<std::uint64_t>(std::max<std::int64_t>(
        1, settings.millionths("log.cleaner.io.max.bytes.per.second") / 1'000'000));
    defaults_.map_bytes_max = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, settings.number("log.cleaner.dedupe.buffer.size")));
    defaults_.map_load_millionths = settings.millionths("log.cleaner.io.buffer.load.factor");
}

log::CleaningSettings CleanerManager::settings_for(const settings::TopicSettings& topic) const {
    log::CleaningSettings settings = defaults_;
    settings.delete_retention_ms = topic.delete_retention.count();
    settings.lag_ms_min = topic.compaction_lag_min.count();
    settings.lag_ms_max = topic.compaction_lag_max.count();
    settings.dirty_ratio_min_millionths = topic.cleanable_ratio_min_millionths;
    return settings;
}

void CleanerManager::start(const std::vector<LogDirectory>& directories, Turn& turn) {
    if (!is_enabled_) return;
    CHECK(stage_ == Stage::off);
    stage_ = Stage::reading;
    for (const LogDirectory& directory : directories) directories_.push_back(directory.path);
    cleaned_.resize(directories_.size());
    read_ =
        ReadFile(cleaner_token, cleaner_file, directories_.front() + std::string(checkpoint_name));
    read_.start(turn);
}

void CleanerManager::on(const event::StorageDone& done, Replicas& replicas, Turn& turn) {
    if (stage_ == Stage::reading) {
        read_.on(done, turn);
        if (read_.is_done()) on_read(replicas, turn);
        return;
    }
    CHECK(stage_ == Stage::storing);
    write_.on(done, turn);
    if (!write_.is_done()) return;
    if (is_of_medium(write_.status())) broken_directory_ = storing_;
    if (write_.status() == StorageStatus::no_space) unstored_.insert(storing_);
    if (write_.status() != StorageStatus::ok) {
        turn.note(Occurrence::Kind::storage, "cleaner-offset-checkpoint",
                  "could not be written: until it is, more is cleaned than need be after a start",
                  Severity::warning);
        return rest(turn);
    }
    unstored_.erase(storing_);
    stage_ = Stage::considering;
    consider(replicas, turn);
}

// One that cannot be read, or says more than there is, costs no more than cleaning again.
void CleanerManager::on_read(Replicas& replicas, Turn& turn) {
    if (is_of_medium(read_.status())) broken_directory_ = reading_;
    auto offsets = log::parse_offsets(read_.bytes().text());
    if (offsets) {
        cleaned_[reading_] = std::move(*offsets);
    } else if (read_.status() != StorageStatus::not_found) {
        const bool is_read = read_.status() == StorageStatus::ok;
        turn.note(Occurrence::Kind::storage, directories_[reading_],
                  "cleaner-offset-checkpoint: " +
                      (is_read ? offsets.error() : std::string(name_of(read_.status()))) +
                      ": ignored",
                  Severity::warning);
    }
    if (++reading_ < directories_.size()) {
        read_ = ReadFile(cleaner_token, cleaner_file,
                         directories_[reading_] + std::string(checkpoint_name));
        return read_.start(turn);
    }
    drop_stale(replicas);
    stage_ = Stage::considering;
    consider(replicas, turn);
}

void CleanerManager::remember_ends(const Replicas& replicas) {
    if (!is_enabled_) return;
    for (const auto& replica : replicas.all())
        ends_.push_back(replica && replica->is_open() ? replica->log.log_end_offset() : Offset(0));
}

// What clients wrote since the start does not stand for what power loss took.
void CleanerManager::drop_stale(const Replicas& replicas) {
    ends_.resize(replicas.all().size());
    for (std::size_t slot = 0; slot < ends_.size(); ++slot) {
        const auto& replica = replicas.all()[slot];
        // One that waits for room on its disk has shown no end yet: it is cleaned from its start.
        if (!replica || !(replica->is_open() || replica->waits_for_room())) continue;
        const auto found = cleaned_[replica->directory].find(replica->name);
        if (found != cleaned_[replica->directory].end() && found->second > ends_[slot])
            cleaned_[replica->directory].erase(found);
    }
    ends_ = {};
}

void CleanerManager::rest(Turn& turn) {
    stage_ = Stage::resting;
    turn.ask(effect::ArmTimer{names::cleaner_due, turn.now + backoff_});
}

void CleanerManager::on_timer(Replicas& replicas, Turn& turn) {
    if (stage_ != Stage::resting) return take_slice(replicas, turn);
    stage_ = Stage::considering;
    consider(replicas, turn);
}

void CleanerManager::on_continued(Replicas& replicas, Turn& turn) {
    if (stage_ == Stage::considering) return consider(replicas, turn);
    take_slice(replicas, turn);
}

void CleanerManager::take_slice(Replicas& replicas, Turn& turn) {
    if (stage_ != Stage::cleaning || !std::exchange(is_slice_asked_, false)) return;
    Replica& replica = replicas.at(*current_);
    if (!replica.log.is_cleaning()) return on_ended(replica, turn);  // its directory is offline
    if (!replica.log.is_cleaning_waiting()) return;
    replica.log.go_on_cleaning(turn);
    on_log(*current_, replicas, turn);
}

std::optional<log::Cleanable> CleanerManager::look_at(std::uint32_t slot, Replicas& replicas,
                                                      Turn& turn) {
    if (!replicas.all()[slot] || uncleanable_.contains(slot)) return std::nullopt;
    const auto postponed = postponed_.find(slot);
    if (postponed != postponed_.end() && turn.now < postponed->second.until) return std::nullopt;
    Replica& replica = replicas.at(slot);
    if (!replica.is_open() || !replica.settings->is_compacted) return std::nullopt;
    const auto& cleaned = cleaned_[replica.directory];
    const auto found = cleaned.find(replica.name);
    const Offset first_dirty =
        found == cleaned.end() ? replica.log.log_start_offset() : found->second;
    if (first_dirty >= replica.log.log_end_offset()) return std::nullopt;
    const log::CleaningSettings settings = settings_for(*replica.settings);
    const auto what = replica.log.cleanable(
        first_dirty, replica.log.last_stable_offset(replica.high_watermark()), settings, turn);
    return what.is_due(settings) ? std::optional(what) : std::nullopt;
}

void CleanerManager::consider(Replicas& replicas, Turn& turn) {
    const auto end = static_cast<std::uint32_t>(replicas.all().size());
    const std::uint32_t stop = std::min(end, next_slot_ + considered_a_turn);
    for (; next_slot_ < stop; ++next_slot_) {
        const auto what = look_at(next_slot_, replicas, turn);
        if (what && (!best_ || what->is_dirtier_than(best_->what))) best_ = {next_slot_, *what};
    }
    if (next_slot_ < end) return turn.ask(effect::Continue{cleaner_token});
    next_slot_ = 0;
    const auto best = std::exchange(best_, std::nullopt);
    if (!best && !unstored_.empty()) return store(*unstored_.begin(), turn);
    if (!best) return rest(turn);
    begin(best->slot, replicas, turn);
}

void CleanerManager::begin(std::uint32_t slot, Replicas& replicas, Turn& turn) {
    const auto what = look_at(slot, replicas, turn);  // it may have changed since
    if (!what) return rest(turn);
    Replica& replica = replicas.at(slot);
    stage_ = Stage::cleaning;
    current_ = slot;
    replica.log.clean(*what, settings_for(*replica.settings), turn);
    on_log(slot, replicas, turn);
}

void CleanerManager::on_log(std::uint32_t slot, Replicas& replicas, Turn& turn) {
    if (current_ != slot) return;
    Replica& replica = replicas.at(slot);
    if (replica.log.is_cleaning_waiting() && !is_slice_asked_) wait_for_slice(replica, turn);
    if (!replica.log.is_cleaning()) on_ended(replica, turn);
}

// What was moved is paid for before the next slice.
void CleanerManager::wait_for_slice(Replica& replica, Turn& turn) {
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t second = 1'000'000'000;
    const Wide cost = Wide(replica.log.take_cleaning_moved()) * second / bytes_per_second_max_;
    slice_at_ = std::max(slice_at_, turn.now) + Duration(static_cast<std::int64_t>(cost));
    is_slice_asked_ = true;
    if (slice_at_ - turn.now < wait_least) return turn.ask(effect::Continue{cleaner_token});
    turn.ask(effect::ArmTimer{names::cleaner_due, slice_at_});
}

void CleanerManager::on_ended(Replica& replica, Turn& turn) {
    const std::uint32_t slot = *current_;
    current_.reset();
    is_slice_asked_ = false;
    const auto result = replica.log.take_cleaning_result();
    if (!result) return rest(turn);  // the log failed
    switch (result->trouble) {
        case log::Cleaner::Trouble::none:
            cleaned_[replica.directory][replica.name] = result->cleaned_end;
            postponed_.erase(slot);
            return store(replica.directory, turn);
        case log::Cleaner::Trouble::corrupt: uncleanable_.insert(slot); break;
        case log::Cleaner::Trouble::no_space: postpone(slot, turn); break;
        case log::Cleaner::Trouble::stopped:
        case log::Cleaner::Trouble::storage: break;
    }
    rest(turn);
}

// At least over the next round, in which a smaller log may free what this one needs.
void CleanerManager::postpone(std::uint32_t slot, const Turn& turn) {
    Postponed& log = postponed_[slot];
    const Duration doubled = 2 * std::min(log.wait, postponed_most / 2);
    log.wait = std::max(doubled, 2 * std::max(backoff_, Duration(1s)));
    log.until = turn.now + log.wait;
}

void CleanerManager::store(std::size_t directory, Turn& turn) {
    stage_ = Stage::storing;
    storing_ = directory;
    write_ = ReplaceFile(cleaner_token, cleaner_file,
                         directories_[directory] + std::string(checkpoint_name),
                         Bytes::copy(log::format_offsets(cleaned_[directory])));
    write_.start(turn);
}

}  // namespace barnabas::broker
