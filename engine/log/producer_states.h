// What one log knows of the producers that write to it: who they are, their last five batches,
// their open transactions. It tells a retry from a new batch, a zombie from its successor, and
// where the records end whose fate is decided.
//
// A value. It changes by apply(), with one batch at a time in the order of the log, live and at
// recovery alike; undo() takes the last one back.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "engine/base/hash.h"
#include "engine/log/transaction_index.h"
#include "engine/records/batch.h"

namespace barnabas::log {

// Who appends, which says how much is checked.
enum class Origin : std::uint8_t {
    client,       // everything
    coordinator,  // epochs: its batches have no sequences
    replica,      // nothing: a leader has checked it before, or this log itself
};

enum class ProducerFault : std::uint8_t {
    fenced,                  // a producer with a later epoch has written
    out_of_order,            // the sequence does not follow
    not_transactional,       // in the middle of a transaction of the same producer
    coordinator_is_fenced,   // a later coordinator has ended a transaction
};

// What a COMMIT or ABORT marker says.
struct EndOfTransaction {
    bool is_commit = false;
    std::int32_t coordinator_epoch = -1;
};
// The marker in a control batch; nothing when it is another control record, or was compacted away.
// Needs: `batch` is whole.
std::optional<EndOfTransaction> end_of_transaction_in(const records::BatchHeader& header,
                                                      const Bytes& batch);

// Sequences count to the largest int32 and go on at 0.
std::int32_t sequence_plus(std::int32_t sequence, std::int32_t count);
std::int32_t sequence_minus(std::int32_t sequence, std::int32_t count);

class ProducerStates {
  public:
    struct LastBatch {
        Offset last{-1};
        std::int64_t timestamp = records::no_timestamp;
        std::int32_t last_sequence = records::no_sequence;
        std::int32_t offset_delta = 0;

        Offset first() const { return last - offset_delta; }
        std::int32_t first_sequence() const { return sequence_minus(last_sequence, offset_delta); }
        friend bool operator==(const LastBatch&, const LastBatch&) = default;
    };
    static constexpr std::size_t batches_kept = 5;

    struct Producer {
        std::int64_t last_timestamp = records::no_timestamp;
        std::optional<Offset> transaction_first;  // of the open transaction
        std::int32_t coordinator_epoch = -1;
        ProducerEpoch epoch = records::no_producer_epoch;
        std::uint8_t batch_count = 0;
        std::array<LastBatch, batches_kept> batches;  // oldest first

        const LastBatch* last_batch() const {
            return batch_count == 0 ? nullptr : &batches[batch_count - 1u];
        }
        friend bool operator==(const Producer&, const Producer&) = default;
    };

    // The stored batch that this one is a retry of. Needs: header.has_producer().
    const LastBatch* find_duplicate(const records::BatchHeader& header) const;
    // Why the batch may not be appended, if so. Needs: header.has_producer().
    std::optional<ProducerFault> check(const records::BatchHeader& header,
                                       const std::optional<EndOfTransaction>& end,
                                       Origin origin) const;

    // How it was before a batch.
    struct Undo {
        Offset at{};  // where the batch begins
        ProducerId id = no_producer;
        std::optional<Producer> before;
    };
    struct Applied {
        Undo undo;
        std::optional<AbortedTransaction> aborted;  // which the index is to list
    };
    // Needs: header.has_producer(), base_offset is where the batch stands.
    Applied apply(const records::BatchHeader& header, const std::optional<EndOfTransaction>& end);
    // Needs: nothing was applied since, or it was undone.
    void undo(const Undo& undo);

    // Up to where all transactions are decided, as far as readers below `high_watermark` can know:
    // a marker above it does not count. Nothing when that is no bound at all.
    std::optional<Offset> first_unstable(Offset high_watermark) const;
    // Markers below are replicated: they hold nobody back any more.
    void settle(Offset high_watermark);

    // Forgets who has not written for so long; never whose transaction is open.
    void expire(std::int64_t now, std::int64_t expiration_ms);

    // As a snapshot has it.
    void put(ProducerId id, const Producer& producer);
    const std::map<ProducerId, Producer>& producers() const { return producers_; }
    const Producer* find(ProducerId id) const;
    bool has_open_transaction(ProducerId id, ProducerEpoch epoch) const;
    void digest(Hasher& hasher) const;
    bool empty() const { return producers_.empty() && open_.empty() && unreplicated_.empty(); }

    friend bool operator==(const ProducerStates&, const ProducerStates&) = default;

  private:
    std::map<ProducerId, Producer> producers_;
    std::map<Offset, ProducerId> open_;      // transactions by their first offset
    std::map<Offset, Offset> unreplicated_;  // decided ones: first offset -> marker
};

}  // namespace barnabas::log
