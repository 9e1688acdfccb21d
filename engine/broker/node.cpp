#include "engine/broker/node.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/names.h"
#include "engine/protocol/apis.h"
#include "engine/settings/table.h"
#include "engine/settings/value.h"

namespace barnabas::broker {
namespace {

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

// An answer's length has 31 bits. Its first batch may go beyond the bound.
constexpr std::int64_t fetch_bytes_bound = 1 << 30;

bool is_any_address(const std::string& host) {
    return host.empty() || host == "0.0.0.0" || host == "::";
}

}  // namespace

Node::Node(const settings::BrokerSettings& from)
    : settings(from),
      id(from.node_id()),
      startup(id, from.log_directories(), metadata_directory(from), Token(names::startup),
              FileId(names::startup)),
      partitions(id, from, names::checks),
      logs(names::replicas),
      placement(id),
      fetch_bytes_max(static_cast<std::uint32_t>(
          std::min(from.number("fetch.max.bytes"), fetch_bytes_bound))),
      connections(limits_of(from)) {}

std::string Node::metadata_directory(const settings::BrokerSettings& settings) {
    const std::string given = settings.text("metadata.log.dir");
    return given.empty() ? settings.log_directories().front() : settings::without_last_slash(given);
}

void Node::hang_up(const ReturnAddress& to, std::string_view why, Turn& turn) {
    connections.hang_up(to.address,
                        fmt::format("the answer to {} version {} cannot be written: {}",
                                    protocol::name_of(to.api_key), to.api_version, why),
                        turn);
}

void Node::apply(const metadata::Record& record) {
    delta.add(record, image);
    image.apply(record);
    ++changes;
}

// Topics fall back to the broker's settings: each looks at its own again.
bool Node::follow_settings(Turn& turn) {
    if (!delta.has_broker_settings()) return false;
    using metadata::Resource;
    settings::BrokerSettings now = settings.with_dynamic(
        image.settings(Resource::broker, ""),
        image.settings(Resource::broker, std::to_string(id.value())));
    const std::vector<std::string> changes = settings.differences(now);
    if (changes.empty()) return false;
    settings = std::move(now);
    for (const std::string& name : changes) {
        const settings::Setting& setting = *settings::find_broker_setting(name);
        const bool has_effect = settings::has_effect_on_broker(name);
        const auto value = settings.given(name);
        turn.note(Occurrence::Kind::setting, name,
                  fmt::format("is {} now{}{}",
                              value ? settings::shown(setting, *value) : "not given",
                              has_effect ? "" : "; it ",
                              has_effect ? "" : settings::words_for_no_effect(name)),
                  has_effect ? Severity::info : Severity::warning);
    }
    connections.set_limits(limits_of(settings));
    partitions.on_settings(settings);
    for (const auto& [name, topic] : image.topics()) follow(*topic, turn);
    return true;
}

void Node::follow_image(Turn& turn) {
    const metadata::Delta changes = std::exchange(delta, {});
    for (const TopicId& id : changes.topics()) {
        const metadata::Topic* topic = image.topic(id);
        CHECK(topic != nullptr);  // one that is gone is in no delta
        follow(*topic, turn);
    }
}

void Node::follow(const metadata::Topic& topic, Turn& turn) {
    partitions.follow(topic, image, turn);
    const std::vector<PartitionIndex> missing = partitions.table().missing(topic);
    if (missing.empty()) return;
    const auto config = partitions.table().config_of(topic, image);
    for (const PartitionIndex index : missing) {
        const TopicPartition name{topic.name, index};
        const std::uint32_t slot = partitions.table().next_slot();
        const std::size_t directory = placement.place(name, topic.id, *topic.partitions.find(index),
                                                      startup.directories(), turn);
        partitions.add(topic, index, config,
                       startup.directories()[directory].path + '/' + name.text(),
                       logs.names_of(slot));
        logs.add(slot, directory, startup.directories(), partitions.logs(), turn);
    }
    logs.open_next(startup.directories(), partitions.logs(), turn);
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
    return image.topic(topic) == nullptr || !logs.is_any_opening(topic);
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

std::vector<FileId> Node::promised_files() const {
    std::vector<FileId> files = connections.promised_files();
    for (const auto& [address, gather] : gathers)
        if (const auto* fetch = std::get_if<FetchGather>(&gather.of))
            for (const FileRange& range : fetch->ranges) files.push_back(range.file);
    partitions.add_promised(files);
    std::ranges::sort(files);
    return files;
}

}  // namespace barnabas::broker
