#include "engine/controller/registrations.h"

#include <algorithm>

#include "engine/controller/partition_change.h"

namespace barnabas::controller {

using metadata::BrokerRow;
using metadata::Image;
using metadata::Record;

namespace {

const BrokerRow* find_broker(const Image& latest, NodeId broker) {
    const auto found = latest.brokers().find(broker);
    return found == latest.brokers().end() ? nullptr : &found->second;
}

// Kafka's flags of a change: what is not named stays.
constexpr std::int8_t off = -1;
constexpr std::int8_t on = 1;

protocol::BrokerRegistrationChangeRecord change_of(const BrokerRow& broker) {
    protocol::BrokerRegistrationChangeRecord change;
    change.broker_id = broker.id.value();
    change.broker_epoch = broker.epoch.value();
    return change;
}

void append(std::vector<Record>& records, std::vector<Record> more) {
    std::ranges::move(more, std::back_inserter(records));
}

}  // namespace

std::vector<Record> decide_registration(const Registration& broker, Offset at) {
    protocol::RegisterBrokerRecord registration;
    registration.broker_id = broker.id.value();
    registration.incarnation_id = broker.incarnation;
    registration.broker_epoch = at.value();
    for (const metadata::Listener& listener : broker.listeners) {
        protocol::RegisterBrokerRecord::BrokerEndpoint end;
        end.name = listener.name;
        end.host = listener.host;
        end.port = listener.port;
        end.security_protocol = listener.security_protocol;
        registration.end_points.push_back(std::move(end));
    }
    protocol::RegisterBrokerRecord::BrokerFeature version;
    version.name = metadata::metadata_version;
    version.min_supported_version = metadata::metadata_version_oldest;
    version.max_supported_version = metadata::metadata_version_level;
    registration.features.push_back(std::move(version));
    registration.rack = broker.rack;
    registration.fenced = true;
    registration.log_dirs = broker.directories;
    return {std::move(registration)};
}

std::vector<Record> decide_fence(const Image& latest, NodeId broker) {
    const BrokerRow* row = find_broker(latest, broker);
    if (row == nullptr || row->is_fenced) return {};
    std::vector<Record> records = resign(latest, broker);
    auto change = change_of(*row);
    change.fenced = on;
    records.emplace_back(std::move(change));
    return records;
}

std::vector<Record> decide_unfence(const Image& latest, NodeId broker,
                                   bool has_offline_directories) {
    const BrokerRow* row = find_broker(latest, broker);
    if (row == nullptr || !row->is_fenced) return {};
    auto change = change_of(*row);
    change.fenced = off;
    std::vector<Record> records = {std::move(change)};
    append(records, elect(latest, broker,
                          has_offline_directories ? std::optional(row->directories)
                                                  : std::nullopt));
    return records;
}

std::vector<Record> decide_controlled_shutdown(const Image& latest, NodeId broker) {
    const BrokerRow* row = find_broker(latest, broker);
    if (row == nullptr || row->is_shutting_down) return {};
    auto change = change_of(*row);
    change.in_controlled_shutdown = on;
    std::vector<Record> records = {std::move(change)};
    append(records, resign(latest, broker));
    return records;
}

std::vector<Record> decide_directories(const Image& latest, NodeId broker,
                                       const std::vector<Uuid>& online) {
    const BrokerRow* row = find_broker(latest, broker);
    if (row == nullptr) return {};
    auto change = change_of(*row);
    change.log_dirs = online;
    std::vector<Record> records = {std::move(change)};
    append(records, resign_outside(latest, broker, online));
    return records;
}

std::vector<Record> decide_assignments(const Image& latest, NodeId broker,
                                       const std::vector<metadata::Assignment>& made) {
    std::vector<Record> records;
    if (latest.record_level() < metadata::log_directories_since) return records;
    for (const metadata::Assignment& one : made) {
        const metadata::Topic* topic = latest.topic(one.topic);
        if (topic == nullptr) continue;
        const auto row = topic->partitions.find(one.partition);
        if (!row || std::ranges::find(row->replicas, broker) == row->replicas.end()) continue;
        PartitionChange change(one.topic, one.partition, *row);
        change.set_directory(broker, one.directory);
        if (auto record = change.record()) records.push_back(*std::move(record));
    }
    return records;
}

}  // namespace barnabas::controller
