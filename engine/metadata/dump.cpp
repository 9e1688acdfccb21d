#include "engine/metadata/dump.h"

#include <bit>

#include "engine/base/digest.h"
#include "engine/metadata/bootstrap.h"

namespace barnabas::metadata {
namespace {

// Where no replica is eligible Kafka writes null, not an empty list.
std::optional<std::vector<std::int32_t>> numbers_or_null(const std::vector<NodeId>& nodes) {
    if (nodes.empty()) return std::nullopt;
    return numbers(nodes);
}

template <class End>
std::vector<End> ends(const std::vector<Listener>& listeners) {
    std::vector<End> all;
    for (const Listener& listener : listeners) {
        End& end = all.emplace_back();
        end.name = listener.name;
        end.host = listener.host;
        end.port = listener.port;
        end.security_protocol = listener.security_protocol;
    }
    return all;
}

template <class Feature>
std::vector<Feature> features_as(const std::vector<FeatureRange>& features) {
    std::vector<Feature> all;
    for (const FeatureRange& feature : features) {
        Feature& range = all.emplace_back();
        range.name = feature.name;
        range.min_supported_version = feature.oldest;
        range.max_supported_version = feature.latest;
    }
    return all;
}

Record record_of(NodeId id, const BrokerRow& row) {
    protocol::RegisterBrokerRecord record;
    record.broker_id = id.value();
    record.is_migrating_zk_broker = row.is_migrating;
    record.incarnation_id = row.incarnation;
    record.broker_epoch = row.epoch.value();
    record.end_points = ends<protocol::RegisterBrokerRecord::BrokerEndpoint>(row.listeners);
    record.features = features_as<protocol::RegisterBrokerRecord::BrokerFeature>(row.features);
    record.rack = row.rack;
    record.fenced = row.is_fenced;
    record.in_controlled_shutdown = row.is_shutting_down;
    record.log_dirs = row.directories;
    record.cordoned_log_dirs = row.cordoned_directories;
    return record;
}

Record record_of(NodeId id, const ControllerRow& row) {
    protocol::RegisterControllerRecord record;
    record.controller_id = id.value();
    record.incarnation_id = row.incarnation;
    record.zk_migration_ready = row.is_ready_to_migrate;
    record.end_points = ends<protocol::RegisterControllerRecord::ControllerEndpoint>(row.listeners);
    record.features =
        features_as<protocol::RegisterControllerRecord::ControllerFeature>(row.features);
    return record;
}

Record record_of(const TopicId& topic, PartitionIndex index, const PartitionRow& row) {
    protocol::PartitionRecord record;
    record.partition_id = index.value();
    record.topic_id = topic;
    record.replicas = numbers(row.replicas);
    record.isr = numbers(row.isr);
    record.leader = row.leader.value();
    record.leader_recovery_state = row.recovery_state;
    record.leader_epoch = row.leader_epoch.value();
    record.partition_epoch = row.partition_epoch.value();
    record.directories = row.directories;
    record.eligible_leader_replicas = numbers_or_null(row.elr);
    record.removing_replicas = numbers(row.removing);
    record.adding_replicas = numbers(row.adding);
    record.last_known_elr = numbers_or_null(row.last_known_elr);
    return record;
}

Record record_of(const SecurityRows::QuotaName& name, QuotaBits value) {
    protocol::ClientQuotaRecord record;
    for (const auto& [type, entity] : name.first) {
        auto& one = record.entity.emplace_back();
        one.entity_type = type;
        one.entity_name = entity;
    }
    record.key = name.second;
    record.value = std::bit_cast<decltype(record.value)>(value);
    return record;
}

Record record_of(const Uuid& id, const AccessRow& row) {
    protocol::AccessControlEntryRecord record;
    record.id = id;
    record.resource_type = row.resource_type;
    record.resource_name = row.resource;
    record.pattern_type = row.pattern_type;
    record.principal = row.principal;
    record.host = row.host;
    record.operation = row.operation;
    record.permission_type = row.permission;
    return record;
}

Record record_of(const SecurityRows::UserAndMechanism& of, const ScramRow& row) {
    protocol::UserScramCredentialRecord record;
    record.name = of.first;
    record.mechanism = of.second;
    record.salt = row.salt;
    record.stored_key = row.stored_key;
    record.server_key = row.server_key;
    record.iterations = row.iterations;
    return record;
}

Record record_of(const std::string& id, const TokenRow& row) {
    protocol::DelegationTokenRecord record;
    record.owner = row.owner;
    record.requester = row.requester;
    record.renewers = row.renewers;
    record.issue_timestamp = row.issued_at;
    record.max_timestamp = row.expires_latest;
    record.expiration_timestamp = row.expires_at;
    record.token_id = id;
    return record;
}

Record level_record(const std::string& feature, std::int16_t level) {
    protocol::FeatureLevelRecord record;
    record.name = feature;
    record.feature_level = level;
    return record;
}

template <class Map, class Key>
auto behind(const Map& rows, const std::optional<Key>& last) {
    return last ? rows.upper_bound(*last) : rows.begin();
}

}  // namespace

std::vector<Record> Dump::next(std::size_t count) {
    CHECK(count > 0);
    std::vector<Record> out;
    while (stage_ != Stage::done && out.size() < count) {
        if (give_stage(out, count)) stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
    }
    return out;
}

// True when the stage has no more.
bool Dump::give_stage(std::vector<Record>& out, std::size_t count) {
    const auto plain = [](const auto& key, const auto& row) { return record_of(key, row); };
    const SecurityRows& security = image_.security();
    switch (stage_) {
        case Stage::features: give_features(out); return true;
        case Stage::brokers: give_rows(image_.brokers(), broker_, plain, out, count); break;
        case Stage::controllers:
            give_rows(image_.controllers(), controller_, plain, out, count);
            break;
        case Stage::topics: give_topics(out, count); break;
        case Stage::settings: give_settings(out, count); break;
        case Stage::quotas: give_rows(security.quotas, quota_, plain, out, count); break;
        case Stage::producer_ids: give_producer_ids(out); return true;
        case Stage::access: give_rows(security.access, access_, plain, out, count); break;
        case Stage::credentials:
            give_rows(security.credentials, credential_, plain, out, count);
            break;
        case Stage::tokens: give_rows(security.tokens, token_, plain, out, count); break;
        case Stage::done: break;
    }
    return out.size() < count;
}

// A handful: all at once. metadata.version comes first, since it says how the rest is to be read.
void Dump::give_features(std::vector<Record>& out) {
    const auto& features = image_.features();
    if (const auto version = features.find(metadata_version); version != features.end()) {
        out.push_back(level_record(version->first, version->second));
    }
    for (const auto& [name, level] : features) {
        if (name != metadata_version) out.push_back(level_record(name, level));
    }
}

template <class Map, class Key, class Make>
void Dump::give_rows(const Map& rows, std::optional<Key>& last, Make make, std::vector<Record>& out,
                     std::size_t count) {
    for (auto row = behind(rows, last); row != rows.end() && out.size() < count; ++row) {
        out.push_back(make(row->first, row->second));
        last = row->first;
    }
}

void Dump::give_topics(std::vector<Record>& out, std::size_t count) {
    const auto& topics = image_.topics();
    while (out.size() < count) {
        if (topic_) {
            const Topic& topic = *topics.find(*topic_)->second;
            const auto partition = [&topic](PartitionIndex index, const PartitionRow& row) {
                return record_of(topic.id, index, row);
            };
            give_rows(topic.partitions, partition_, partition, out, count);
            if (out.size() >= count) return;
        }
        const auto next = behind(topics, topic_);
        if (next == topics.end()) return;
        topic_ = next->first;
        partition_.reset();
        protocol::TopicRecord record;
        record.name = next->second->name;
        record.topic_id = next->second->id;
        out.push_back(std::move(record));
    }
}

void Dump::give_settings(std::vector<Record>& out, std::size_t count) {
    const Image::Resources& resources = image_.resources();
    for (;;) {
        if (resource_) {
            const auto setting = [this](const std::string& name, const std::string& value) {
                protocol::ConfigRecord record;
                record.resource_type = static_cast<std::int8_t>(resource_->first);
                record.resource_name = resource_->second;
                record.name = name;
                record.value = value;
                return record;
            };
            give_rows(resources.at(*resource_), setting_, setting, out, count);
        }
        if (out.size() >= count) return;
        const auto next = behind(resources, resource_);
        if (next == resources.end()) return;
        resource_ = next->first;
        setting_.reset();
    }
}

void Dump::give_producer_ids(std::vector<Record>& out) {
    if (const auto next = image_.next_producer_id()) {
        protocol::ProducerIdsRecord record;  // whom the last block was for does not matter any more
        record.broker_id = -1;
        record.broker_epoch = -1;
        record.next_producer_id = next->value();
        out.push_back(std::move(record));
    }
}

void Dump::digest(Hasher& hasher) const {
    digest_all(hasher, image_, stage_, broker_, controller_, topic_, partition_, resource_,
               setting_, quota_, access_, credential_, token_);
}

}  // namespace barnabas::metadata
