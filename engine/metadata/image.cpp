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
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : &*found->second;
}

const Topic* Image::topic(TopicId id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? nullptr : topic(found->second);
}

std::optional<std::string> Image::colliding_topic(std::string_view name) const {
    const auto found = metric_names_.find(metric_name(name));
    if (found == metric_names_.end()) return std::nullopt;
    return found->second;
}

std::optional<PartitionRow> Image::partition(std::string_view name, PartitionIndex index) const {
    const Topic* of = topic(name);
    return of == nullptr ? std::nullopt : of->partitions.find(index);
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
    const auto found = settings_.find(std::pair(type, std::string(name)));
    return found == settings_.end() ? none : found->second;
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
    brokers_.insert_or_assign(id, std::move(row));
}

void Image::apply_one(const protocol::UnregisterBrokerRecord& record) {
    brokers_.erase(NodeId(record.broker_id));
}

void Image::apply_one(const protocol::BrokerRegistrationChangeRecord& record) {
    const NodeId id(record.broker_id);
    if (!brokers_.contains(id)) return;
    BrokerRow& row = brokers_.edit(id);
    row.is_fenced = changed(record.fenced, row.is_fenced);
    row.is_shutting_down = changed(record.in_controlled_shutdown, row.is_shutting_down);
    if (!record.log_dirs.empty()) row.directories = record.log_dirs;
    if (record.cordoned_log_dirs) row.cordoned_directories = record.cordoned_log_dirs;
}

void Image::apply_one(const protocol::FenceBrokerRecord& record) { set_fenced(record.id, true); }
void Image::apply_one(const protocol::UnfenceBrokerRecord& record) { set_fenced(record.id, false); }

void Image::set_fenced(std::int32_t broker, bool is_fenced) {
    if (brokers_.contains(NodeId(broker)))
        brokers_.edit(NodeId(broker)).is_fenced = is_fenced;
}

void Image::apply_one(const protocol::RegisterControllerRecord& record) {
    controllers_.insert_or_assign(
        NodeId(record.controller_id),
        ControllerRow{record.incarnation_id, listeners(record.end_points), ranges(record.features),
                      record.zk_migration_ready});
}

void Image::apply_one(const protocol::TopicRecord& record) {
    if (const Topic* before = topic(record.name)) names_.erase(TopicId(before->id));
    names_.insert_or_assign(record.topic_id, record.name);
    metric_names_.insert_or_assign(metric_name(record.name), record.name);
    topics_.insert_or_assign(record.name, Cow<Topic>({record.name, record.topic_id, {}}));
}

Topic* Image::edit_topic(TopicId id) {
    const auto name = names_.find(id);
    if (name == names_.end()) return nullptr;
    return &topics_.edit(name->second).edit();
}

void Image::apply_one(const protocol::PartitionRecord& record) {
    static const std::vector<std::int32_t> none;
    Topic* of = edit_topic(record.topic_id);
    if (of == nullptr) return;
    of->partitions.set(
        PartitionIndex(record.partition_id),
        PartitionRow{NodeId(record.leader), LeaderEpoch(record.leader_epoch),
                     PartitionEpoch(record.partition_epoch), nodes(record.replicas),
                     nodes(record.isr), nodes(record.eligible_leader_replicas.value_or(none)),
                     record.directories, record.leader_recovery_state,
                     nodes(record.removing_replicas), nodes(record.adding_replicas),
                     nodes(record.last_known_elr.value_or(none))},
        directories_);
}

void Image::apply_one(const protocol::PartitionChangeRecord& record) {
    constexpr std::int32_t leader_unchanged = -2;
    constexpr std::int8_t recovery_state_unchanged = -1;
    Topic* of = edit_topic(record.topic_id);
    if (of == nullptr) return;
    const PartitionIndex index(record.partition_id);
    auto found = of->partitions.find(index);
    if (!found) return;
    PartitionRow& row = *found;
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
    if (record.removing_replicas) row.removing = nodes(*record.removing_replicas);
    if (record.adding_replicas) row.adding = nodes(*record.adding_replicas);
    if (record.last_known_elr) row.last_known_elr = nodes(*record.last_known_elr);
    ++row.partition_epoch;
    of->partitions.set(index, std::move(row), directories_);
}

// Of one topic, or of all when it names none.
void Image::apply_one(const protocol::ClearElrRecord& record) {
    std::vector<TopicId> ids;
    for (const auto& [id, name] : names_)
        if (record.topic_name.empty() || name == record.topic_name) ids.push_back(id);
    for (const TopicId& id : ids) {
        Topic& topic = *edit_topic(id);
        const Partitions before = topic.partitions;
        for (const auto& [index, row] : before) {
            PartitionRow cleared = row;
            cleared.elr.clear();
            cleared.last_known_elr.clear();
            topic.partitions.set(index, std::move(cleared), directories_);
        }
    }
}

void Image::apply_one(const protocol::RemoveTopicRecord& record) {
    const auto found = names_.find(record.topic_id);
    if (found == names_.end()) return;
    const std::string name = found->second;
    settings_.erase(std::pair(Resource::topic, name));
    metric_names_.erase(metric_name(name));
    topics_.erase(name);
    names_.erase(record.topic_id);
}

void Image::apply_one(const protocol::ConfigRecord& record) {
    const std::pair key(static_cast<Resource>(record.resource_type), record.resource_name);
    const auto found = settings_.find(key);
    Settings said = found == settings_.end() ? Settings() : found->second;
    if (record.value) {
        said.insert_or_assign(record.name, *record.value);
    } else {
        said.erase(record.name);
    }
    if (said.empty()) {
        settings_.erase(key);
    } else {
        settings_.insert_or_assign(key, std::move(said));
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

bool operator==(const Image& a, const Image& b) {
    return a.brokers_ == b.brokers_ && a.controllers_ == b.controllers_ && a.topics_ == b.topics_ &&
           a.names_ == b.names_ && a.metric_names_ == b.metric_names_ &&
           a.settings_ == b.settings_ && a.security_ == b.security_ && a.features_ == b.features_ &&
           a.next_producer_id_ == b.next_producer_id_;
}

void Image::digest(Hasher& hasher) const {
    constexpr std::size_t slice = 1000;
    Dump dump(*this);
    for (auto records = dump.next(slice); !records.empty(); records = dump.next(slice)) {
        for (const Record& record : records) hasher.add(encode(record).view());
    }
}

}  // namespace barnabas::metadata
