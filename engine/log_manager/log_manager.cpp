#include "engine/log_manager/log_manager.h"

#include <algorithm>

#include "engine/base/digest.h"

namespace barnabas::log_manager {
namespace {

Offset offset_in(const log::PartitionOffsets& offsets, const TopicPartition& name) {
    const auto found = offsets.find(name);
    return found == offsets.end() ? Offset(0) : found->second;
}

}  // namespace

void LogManager::wait_to_open(std::uint32_t slot, const log::PartitionLog& log) {
    ++opening_[log.partition().topic];
    to_open_.push_back(slot);
}

void LogManager::stop_waiting(const log::PartitionLog& log) {
    const auto of_topic = opening_.find(log.partition().topic);
    CHECK(of_topic != opening_.end());
    if (--of_topic->second == 0) opening_.erase(of_topic);
}

void LogManager::add(std::uint32_t slot, std::size_t directory, const Directories& directories,
                     log::LogSlots& logs, Turn& turn) {
    if (slot >= rows_.size()) rows_.resize(slot + 1);
    rows_[slot] = ManagedLog{static_cast<std::uint16_t>(directory)};
    log::PartitionLog& log = *logs.log_in(slot);
    if (directories[directory].is_online) return wait_to_open(slot, log);
    rows_[slot].waits_to_open = false;
    log.take_offline("its log directory is offline", turn);
}

void LogManager::open_next(const Directories& directories, log::LogSlots& logs, Turn& turn) {
    while (!to_open_.empty() && under_way_ < opening_max) {
        const std::uint32_t slot = to_open_.front();
        to_open_.pop_front();
        ++under_way_;
        log::PartitionLog& log = *logs.log_in(slot);
        rows_[slot].waits_to_open = false;
        const LogDirectory& directory = directories[rows_[slot].directory];
        std::optional<Offset> recovery_point;
        if (directory.are_recovery_points_known)
            recovery_point = offset_in(directory.recovery_points, log.partition());
        log.open(directory.was_clean_stop, recovery_point,
                 offset_in(directory.log_starts, log.partition()), turn);
    }
}

void LogManager::on(const event::StorageDone& done, const Directories& directories,
                    log::LogSlots& logs, Turn& turn) {
    change(slot_of(done.operation), logs, [&](log::PartitionLog& log) { log.on(done, turn); });
    open_next(directories, logs, turn);
}

void LogManager::on(const event::Computed& done, log::LogSlots& logs, Turn& turn) {
    change(slot_of(done.job), logs, [&](log::PartitionLog& log) { log.on(done, turn); });
}

void LogManager::try_again(const Directories& directories, log::LogSlots& logs, Turn& turn) {
    for (const std::uint32_t slot : std::exchange(without_room_, {})) {
        log::PartitionLog& log = *logs.log_in(slot);
        if (is_closed_for_room(log)) {
            rows_[slot].waits_to_open = true;
            wait_to_open(slot, log);
        } else if (log.waits_for_room()) {
            change(slot, logs, [&](log::PartitionLog& one) { one.try_again(turn); });
        }
    }
    open_next(directories, logs, turn);
}

std::vector<std::uint32_t> LogManager::take_offline(std::size_t directory, const std::string& why,
                                                    log::LogSlots& logs, Turn& turn) {
    std::vector<std::uint32_t> gone;
    const auto is_in_it = [&](std::uint32_t slot) {
        return rows_[slot].directory == directory;
    };
    std::erase_if(to_open_, is_in_it);
    std::erase_if(without_room_, is_in_it);
    for (std::uint32_t slot = 0; slot < rows_.size(); ++slot) {
        if (!is_in_it(slot)) continue;
        change(slot, logs, [&](log::PartitionLog& log) {
            rows_[slot].waits_to_open = false;
            log.take_offline(why, turn);
        });
        gone.push_back(slot);
    }
    return gone;
}

void LogManager::close(std::uint32_t slot, log::LogSlots& logs, Turn& turn) {
    const log::LogState state = logs.log_in(slot)->state();
    const bool is_to_close = state == log::LogState::open || state == log::LogState::opening ||
                             state == log::LogState::cutting;
    if (is_to_close) change(slot, logs, [&](log::PartitionLog& log) { log.close(turn); });
}

void LogManager::close(log::LogSlots& logs, Turn& turn) {
    to_open_.clear();
    without_room_.clear();
    for (std::uint32_t slot = 0; slot < rows_.size(); ++slot)
        if (!rows_[slot].waits_to_open) close(slot, logs, turn);
}

template <class Visit>
bool LogManager::visit_some(std::uint32_t& from, log::LogSlots& logs, Visit visit) {
    const std::uint32_t end = logs.slot_count();
    const std::uint32_t stop = end - from > visited_at_once ? from + visited_at_once : end;
    for (; from < stop; ++from) {
        if (is_open(*logs.log_in(from))) visit(from);
    }
    if (from < end) return false;
    from = 0;
    return true;
}

bool LogManager::clean_up(log::Promised promised, log::LogSlots& logs, Turn& turn) {
    return visit_some(clean_up_from_, logs, [&](std::uint32_t slot) {
        change(slot, logs, [&](log::PartitionLog& log) {
            log.clean_up(logs.high_watermark_in(slot), turn, promised);
            log.close_unused_files(turn, promised);
        });
    });
}

bool LogManager::flush_old(log::LogSlots& logs, Turn& turn) {
    return visit_some(flush_from_, logs,
                      [&](std::uint32_t slot) { logs.log_in(slot)->flush_if_old(turn); });
}

bool LogManager::expire_producers(log::LogSlots& logs, Turn& turn) {
    return visit_some(expire_from_, logs,
                      [&](std::uint32_t slot) { logs.log_in(slot)->expire_producers(turn); });
}

void LogManager::digest(Hasher& hasher) const {
    digest_all(hasher, rows_, to_open_, under_way_, opening_, without_room_, closing_,
               are_recovery_points_new_, are_log_starts_new_, broken_directory_, clean_up_from_,
               flush_from_, expire_from_);
}

}  // namespace barnabas::log_manager
