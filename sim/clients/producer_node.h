// A node that sends stamped records at a steady rate for a while, spread over a topic's partitions.
#pragma once

#include "engine/client/producer.h"
#include "sim/clients/stamp.h"

namespace barnabas::sim {

struct Workload {
    std::string name;  // of the producer: it stands in every value
    std::string topic;
    std::int32_t partitions = 1;
    std::uint32_t rate = 100;  // records a second
    std::uint32_t size = 100;  // bytes of a value
    std::uint32_t keys = 0;    // how many there are; 0: records have none
    Duration from{};           // after its start
    Duration length = 30s;
};

class ProducerNode {
  public:
    ProducerNode(Workload workload, client::ProducerOptions options);

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const { producer_.digest(hasher); }

    // Record n of a workload goes to partition n % partitions, and its value is stamped n.
    const Workload& workload() const { return workload_; }
    const client::Producer& producer() const { return producer_; }
    bool is_done() const { return is_over_ && producer_.unsettled() == 0; }

  private:
    void tick(Turn& turn);

    Workload workload_;
    client::Producer producer_;
    Instant begin_;
    bool is_over_ = false;
};

}  // namespace barnabas::sim
