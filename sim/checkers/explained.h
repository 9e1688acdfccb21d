// Everything that goes wrong for a client has a deed behind it, which touched its way or the other
// end of it in time. In a calm run there is nothing to explain.
//
//   unexplained  a connection ended, a reply was lost, a try was refused or a record was given up,
//                and nothing had befallen the client, the way to its broker, or that; or a broker
//                answered with an error that no fault accounts for
//   spread       KAFKA_STORAGE_ERROR was said of a partition, and nothing had befallen the log
//                directory that it is in, or that was over
#pragma once

#include <map>
#include <set>

#include "sim/checkers/checker.h"
#include "sim/checkers/sight.h"

namespace barnabas::sim {

class Explained : public Judge {
  public:
    static constexpr std::string_view name = "explained";

    void before(const Sight&) {}
    void look(const Sight& sight);
    void finish(const Sight&) {}
    std::string rest(const Sight& sight) const;

    // What brokers refused producers with, of this partition.
    const std::set<protocol::ErrorCode>& told(const TopicPartition& partition) const;
    // So many times a deed was the reason.
    std::uint64_t explained() const { return explained_; }

  private:
    void judge_fate(const Sight& sight, const Cast::Producer& producer, const client::Fate& fate);
    void judge_error(const Sight& sight, const Cast::Producer& producer, const client::Fate& fate);
    void judge_end(const Sight& sight, const event::Disconnected& gone);

    std::map<TopicPartition, std::set<protocol::ErrorCode>> told_;
    std::map<TopicPartition, Instant> spread_;  // when it was said last
    std::uint64_t explained_ = 0;
};

}  // namespace barnabas::sim
