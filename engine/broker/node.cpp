#include "engine/broker/node.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/names.h"
#include "engine/protocol/apis.h"

namespace barnabas::broker {
namespace {

log::LogConfig metadata_log_config(const settings::BrokerSettings& settings) {
    log::LogConfig config;
    config.segment_bytes =
        static_cast<std::uint32_t>(settings.number("metadata.log.segment.bytes"));
    config.segment_ms = settings.number("metadata.log.segment.ms");
    // Metadata is never deleted by age or size: snapshots decide what may go.
    config.retention_bytes = -1;
    config.retention_ms = -1;
    return config;
}

Limits limits_of(const settings::BrokerSettings& settings) {
    Limits limits;
    limits.frame_bytes_max =
        static_cast<std::uint32_t>(settings.number("socket.request.max.bytes"));
    const std::int64_t budget = settings.number("queued.max.request.bytes");
    if (budget > 0) limits.held_bytes_max = static_cast<std::uint64_t>(budget);
    limits.connections_max = static_cast<std::uint32_t>(settings.number("max.connections"));
    limits.connections_per_ip_max =
        static_cast<std::uint32_t>(settings.number("max.connections.per.ip"));
    return limits;
}

metadata::Defaults defaults_of(const settings::BrokerSettings& settings) {
    return {static_cast<std::int32_t>(settings.number("num.partitions")),
            static_cast<std::int16_t>(settings.number("default.replication.factor"))};
}

// An answer's length has 31 bits. Its first batch may go beyond the bound.
constexpr std::int64_t fetch_bytes_bound = 1 << 30;

bool is_any_address(const std::string& host) {
    return host.empty() || host == "0.0.0.0" || host == "::";
}

}  // namespace

Node::Node(const settings::BrokerSettings& from)
    : settings(from),
      id(from.node_id()),
      startup(id, from.log_directories(), metadata_directory(from)),
      quorum(id, metadata_directory(from), metadata_log_config(from), names::quorum,
             {from.number("metadata.max.retention.bytes"),
              from.number("metadata.max.retention.ms")}),
      controller(defaults_of(from)),
      snapshotting(from),
      replicas(id, from),
      fetch_bytes_max(static_cast<std::uint32_t>(
          std::min(from.number("fetch.max.bytes"), fetch_bytes_bound))),
      connections(limits_of(from)) {}

std::string Node::metadata_directory(const settings::BrokerSettings& settings) {
    const std::string given = settings.text("metadata.log.dir");
    return given.empty() ? settings.log_directories().front() : settings::without_last_slash(given);
}

protocol::ErrorCode Node::standing(const Replica* replica) const {
    using protocol::ErrorCode;
    if (replica == nullptr) return ErrorCode::unknown_topic_or_partition;
    if (replica->log.state() == log::PartitionLog::State::failed || replica->waits_for_room())
        return ErrorCode::kafka_storage_error;
    if (replica->leader != id || !replica->is_open()) return ErrorCode::not_leader_or_follower;
    return ErrorCode::none;
}

bool Node::commit(std::vector<metadata::Record> records, Turn& turn) {
    std::int16_t level = controller.latest().record_level();
    std::vector<metadata::Record> told;
    std::vector<Bytes> values;
    told.reserve(records.size());
    values.reserve(records.size());
    for (metadata::Record& record : records) {
        const auto* feature = std::get_if<protocol::FeatureLevelRecord>(&record);
        if (feature && feature->name == metadata::metadata_version) level = feature->feature_level;
        auto one = metadata::as_of(std::move(record), level);
        if (!one) continue;
        values.push_back(metadata::encode(*one, level));
        told.push_back(*std::move(one));
    }
    return commit(told, values, turn);
}

bool Node::commit(const std::vector<metadata::Record>& records, const std::vector<Bytes>& values,
                  Turn& turn) {
    CHECK(values.size() == records.size());
    if (!quorum.append(values, turn)) return false;
    for (const metadata::Record& record : records) controller.apply(record);
    return true;
}

void Node::hang_up(const ReturnAddress& to, std::string_view why, Turn& turn) {
    connections.hang_up(to.address,
                        fmt::format("the answer to {} version {} cannot be written: {}",
                                    protocol::name_of(to.api_key), to.api_version, why),
                        turn);
}

void Node::restore_controller() {
    controller.begin_with(image);
    for (const quorum::Committed& batch : quorum.appended()) {
        for (const Bytes& value : batch.values) {
            const auto record = metadata::decode(value);
            CHECK(record.has_value());  // commit() has encoded it
            controller.apply(*record);
        }
    }
}

namespace {

TopicId topic_of(const metadata::Image& image, const metadata::Record& record) {
    if (const auto* one = std::get_if<protocol::PartitionRecord>(&record)) return one->topic_id;
    if (const auto* one = std::get_if<protocol::PartitionChangeRecord>(&record)) {
        return one->topic_id;
    }
    if (const auto* one = std::get_if<protocol::ConfigRecord>(&record)) {
        const bool is_topic = one->resource_type == static_cast<int>(metadata::Resource::topic);
        const metadata::Topic* topic = is_topic ? image.topic(one->resource_name) : nullptr;
        return topic ? topic->id : TopicId();
    }
    return {};
}

}  // namespace

void Node::apply(const metadata::Record& record) {
    image.apply(record);
    ++changes;
    const TopicId topic = topic_of(image, record);
    if (!topic.is_zero()) touched.insert(topic);
}

void Node::follow_image(Turn& turn) {
    for (const TopicId& id : std::exchange(touched, {})) {
        const metadata::Topic* topic = image.topic(id);
        if (topic) replicas.follow(*topic, image, startup.directories(), turn);
    }
}

bool Node::is_registered() const {
    const auto found = image.brokers().find(id);
    return found != image.brokers().end() && found->second.incarnation == incarnation &&
           !found->second.is_fenced;
}

std::vector<metadata::Listener> Node::advertised() const {
    std::vector<metadata::Listener> told;
    for (const settings::Listener& listener : settings.listeners()) {
        if (settings.is_controller_listener(listener.name)) continue;
        const auto& given = settings.advertised_listeners();
        const auto found = std::ranges::find(given, listener.name, &settings::Listener::name);
        const settings::Listener& out = found == given.end() ? listener : *found;
        told.push_back({out.name, out.host, out.port});
    }
    return told;
}

bool Node::is_settled(const std::string& topic) const {
    if (controller.latest().topic(topic) == nullptr) return true;  // it was not decided on
    return image.topic(topic) != nullptr && replicas.is_settled(topic);
}

bool Node::settle(std::vector<std::string>& topics) const {
    while (!topics.empty() && is_settled(topics.back())) topics.pop_back();
    return topics.empty();
}

// A listener on loopback or on every address answers each client with the address that it came in
// on, unless advertised.listeners says otherwise: that one it can reach.
Endpoint Node::endpoint_for(const metadata::BrokerRow& broker, ConnectionId connection) const {
    const metadata::Listener& came_in = listeners.at(connections.listener(connection).value() - 1);
    const auto named = std::ranges::find(broker.listeners, came_in.name, &metadata::Listener::name);
    const bool is_advertised =
        std::ranges::find(settings.advertised_listeners(), came_in.name,
                          &settings::Listener::name) != settings.advertised_listeners().end();
    const bool is_reached_anywhere =
        is_any_address(came_in.host) || settings::is_loopback(came_in.host);
    if (broker.id == id && !is_advertised && is_reached_anywhere) {
        return connections.local(connection);
    }
    if (named == broker.listeners.end()) return {};
    return {named->host, named->port};
}

log::LookupId Node::next_lookup(const LookupRow& row) {
    const log::LookupId id(++last_lookup);
    lookups.emplace(id, row);
    return id;
}

std::vector<FileId> Node::promised_files() const {
    std::vector<FileId> files = connections.promised_files();
    for (const auto& [address, row] : fetches)
        for (const FileRange& range : row.ranges) files.push_back(range.file);
    std::ranges::sort(files);
    return files;
}

}  // namespace barnabas::broker
