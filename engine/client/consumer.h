// A consumer of assigned partitions: finds where to begin, fetches with long polls, gives out every
// record once and in order, and begins anew where its reset policy says when its position is gone.
//
// A machine, and a part of one: whoever owns it gives it every event (it ignores what is not its
// own) and takes the records after each.
#pragma once

#include <map>
#include <utility>

#include "engine/client/cluster.h"
#include "engine/client/journal.h"
#include "engine/client/record.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/records/record.h"

namespace barnabas::client {

struct ConsumerOptions {
    Options cluster;
    Start reset = Start::earliest;
    // Where to begin, instead: at the first record that is as young. Until there is one it waits.
    std::optional<WallTime> begin_at;
    Isolation isolation = Isolation::read_uncommitted;
    Duration wait_max = 500ms;  // how long a broker may hold a fetch that finds nothing
    std::int32_t bytes_min = 1;
    std::int32_t bytes_max = 50 << 20;
    std::int32_t partition_bytes_max = 1 << 20;
};

// A position that was set, not reached by reading.
struct Reset {
    TopicPartition partition;
    std::optional<Offset> from;  // nothing: it is the first
    Offset to;
};

class Consumer {
  public:
    explicit Consumer(ConsumerOptions options);

    // Reads that partition from now on, from where `reset` says or from `from`.
    void assign(const TopicPartition& partition, std::optional<Offset> from, Turn& turn);

    void on(const Event& event, Turn& turn);
    bool owns(const Event& event) const;
    void digest(Hasher& hasher) const;

    // What was fetched since the last take(); positions are behind it already.
    std::vector<Delivered> take() { return std::exchange(delivered_, {}); }

    // Nothing: not known yet.
    std::optional<Offset> position(const TopicPartition& partition) const;
    std::optional<Offset> high_watermark(const TopicPartition& partition) const;
    const Journal<Reset>& resets() const { return resets_; }
    // Batches that were skipped or asked for again: a CRC that does not hold, records that cannot
    // be unpacked.
    std::uint64_t corrupt_batches() const { return corrupt_batches_; }
    std::uint64_t unreadable_batches() const { return unreadable_batches_; }
    const Cluster& cluster() const { return cluster_; }

  private:
    struct Partition {
        std::optional<Offset> position;
        std::optional<Offset> lost;  // the position that was out of range
        bool has_begun = false;      // a position was set before
        std::optional<Offset> high_watermark;
        std::optional<rpc::RequestId> asked;  // the request that is under way for it
        Instant not_before;
        std::uint32_t failures = 0;
    };
    struct Asked {
        TopicPartition partition;
        TopicId topic_id;
        std::optional<Offset> position;  // of a fetch; nothing: where to begin was asked
    };
    using Wanted = std::vector<Asked>;

    Token timer() const { return Token(options_.cluster.first_token); }
    void pump(Turn& turn);
    void fetch(NodeId node, Wanted wanted, Turn& turn);
    void list_offsets(NodeId node, Wanted wanted, Turn& turn);
    std::int64_t timestamp_for(const TopicPartition& partition) const;
    // What follows a request that may not have been sent.
    void asked(bool sent, rpc::RequestId id, Wanted wanted, Turn& turn);
    void on_answer(const Answer& answer, Turn& turn);
    void on_fetched(const protocol::FetchResponse& response, const Wanted& wanted, Turn& turn);
    void on_data(const Asked& asked, const protocol::FetchResponse::PartitionData& data,
                 Turn& turn);
    void on_listed(const protocol::ListOffsetsResponse& response, const Wanted& wanted, Turn& turn);
    void on_error(const TopicPartition& partition, protocol::ErrorCode error, Turn& turn);
    void pause(Partition& partition, Turn& turn);
    // False: a batch is not what it should be.
    bool deliver(const TopicPartition& from, Partition& partition, const Bytes& run);
    bool deliver_batch(const TopicPartition& from, Offset position, const records::Batch& batch);
    void arm(Turn& turn);

    ConsumerOptions options_;
    Cluster cluster_;
    std::map<TopicPartition, Partition> partitions_;
    std::map<rpc::RequestId, Wanted> requests_;
    std::vector<Delivered> delivered_;
    Journal<Reset> resets_;
    std::uint64_t corrupt_batches_ = 0;
    std::uint64_t unreadable_batches_ = 0;
    std::optional<Instant> armed_;
};

}  // namespace barnabas::client
