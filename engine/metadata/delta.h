// What records have changed in an image: what followers look at instead of all of it.
#pragma once

#include <set>
#include <string_view>

#include "engine/metadata/image.h"

namespace barnabas::metadata {

class Delta {
  public:
    // Needs: `before` is the image without the record.
    void add(const Record& record, const Image& before);

    // Topics that came or changed, their partitions and settings included.
    const std::set<TopicId>& topics() const { return topics_; }
    // Settings of one broker, or of all.
    bool has_broker_settings() const { return has_broker_settings_; }
    bool is_empty() const { return topics_.empty() && !has_broker_settings_; }

    void digest(Hasher& hasher) const;

  private:
    std::set<TopicId> topics_;
    bool has_broker_settings_ = false;
};

}  // namespace barnabas::metadata
