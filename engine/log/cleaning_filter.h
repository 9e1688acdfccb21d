// What compaction keeps of a log, one batch after the other in the order of their offsets.
//
// A record goes when its key has a later one, when its transaction was aborted, when it has no key,
// or when it is a tombstone whose delete horizon has passed; a transaction's marker when nothing of
// the transaction is left and its horizon has passed. The horizon is set, delete.retention.ms from
// now, by the first cleaning that finds a tombstone to be the last of its key, or a marker without
// its transaction (KIP-534). What is behind the map's end was not looked at and stays.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/log/batch_work.h"
#include "engine/log/offset_map.h"
#include "engine/log/transaction_index.h"
#include "engine/records/record.h"

namespace barnabas::log {

// Which batches belong to an aborted transaction.
class AbortedTransactions {
  public:
    void add(const AbortedTransaction& entry) { by_end_[{entry.producer, entry.last}] = entry; }
    // The aborted transaction that this batch of records is part of; else nothing.
    const AbortedTransaction* of(const records::BatchHeader& batch) const;

    void digest(Hasher& hasher) const;

  private:
    std::map<std::pair<ProducerId, Offset>, AbortedTransaction> by_end_;
};

// The last that an active producer left in the log: its sequence must not be forgotten.
struct LastOfProducer {
    Offset last_data{-1};  // -1: only a marker is left
    ProducerEpoch epoch{-1};
};

struct CleaningRules {
    std::int64_t now = 0;  // milliseconds since 1970
    std::int64_t delete_retention_ms = 86'400'000;
    Offset map_end{};  // all dirty records below are in the map
    Offset end{};      // of what may be cleaned: the batch that ends there keeps its head at least
    std::int32_t record_bytes_max = INT32_MAX;  // max.decompressed.message.bytes
    std::map<ProducerId, LastOfProducer> producers;
};

// Why a cleaning cannot go on behind such a batch.
std::string words_for(BatchTrouble trouble);

class CleaningFilter {
  public:
    CleaningFilter() = default;
    CleaningFilter(CleaningRules rules, AbortedTransactions aborted)
        : rules_(std::move(rules)), aborted_(std::move(aborted)) {}

    // What is to be stored in the batch's place: itself, a smaller one, or nothing (empty bytes).
    // An error says why the batch cannot be read. Nothing: its records are too many for a turn;
    // who has looked at them elsewhere by keeping() calls settle(). Needs: a good CRC, batches in
    // order.
    std::optional<Result<Bytes, std::string>> clean(const records::Batch& batch,
                                                    const OffsetMap& map);
    Keeping keeping() const;
    Result<Bytes, std::string> settle(const records::Batch& batch, const Kept& kept);
    // Aborted transactions of which the batches since the last call still held records: readers
    // that are under way want to know of them.
    std::vector<AbortedTransaction> take_aborted() { return std::exchange(seen_aborted_, {}); }

    // How many bytes of records were looked at since the last call, unpacked.
    std::uint64_t take_unpacked() { return std::exchange(unpacked_, 0); }

    std::uint64_t records_read() const { return records_read_; }
    std::uint64_t records_kept() const { return records_kept_; }

    void digest(Hasher& hasher) const;

  private:
    bool is_last_of_producer(const records::BatchHeader& header) const;
    Result<Bytes, std::string> clean_marker(const records::Batch& batch);
    Bytes left_of(const records::Batch& batch) const;
    std::int64_t horizon() const;

    CleaningRules rules_;
    AbortedTransactions aborted_;
    // Producers of whose running transaction records were seen, and the aborted one if it is one.
    std::map<ProducerId, std::optional<AbortedTransaction>> running_;
    std::vector<AbortedTransaction> seen_aborted_;
    std::uint64_t unpacked_ = 0;
    std::uint64_t records_read_ = 0;
    std::uint64_t records_kept_ = 0;
};

}  // namespace barnabas::log
