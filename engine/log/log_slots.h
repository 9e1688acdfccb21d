// The logs of a node, each in a slot, for who looks after all of them and need not know what else
// stands beside each.
#pragma once

#include "engine/log/partition_log.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::log {

class LogSlots {
  public:
    virtual std::uint32_t slot_count() const = 0;  // all slots are below
    // Needs: slot < slot_count().
    virtual PartitionLog* log_in(std::uint32_t slot) = 0;
    virtual const PartitionLog* log_in(std::uint32_t slot) const = 0;
    virtual Offset high_watermark_in(std::uint32_t slot) const = 0;
    virtual const settings::TopicSettings& settings_in(std::uint32_t slot) const = 0;

  protected:
    LogSlots() = default;
    LogSlots(const LogSlots&) = default;
    LogSlots& operator=(const LogSlots&) = default;
    ~LogSlots() = default;
};

}  // namespace barnabas::log
