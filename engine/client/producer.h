// A producer: takes records, gathers them into batches, finds their leaders, tries again until the
// delivery time-out, and says of each record what became of it.
//
// A machine, and a part of one: whoever owns it gives it every event (it ignores what is not its
// own), calls send() in turns of its own, and reads history(). A try whose reply was lost may stand
// in the log beside the next one, and the history says so; unless the producer is idempotent: then
// each batch has a sequence, which all of its tries share, and the broker keeps one of them.
#pragma once

#include <deque>
#include <map>

#include "engine/client/cluster.h"
#include "engine/client/journal.h"
#include "engine/client/record.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/produce.h"
#include "engine/records/build.h"

namespace barnabas::client {

struct ProducerOptions {
    Options cluster;  // its request_timeout is that of Produce too
    Acks acks = Acks::all;
    bool is_idempotent = false;  // needs acks=all
    Duration linger = 5ms;
    Duration delivery_timeout = 120s;
    std::uint32_t batch_bytes = 16384;
    std::uint32_t in_flight_max = 5;  // requests to one broker
    std::uint64_t buffer_bytes_max = 32 << 20;
};

// Records are numbered in the order of send(), from 0.
using RecordNumber = std::uint64_t;

// One thing that happened to one record.
struct Fate {
    enum class Kind : std::uint8_t {
        lost_reply,    // a try may or may not have been carried out; more tries may follow
        acknowledged,  // it stands at `offset`. The last that happens to the record
        failed,        // no try can have been carried out. The last
        unknown,       // given up, and some try may have been carried out. The last
        refused,       // a try was surely not carried out, and another one follows
    };
    Kind kind = Kind::failed;
    RecordNumber number = 0;
    TopicPartition to;
    Offset offset{-1};                                      // acknowledged: where
    protocol::ErrorCode error = protocol::ErrorCode::none;  // as a broker told; none: no broker did
    Instant at;
};
std::string_view name_of(Fate::Kind kind);

class Producer {
  public:
    explicit Producer(ProducerOptions options);

    // The record's number; nothing when the buffer is full.
    std::optional<RecordNumber> send(const Record& record, Turn& turn);

    void on(const Event& event, Turn& turn);
    bool owns(const Event& event) const;
    void digest(Hasher& hasher) const;

    const Journal<Fate>& history() const { return history_; }
    RecordNumber next_number() const { return next_number_; }
    // Records without a last happening yet.
    std::uint64_t unsettled() const { return unsettled_; }
    const Cluster& cluster() const { return cluster_; }
    const ProducerOptions& options() const { return options_; }

  private:
    struct Batch {
        TopicPartition to;
        std::vector<RecordNumber> numbers;
        records::BatchBuilder open;  // until it is sealed
        Bytes sealed;
        Instant ready_at;  // not sent before: linger, or the pause before another try
        Instant give_up_at;
        std::uint32_t tries = 0;
        bool unsure = false;  // some try may have been carried out

        std::size_t size() const { return sealed.empty() ? open.size() : sealed.size(); }
    };
    struct InFlight {
        NodeId node;
        std::vector<Batch> batches;
        std::vector<TopicId> topic_ids;  // as they were asked with, beside batches
    };
    using Queue = std::deque<Batch>;
    // Who an idempotent producer is to the brokers, and the next sequence of each partition.
    struct Identity {
        ProducerId id = no_producer;
        ProducerEpoch epoch{0};
        std::map<TopicPartition, std::int32_t> next_sequences;
    };

    Token timer() const { return Token(options_.cluster.first_token); }
    Batch& batch_for(const Record& record, std::size_t bytes, Turn& turn);
    // Sends what is due, gives up what is overdue, arms the timer.
    void pump(Turn& turn);
    void expire(Turn& turn);
    std::map<NodeId, std::vector<Batch>> take_due(Turn& turn);
    bool has_room(NodeId node) const;
    bool may_send(const TopicPartition& to) const;
    void ask_identity(Turn& turn);
    void on_identity(const rpc::Reply& reply, Turn& turn);
    void seal(Batch& batch);
    void send_to(NodeId node, std::vector<Batch> batches, Turn& turn);
    void on_answer(const Answer& answer, Turn& turn);
    void on_response(const protocol::ProduceResponse& response, InFlight flight, Turn& turn);
    void on_result(Batch batch, const protocol::ProduceResponse::PartitionProduceResponse& result,
                   Turn& turn);
    void on_lost(Batch batch, Turn& turn);
    void try_again(Batch batch, bool unsure, protocol::ErrorCode error, Turn& turn);
    void settle(const Batch& batch, Fate::Kind kind, Offset base, protocol::ErrorCode error,
                Turn& turn);
    void arm(Turn& turn);

    ProducerOptions options_;
    Cluster cluster_;
    std::map<TopicPartition, Queue> queues_;
    std::map<rpc::RequestId, InFlight> in_flight_;
    std::uint64_t buffered_ = 0;  // bytes in queues and in flight
    RecordNumber next_number_ = 0;
    std::uint64_t unsettled_ = 0;
    std::optional<Identity> identity_;
    std::optional<rpc::RequestId> asking_identity_;
    Instant ask_identity_at_;  // not before
    Journal<Fate> history_;
    std::optional<Instant> armed_;
};

}  // namespace barnabas::client
