// A node that sends stamped records at a steady rate for a while, spread over a topic's partitions.
//
// It may die. Its next life goes on with the numbers behind those that were given, and counts what
// had no answer as unknown: no process can tell what became of that.
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
    std::uint32_t tombstones = 0;  // one of so many; 0: none
    Duration from{};           // after its start
    Duration length = 30s;
};

class ProducerNode {
  public:
    ProducerNode(Workload workload, client::ProducerOptions options);

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;
    // What this one begins its next life as.
    ProducerNode next_life() const;

    // Record n of a workload goes to partition n % partitions, and its value is stamped n.
    const Workload& workload() const { return workload_; }
    const client::Producer& producer() const { return producer_; }  // of this life
    // Of all lives: so many records were given, and this became of them.
    client::RecordNumber next_number() const { return first_number_ + producer_.next_number(); }
    const client::Journal<client::Fate>& history() const { return history_; }
    bool is_done() const { return is_over_ && producer_.unsettled() == 0; }

  private:
    void tick(Turn& turn);
    void take_history();
    std::int32_t partition_of(client::RecordNumber number) const;

    Workload workload_;
    client::Producer producer_;
    client::RecordNumber first_number_ = 0;  // of this life
    client::Journal<client::Fate> history_;
    std::size_t history_taken_ = 0;  // of the producer's own
    std::optional<Instant> end_;     // of the workload
    Instant begin_;                  // of it, or of this life's part of it
    bool is_over_ = false;
};

}  // namespace barnabas::sim
