#include "engine/metadata/delta.h"

#include "engine/base/digest.h"

namespace barnabas::metadata {

void Delta::add(const Record& record, const Image& before) {
    if (const auto* one = std::get_if<protocol::PartitionRecord>(&record))
        topics_.insert(one->topic_id);
    if (const auto* one = std::get_if<protocol::PartitionChangeRecord>(&record))
        topics_.insert(one->topic_id);
    if (const auto* one = std::get_if<protocol::RemoveTopicRecord>(&record))
        topics_.erase(one->topic_id);
    const auto* config = std::get_if<protocol::ConfigRecord>(&record);
    if (config == nullptr) return;
    const auto type = static_cast<Resource>(config->resource_type);
    has_broker_settings_ = has_broker_settings_ || type == Resource::broker;
    const Topic* topic = type == Resource::topic ? before.topic(config->resource_name) : nullptr;
    if (topic != nullptr) topics_.insert(topic->id);
}

void Delta::digest(Hasher& hasher) const { digest_all(hasher, topics_, has_broker_settings_); }

}  // namespace barnabas::metadata
