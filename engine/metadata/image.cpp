#include "engine/metadata/image.h"

#include <algorithm>

#include "engine/metadata/dump.h"

namespace barnabas::metadata {
namespace {

std::vector<NodeId> nodes(const std::vector<std::int32_t>& numbers) {
    std::vector<NodeId> ids;
    ids.reserve(numbers.size());
    for (const std::int32_t number : numbers) ids.push_back(NodeId(number));
    return ids;
}

template <class End>
std::vector<Listener> listeners(const std::vector<End>& ends) {
    std::vector<Listener> all;
    for (const auto& end : ends) {
        all.push_back({end.name, end.host, end.port, end.security_protocol});
    }
    return all;
}

template <class Feature>
std::vector<FeatureRange> ranges(const std::vector<Feature>& features) {
    std::vector<FeatureRange> all;
    for (const auto& one : features) {
        all.push_back({one.name, one.min_supported_version, one.max_supported_version});
    }
    return all;
}

// Nothing where nothing moves: most partitions.
std::optional<Cow<PartitionMove>> boxed(PartitionMove move) {
    if (move == PartitionMove()) return std::nullopt;
    return Cow<PartitionMove>(std::move(move));
}

// A changed flag in a registration change: -1 is off, 1 is on, 0 leaves it as it is.
bool changed(std::int8_t change, bool before) { return change == 0 ? before : change > 0; }

std::string metric_name(std::string_view topic) {
    std::string name(topic);
    std::ranges::replace(name, '.', '_');
    return name;
}

}  // namespace

void Image::apply(const Record& record) {
    std::visit([this](const auto& one) { apply_one(one); }, record);
}

const Topic* Image::topic(std::string_view name) const {
    const auto found = topics_->find(name);
    return found == topics_->end() ? nullptr : &*found->second;
}

const Topic* Image::topic(TopicId id) const {
    const auto found = names_->find(id);
    return found == names_->end() ? nullptr : topic(found->second);
}

std::optional<std::string> Image::colliding_topic(std::string_view name) const {
    const auto found = metric_names_->find(metric_name(name));
    if (found == metric_names_->end()) return std::nullopt;
    return found->second;
}

const PartitionRow* Image::partition(std::string_view name, PartitionIndex index) const {
    const Topic* of = topic(name);
    if (of == nullptr) return nullptr;
    const auto found = of->partitions.find(index);
    return found == of->partitions.end() ? nullptr : &found->second;
}

std::int16_t Image::feature_level(std::string_view name) const {
    const auto found = features_.find(name);
    return found == features_.end() ? std::int16_t{0} : found->second;
}

std::int16_t Image::record_level() const {
    const std::int16_t finalized = feature_level(metadata_version);
    return finalized == 0 ? metadata_version_level : finalized;
}

const Settings& Image::settings(Resource type, std::string_view name) const {
    static const Settings none;
    const auto found = settings_->find({type, std::string(name)});
    return found == settings_->end() ? none : found->second;
}

void Image::apply_one(const protocol::RegisterBrokerRecord& record) {
    BrokerRow row;
    row.id = NodeId(record.broker_id);
    row.epoch = BrokerEpoch(record.broker_epoch);
    row.incarnation = record.incarnation_id;
    row.listeners = listeners(record.end_points);
    row.features = ranges(record.features);
    row.rack = record.rack;
    row.directories = record.log_dirs;
    row.is_fenced = record.fenced;
    row.is_shutting_down = record.in_controlled_shutdown;
    row.is_migrating = record.is_migrating_zk_broker;
    row.cordoned_directories = record.cordoned_log_dirs;
    const NodeId id = row.id;
    brokers_.edit().insert_or_assign(id, std::move(row));
}

void Image::apply_one(const protocol::UnregisterBrokerRecord& record) {
    brokers_.edit().erase(NodeId(record.broker_id));
}

void Image::apply_one(const protocol::BrokerRegistrationChangeRecord& record) {
    const NodeId id(record.broker_id);
    if (!brokers_->contains(id)) return;
    BrokerRow& row = brokers_.edit().at(id);
    row.is_fenced = changed(record.fenced, row.is_fenced);
    row.is_shutting_down = changed(record.in_controlled_shutdown, row.is_shutting_down);
    if (!record.log_dirs.empty()) row.directories = record.log_dirs;
    if (record.cordoned_log_dirs) row.cordoned_directories = record.cordoned_log_dirs;
}

void Image::apply_one(const protocol::FenceBrokerRecord& record) { set_fenced(record.id, true); }
void Image::apply_one(const protocol::UnfenceBrokerRecord& record) { set_fenced(record.id, false); }

void Image::set_fenced(std::int32_t broker, bool is_fenced) {
    if (brokers_->contains(NodeId(broker)))
        brokers_.edit().at(NodeId(broker)).is_fenced = is_fenced;
}

void Image::apply_one(const protocol::RegisterControllerRecord& record) {
    controllers_.edit().insert_or_assign(
        NodeId(record.controller_id),
        ControllerRow{record.incarnation_id, listeners(record.end_points), ranges(record.features),
                      record.zk_migration_ready});
}

void Image::apply_one(const protocol::TopicRecord& record) {
    if (const Topic* before = topic(record.name)) names_.edit().erase(TopicId(before->id));
    names_.edit().insert_or_assign(record.topic_id, record.name);
    metric_names_.edit().insert_or_assign(metric_name(record.name), record.name);
    topics_.edit().insert_or_assign(record.name, Cow<Topic>({record.name, record.topic_id, {}}));
}

Topic* Image::edit_topic(TopicId id) {
    const auto name = names_->find(id);
    if (name == names_->end()) return nullptr;
    return &topics_.edit().find(name->second)->second.edit();
}

void Image::apply_one(const protocol::PartitionRecord& record) {
    static const std::vector<std::int32_t> none;
    Topic* of = edit_topic(record.topic_id);
    if (of == nullptr) return;
    of->partitions.insert_or_assign(
        PartitionIndex(record.partition_id),
        PartitionRow{NodeId(record.leader), LeaderEpoch(record.leader_epoch),
                     PartitionEpoch(record.partition_epoch), nodes(record.replicas),
                     nodes(record.isr), nodes(record.eligible_leader_replicas.value_or(none)),
                     record.directories, record.leader_recovery_state,
                     boxed({nodes(record.removing_replicas), nodes(record.adding_replicas),
                            nodes(record.last_known_elr.value_or(none))})});
}

void Image::apply_one(const protocol::PartitionChangeRecord& record) {
    constexpr std::int32_t leader_unchanged = -2;
    constexpr std::int8_t recovery_state_unchanged = -1;
    Topic* of = edit_topic(record.topic_id);
    if (of == nullptr) return;
    const auto found = of->partitions.find(PartitionIndex(record.partition_id));
    if (found == of->partitions.end()) return;
    PartitionRow& row = found->second;
    if (record.isr) row.isr = nodes(*record.isr);
    if (record.replicas) row.replicas = nodes(*record.replicas);
    if (record.eligible_leader_replicas) row.elr = nodes(*record.eligible_leader_replicas);
    if (record.directories) row.directories = *record.directories;
    if (record.leader != leader_unchanged) {
        row.leader = NodeId(record.leader);
        row.leader_epoch = row.leader_epoch + 1;
    }
    if (record.leader_recovery_state != recovery_state_unchanged) {
        row.recovery_state = record.leader_recovery_state;
    }
    if (record.removing_replicas || record.adding_replicas || record.last_known_elr) {
        PartitionMove move = row.move ? **row.move : PartitionMove();
        if (record.removing_replicas) move.removing = nodes(*record.removing_replicas);
        if (record.adding_replicas) move.adding = nodes(*record.adding_replicas);
        if (record.last_known_elr) move.last_known_elr = nodes(*record.last_known_elr);
        row.move = boxed(std::move(move));
    }
    ++row.partition_epoch;
}

// Of one topic, or of all when it names none.
void Image::apply_one(const protocol::ClearElrRecord& record) {
    for (const auto& [id, name] : *names_) {
        if (!record.topic_name.empty() && name != record.topic_name) continue;
        for (auto& [index, row] : edit_topic(id)->partitions) {
            row.elr.clear();
            if (!row.move) continue;
            PartitionMove move = **row.move;
            move.last_known_elr.clear();
            row.move = boxed(std::move(move));
        }
    }
}

void Image::apply_one(const protocol::RemoveTopicRecord& record) {
    const auto name = names_->find(record.topic_id);
    if (name == names_->end()) return;
    settings_.edit().erase({Resource::topic, name->second});
    metric_names_.edit().erase(metric_name(name->second));
    topics_.edit().erase(name->second);
    names_.edit().erase(record.topic_id);
}

void Image::apply_one(const protocol::ConfigRecord& record) {
    const std::pair key(static_cast<Resource>(record.resource_type), record.resource_name);
    if (record.value) {
        settings_.edit()[key].insert_or_assign(record.name, *record.value);
        return;
    }
    const auto found = settings_->find(key);
    if (found == settings_->end()) return;
    Settings left = found->second;
    left.erase(record.name);
    if (left.empty()) {
        settings_.edit().erase(key);
    } else {
        settings_.edit().at(key) = std::move(left);
    }
}

void Image::apply_one(const protocol::FeatureLevelRecord& record) {
    if (record.feature_level == 0) {
        features_.erase(record.name);
    } else {
        features_.insert_or_assign(record.name, record.feature_level);
    }
}

void Image::apply_one(const protocol::ProducerIdsRecord& record) {
    next_producer_id_ = ProducerId(record.next_producer_id);
}

void Image::digest(Hasher& hasher) const {
    constexpr std::size_t slice = 1000;
    Dump dump(*this);
    for (auto records = dump.next(slice); !records.empty(); records = dump.next(slice)) {
        for (const Record& record : records) hasher.add(encode(record).view());
    }
}

}  // namespace barnabas::metadata
