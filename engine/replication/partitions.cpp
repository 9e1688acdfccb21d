// Partitions: roles, and who waits.
#include "engine/replication/partitions.h"

#include "engine/base/digest.h"

namespace barnabas::replication {

Partitions::Partitions(NodeId node, const settings::BrokerSettings& settings,
                       std::uint64_t check_names)
    : node_(node),
      are_transactions_verified_(
          settings.flag("transaction.partition.verification.enable")),
      table_(node, settings),
      checks_(check_names) {}

void Partitions::on_settings(const settings::BrokerSettings& settings) {
    table_.on_settings(settings);
    are_transactions_verified_ = settings.flag("transaction.partition.verification.enable");
}

void Partitions::follow(const metadata::Topic& topic, const metadata::Image& image, Turn& turn) {
    const TopicSlots* slots = table_.topic(topic.id);
    if (slots == nullptr) return;
    const TopicConfig config = table_.config_of(topic, image);
    for (const auto& [index, slot] : slots->all()) {
        Partition& partition = *table_.at(slot.number);
        partition.set_settings(config.settings);
        partition.log.set_config(config.log, turn);
        const auto row = topic.partitions.find(index);
        if (row) set_role(partition, *row);
    }
}

void Partitions::set_role(Partition& partition, const metadata::PartitionRow& row) {
    if (row.leader != node_) {
        if (!partition.leader()) return;
        refuse_waiting(partition, protocol::ErrorCode::not_leader_or_follower);
        watches_.clear(partition.leader()->watchers);
        partition.role = Offline{};
        return;
    }
    if (!partition.leader()) partition.role = Leader{};
    Leader& leader = *partition.leader();
    leader.epoch = row.leader_epoch;
    leader.isr_size = static_cast<std::uint16_t>(row.isr.size());
    if (const auto is_stable = partition.move_high_watermark()) tell_watchers(leader, *is_stable);
}

// Whoever waits has nothing to wait for here any more. Watchers ask anew and are told why.
void Partitions::refuse_waiting(Partition& partition, protocol::ErrorCode code) {
    Leader* leader = partition.leader();
    if (leader == nullptr) return;
    while (!leader->unacknowledged.empty()) {
        Leader::Unacknowledged& batch = leader->unacknowledged.front();
        batch.answer.code = code;
        answers_.push_back({batch.asker, std::move(batch.answer)});
        leader->unacknowledged.pop_front();
    }
    tell_watchers(*leader, true);
}

void Partitions::tell_watchers(const Leader& leader, bool is_stable) {
    watches_.each(leader.watchers,
                  [&](const Asker& watcher) { news_.push_back({watcher, is_stable}); });
}

void Partitions::add(const metadata::Topic& topic, PartitionIndex index,
                     const TopicConfig& config, std::string directory, log::Names names) {
    const std::uint32_t slot = table_.next_slot();
    table_.add(topic, index, config, std::move(directory), names);
    set_role(*table_.at(slot), topic.partitions.find(index).value());
}

WatchId Partitions::watch(Slot slot, const Asker& watcher) {
    Partition* partition = table_.find(slot);
    Leader* leader = partition ? partition->leader() : nullptr;
    return leader ? watches_.add(leader->watchers, watcher) : no_watch;
}

void Partitions::unwatch(Slot slot, WatchId watch) {
    if (watch == no_watch) return;
    Partition* partition = table_.find(slot);
    Leader* leader = partition ? partition->leader() : nullptr;
    WatchList none;
    watches_.remove(leader ? leader->watchers : none, watch);
}

void Partitions::add_promised(std::vector<FileId>& files) const {
    for (const auto& [id, reading] : readings_) {
        const auto* read = std::get_if<Read>(&reading.answer);
        if (read && read->range.length > 0) files.push_back(read->range.file);
    }
}

void Partitions::digest(Hasher& hasher) const {
    digest_all(hasher, node_, are_transactions_verified_, table_, checks_, watches_, readings_,
               last_lookup_, answers_, news_, have_starts_moved_);
}

}  // namespace barnabas::replication
