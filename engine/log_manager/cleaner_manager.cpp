#include "engine/log_manager/cleaner_manager.h"

#include <algorithm>

#include "engine/base/digest.h"
#include "engine/base/wait.h"
#include "engine/log/checkpoint.h"
#include "engine/runtime/visit.h"

namespace barnabas::log_manager {
namespace {

constexpr std::string_view checkpoint_name = "/cleaner-offset-checkpoint";
constexpr std::uint32_t considered_a_turn = 1000;
constexpr Duration wait_least = 1ms;     // less is made good for later
constexpr Duration postponed_most = 1h;  // unless the backoff is longer

}  // namespace

CleanerManager::CleanerManager(const settings::BrokerSettings& settings, Token token, Token timer,
                               FileId file)
    : token_(token),
      timer_(timer),
      file_(file),
      is_enabled_(settings.flag("log.cleaner.enable")) {
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
        ReadFile(token_, file_, directories_.front() + std::string(checkpoint_name));
    read_.start(turn);
}

void CleanerManager::on(const event::StorageDone& done, const LogManager& manager,
                        log::LogSlots& logs, Turn& turn) {
    if (stage_ == Stage::reading) {
        read_.on(done, turn);
        if (read_.is_done()) on_read(manager, logs, turn);
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
    consider(manager, logs, turn);
}

// One that cannot be read, or says more than there is, costs no more than cleaning again.
void CleanerManager::on_read(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
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
        read_ = ReadFile(token_, file_,
                         directories_[reading_] + std::string(checkpoint_name));
        return read_.start(turn);
    }
    drop_stale(manager, logs);
    stage_ = Stage::considering;
    consider(manager, logs, turn);
}

void CleanerManager::remember_ends(const log::LogSlots& logs) {
    if (!is_enabled_) return;
    for (std::uint32_t slot = 0; slot < logs.slot_count(); ++slot) {
        const log::PartitionLog* log = logs.log_in(slot);
        ends_.push_back(is_open(*log) ? log->log_end_offset() : Offset(0));
    }
}

// What clients wrote since the start does not stand for what power loss took.
void CleanerManager::drop_stale(const LogManager& manager, const log::LogSlots& logs) {
    ends_.resize(logs.slot_count());
    for (std::uint32_t slot = 0; slot < logs.slot_count(); ++slot) {
        const log::PartitionLog* log = logs.log_in(slot);
        // One that waits for room on its disk has shown no end yet: it is cleaned from its start.
        if (!is_open(*log) && !is_closed_for_room(*log)) continue;
        log::PartitionOffsets& cleaned = cleaned_[manager.at(slot).directory];
        const auto found = cleaned.find(log->partition());
        if (found != cleaned.end() && found->second > ends_[slot]) cleaned.erase(found);
    }
    ends_ = {};
}

void CleanerManager::rest(Turn& turn) {
    stage_ = Stage::resting;
    turn.ask(effect::ArmTimer{timer_, turn.now + backoff_});
}

void CleanerManager::on_timer(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
    if (stage_ != Stage::resting) return take_slice(manager, logs, turn);
    stage_ = Stage::considering;
    consider(manager, logs, turn);
}

void CleanerManager::on_continued(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
    if (stage_ == Stage::considering) return consider(manager, logs, turn);
    take_slice(manager, logs, turn);
}

void CleanerManager::take_slice(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
    if (stage_ != Stage::cleaning || !std::exchange(is_slice_asked_, false)) return;
    log::PartitionLog& log = *logs.log_in(*current_);
    if (!log.is_cleaning()) return on_ended(manager, logs, turn);  // its directory is offline
    if (!log.is_cleaning_waiting()) return;
    log.go_on_cleaning(turn);
    on_log(*current_, manager, logs, turn);
}

std::optional<log::Cleanable> CleanerManager::look_at(std::uint32_t slot,
                                                      const LogManager& manager,
                                                      log::LogSlots& logs, Turn& turn) {
    log::PartitionLog* log = logs.log_in(slot);
    if (uncleanable_.contains(slot)) return std::nullopt;
    const auto postponed = postponed_.find(slot);
    if (postponed != postponed_.end() && turn.now < postponed->second.until) return std::nullopt;
    const settings::TopicSettings& topic = logs.settings_in(slot);
    if (!is_open(*log) || !topic.is_compacted) return std::nullopt;
    const auto& cleaned = cleaned_[manager.at(slot).directory];
    const auto found = cleaned.find(log->partition());
    const Offset first_dirty =
        found == cleaned.end() ? log->log_start_offset() : found->second;
    if (first_dirty >= log->log_end_offset()) return std::nullopt;
    const log::CleaningSettings settings = settings_for(topic);
    const Offset stable = log->last_stable_offset(logs.high_watermark_in(slot));
    const auto what = log->cleanable(first_dirty, stable, settings, turn);
    return what.is_due(settings) ? std::optional(what) : std::nullopt;
}

void CleanerManager::consider(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
    const auto end = logs.slot_count();
    const std::uint32_t stop = std::min(end, next_slot_ + considered_a_turn);
    for (; next_slot_ < stop; ++next_slot_) {
        const auto what = look_at(next_slot_, manager, logs, turn);
        if (what && (!best_ || what->is_dirtier_than(best_->what))) best_ = {next_slot_, *what};
    }
    if (next_slot_ < end) return turn.ask(effect::Continue{token_});
    next_slot_ = 0;
    const auto best = std::exchange(best_, std::nullopt);
    if (!best && !unstored_.empty()) return store(*unstored_.begin(), turn);
    if (!best) return rest(turn);
    begin(best->slot, manager, logs, turn);
}

void CleanerManager::begin(std::uint32_t slot, const LogManager& manager, log::LogSlots& logs,
                           Turn& turn) {
    const auto what = look_at(slot, manager, logs, turn);  // it may have changed since
    if (!what) return rest(turn);
    stage_ = Stage::cleaning;
    current_ = slot;
    logs.log_in(slot)->clean(*what, settings_for(logs.settings_in(slot)), turn);
    on_log(slot, manager, logs, turn);
}

void CleanerManager::on_log(std::uint32_t slot, const LogManager& manager, log::LogSlots& logs,
                            Turn& turn) {
    if (current_ != slot) return;
    log::PartitionLog& log = *logs.log_in(slot);
    if (log.is_cleaning_waiting() && !is_slice_asked_) wait_for_slice(log, turn);
    if (!log.is_cleaning()) on_ended(manager, logs, turn);
}

// What was moved is paid for before the next slice.
void CleanerManager::wait_for_slice(log::PartitionLog& log, Turn& turn) {
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t second = 1'000'000'000;
    const Wide cost = Wide(log.take_cleaning_moved()) * second / bytes_per_second_max_;
    slice_at_ = std::max(slice_at_, turn.now) + Duration(static_cast<std::int64_t>(cost));
    is_slice_asked_ = true;
    if (slice_at_ - turn.now < wait_least) return turn.ask(effect::Continue{token_});
    turn.ask(effect::ArmTimer{timer_, slice_at_});
}

void CleanerManager::on_ended(const LogManager& manager, log::LogSlots& logs, Turn& turn) {
    const std::uint32_t slot = *current_;
    current_.reset();
    is_slice_asked_ = false;
    log::PartitionLog& log = *logs.log_in(slot);
    const std::size_t directory = manager.at(slot).directory;
    const auto result = log.take_cleaning_result();
    if (!result) return rest(turn);  // the log failed
    switch (result->trouble) {
        case log::Cleaner::Trouble::none:
            cleaned_[directory][log.partition()] = result->cleaned_end;
            postponed_.erase(slot);
            return store(directory, turn);
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
    write_ = ReplaceFile(token_, file_,
                         directories_[directory] + std::string(checkpoint_name),
                         Bytes::copy(log::format_offsets(cleaned_[directory])));
    write_.start(turn);
}

void CleanerManager::digest(Hasher& hasher) const {
    digest_all(hasher, is_enabled_, backoff_, bytes_per_second_max_, defaults_, stage_,
               directories_, cleaned_, ends_, reading_, storing_, unstored_, broken_directory_,
               read_, write_, next_slot_, best_, current_, uncleanable_, postponed_,
               is_slice_asked_, slice_at_);
}

}  // namespace barnabas::log_manager
