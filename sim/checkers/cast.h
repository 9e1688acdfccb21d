// Who takes part in a run, and what each was promised: what checkers know beforehand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/client/record.h"
#include "engine/settings/topic_settings.h"
#include "sim/network/link.h"

namespace barnabas::sim {

struct Cast {
    struct Topic {
        std::string name;
        std::int32_t partitions = 1;
        settings::TopicSettings settings;  // its own over the brokers' defaults
        // What they are after each change that the scenario makes while it runs.
        std::vector<settings::TopicSettings> later = {};

        // After so many changes.
        const settings::TopicSettings& after(std::size_t changes) const {
            return changes == 0 ? settings : later[changes - 1];
        }
        // Whether that holds for what they are at any time.
        bool can_be(auto is_it) const {
            for (std::size_t i = 0; i <= later.size(); ++i)
                if (is_it(after(i))) return true;
            return false;
        }
    };
    struct Broker {
        NodeIndex node;
        std::vector<std::string> directories;  // log.dirs
    };
    struct Producer {
        NodeIndex node;
        std::string name;
        std::string topic;
        std::int32_t partitions = 1;
        client::Acks acks = client::Acks::all;
        bool is_idempotent = false;
        std::uint32_t keys = 0;
        std::uint32_t tombstones = 0;  // one of so many records
        Duration linger{};
        Duration request_timeout{};
        Duration delivery_timeout{};
    };
    struct Consumer {
        NodeIndex node;
        std::string name;
        std::string topic;
        std::int32_t partitions = 1;
        bool wants_all = false;  // from the earliest record on
        std::optional<Duration> since = {};  // from the first record as young as that on
    };

    std::vector<Topic> topics;
    std::vector<Broker> brokers;
    std::vector<Producer> producers;
    std::vector<Consumer> consumers;
    std::optional<NodeIndex> admin;
    settings::BrokerSettings settings;  // of every broker, but for its name and address
    Duration latency_most{};            // of a link that nothing has befallen
    Duration clock_skew{};              // that the scenario may put between any two clocks

    const Topic* topic(std::string_view name) const { return named(topics, name); }
    const Producer* producer(std::string_view name) const { return named(producers, name); }
    const Broker* broker(NodeIndex node) const { return at(brokers, node); }
    const Producer* producer(NodeIndex node) const { return at(producers, node); }
    const Consumer* consumer(NodeIndex node) const { return at(consumers, node); }
    bool is_compacted(std::string_view name) const {
        const Topic* found = topic(name);
        return found != nullptr && found->settings.is_compacted;
    }

  private:
    template <class T>
    static const T* named(const std::vector<T>& all, std::string_view name) {
        for (const T& one : all)
            if (one.name == name) return &one;
        return nullptr;
    }
    template <class T>
    static const T* at(const std::vector<T>& all, NodeIndex node) {
        for (const T& one : all)
            if (one.node == node) return &one;
        return nullptr;
    }
};

}  // namespace barnabas::sim
