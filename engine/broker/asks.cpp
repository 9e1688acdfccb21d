// Broker: what it asks of the active controller, for itself and its clients, and what becomes of
// the answers.
#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/broker/ask.h"
#include "engine/broker/broker.h"
#include "engine/metadata/directory_id.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

// The directories that hold partitions, and are offline; one that nobody could read has no id.
std::vector<Uuid> offline_directories(const log_manager::Startup& startup) {
    std::vector<Uuid> offline;
    for (const log_manager::LogDirectory& one : startup.directories()) {
        if (one.is_online || !one.holds_partitions) continue;
        offline.push_back(one.id.is_zero() ? metadata::lost_directory : one.id);
    }
    return offline;
}

protocol::BrokerRegistrationRequest registration_of(const Node& node) {
    protocol::BrokerRegistrationRequest request;
    request.broker_id = node.id.value();
    request.cluster_id = node.startup.cluster_id();
    request.incarnation_id = node.incarnation;
    for (const metadata::Listener& listener : node.advertised()) {
        auto& out = request.listeners.emplace_back();
        out.name = listener.name;
        out.host = listener.host;
        out.port = listener.port;
        out.security_protocol = listener.security_protocol;
    }
    auto& version = request.features.emplace_back();
    version.name = metadata::metadata_version;
    version.min_supported_version = metadata::metadata_version_oldest;
    version.max_supported_version = metadata::metadata_version_level;
    request.rack.reset();
    const std::string rack = node.settings.text("broker.rack");
    if (!rack.empty()) request.rack = rack;
    for (const log_manager::LogDirectory& one : node.startup.directories())
        if (one.is_online && one.holds_partitions) request.log_dirs.push_back(one.id);
    return request;
}

protocol::BrokerHeartbeatRequest heartbeat_of(const Node& node) {
    protocol::BrokerHeartbeatRequest request;
    request.broker_id = node.id.value();
    request.broker_epoch = node.broker_epoch.value();
    request.current_metadata_offset = node.metadata_end.value() - 1;
    request.offline_log_dirs = offline_directories(node.startup);
    return request;
}

protocol::AssignReplicasToDirsRequest places_of(const Node& node,
                                                const std::vector<metadata::Assignment>& made) {
    protocol::AssignReplicasToDirsRequest request;
    request.broker_id = node.id.value();
    request.broker_epoch = node.broker_epoch.value();
    std::map<Uuid, std::map<Uuid, std::vector<PartitionIndex>>> directories;
    for (const metadata::Assignment& one : made)
        directories[one.directory][one.topic].push_back(one.partition);
    for (const auto& [id, topics] : directories) {
        auto& directory = request.directories.emplace_back();
        directory.id = id;
        for (const auto& [topic_id, partitions] : topics) {
            auto& topic = directory.topics.emplace_back();
            topic.topic_id = topic_id;
            for (const PartitionIndex index : partitions)
                topic.partitions.emplace_back().partition_index = index.value();
        }
    }
    return request;
}

// What went wrong with a request of this broker's own.
ErrorCode code_of(const protocol::ControllerResponse& response) {
    return std::visit(
        [](const auto& one) {
            if constexpr (requires { one.error_code; }) return ErrorCode(one.error_code);
            return ErrorCode::none;
        },
        response.message);
}

}  // namespace

void Broker::ask_for_registration(Turn& turn) {
    node_.incarnation = Uuid::draw(turn.random(Concern::identity));
    node_.controller.ask(Own::registration, Principal(), {registration_of(node_)});
}

void Broker::ask_for(Own what) {
    protocol::BrokerHeartbeatRequest heartbeat = heartbeat_of(node_);
    heartbeat.want_shut_down = what == Own::shutdown;
    if (what == Own::places) {
        told_places_ = std::exchange(untold_places_, {});
        node_.controller.ask(what, Principal(), {places_of(node_, told_places_)});
        return;
    }
    if (what == Own::directories) {
        has_lost_directory_ = false;
        is_telling_directories_ = true;
        // One that is fenced still wants to be nothing else.
        heartbeat.want_fence = stage_ < Stage::listening;
    }
    node_.controller.ask(what, Principal(), {std::move(heartbeat)});
}

std::vector<Ask> Broker::take_asked() { return node_.controller.take_asked(); }

bool Broker::on_progress(protocol::AskNumber number, std::uint64_t answer_bytes, bool is_decided,
                         Turn& turn) {
    auto* client = std::get_if<ForClient>(&node_.controller.asked_for(number));
    if (client == nullptr) return true;
    if (api::on_passed_on_progress(node_, *client, answer_bytes, is_decided, turn)) return true;
    node_.controller.end(number);
    return false;
}

void Broker::on_answer(protocol::AskNumber number, protocol::ControllerResponse&& response,
                       Turn& turn) {
    const AskedFor whom = node_.controller.end(number);
    if (const auto* client = std::get_if<ForClient>(&whom))
        return api::answer_passed_on(node_, client->to, std::move(response), turn);
    if (const auto* metadata = std::get_if<ForMetadata>(&whom)) {
        for (TopicsRow& row : node_.waits_for_topics)
            if (row.to.address == metadata->to.address) row.is_asked = false;
        return api::on_topics_settled(node_, turn);
    }
    on_own_answer(std::get<Own>(whom), response, turn);
}

void Broker::on_own_answer(Own what, protocol::ControllerResponse& response, Turn& turn) {
    const bool is_done = code_of(response) == ErrorCode::none;
    switch (what) {
        case Own::registration:
            if (!is_done) return wait_to_go_on("its registration", turn);
            node_.broker_epoch = BrokerEpoch(
                std::get<protocol::BrokerRegistrationResponse>(response.message).broker_epoch);
            stage_ = Stage::opening;
            return advance(turn);
        case Own::unfencing:
            if (!is_done) return wait_to_go_on("its partitions' leaders", turn);
            return listen(turn);
        case Own::shutdown: return close(turn);  // where it was not written the next start does
        case Own::directories:
            is_telling_directories_ = false;
            has_lost_directory_ = has_lost_directory_ || !is_done;
            return;
        case Own::places:
            if (!is_done)
                untold_places_.insert(untold_places_.begin(), told_places_.begin(),
                                      told_places_.end());
            told_places_.clear();
            return;
        case Own::producer_ids:
            return api::on_producer_ids(
                node_, std::get<protocol::AllocateProducerIdsResponse>(response.message), turn);
    }
}

}  // namespace barnabas::broker
