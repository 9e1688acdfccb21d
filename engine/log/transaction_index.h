// The aborted transactions of one segment, in Kafka's .txnindex: one entry for each abort marker in
// the segment, in the order of the markers. What a reader of committed records must leave out.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "engine/protocol/types.h"

namespace barnabas::log {

struct AbortedTransaction {
    ProducerId producer = no_producer;
    Offset first{};        // where its first record stands
    Offset last{};         // its marker
    Offset last_stable{};  // all before it was decided, once the marker was there
    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

// Version int16, producer id, first, last and last stable offset, int64 each.
constexpr std::uint32_t transaction_entry_bytes = 34;
void put_transaction_entry(std::vector<std::uint8_t>& out, const AbortedTransaction& entry);
// Nothing when a later version wrote it. Needs: the entry's bytes at `from`.
std::optional<AbortedTransaction> load_transaction_entry(const std::uint8_t* from);
// The entries in `bytes`; nothing when they cannot be what follows in an index whose next marker
// stands at `from` or behind it.
std::optional<std::vector<AbortedTransaction>> load_transaction_entries(ByteView bytes,
                                                                        Offset from);

// Walks entries in order and keeps those that a reader of [from, below) must know.
class AbortedCollector {
  public:
    AbortedCollector() = default;
    AbortedCollector(Offset from, Offset below) : from_(from), below_(below) {}

    void take(const AbortedTransaction& entry);
    // No later entry can matter any more.
    bool is_complete() const { return is_complete_; }
    Offset from() const { return from_; }
    Offset below() const { return below_; }
    std::vector<AbortedTransaction> take_found() { return std::move(found_); }

    void digest(Hasher& hasher) const;

  private:
    Offset from_{};
    Offset below_{};
    bool is_complete_ = false;
    std::vector<AbortedTransaction> found_;
};

// The index of a segment that takes batches, or is being sealed: what stands in its file, what is
// to follow, and the newest entries in memory so that readers at the tail need no look into it.
class TransactionIndex {
  public:
    TransactionIndex() = default;
    // Goes on where a file of `entries` entries ends with these.
    TransactionIndex(std::uint32_t entries, std::vector<AbortedTransaction> newest);

    void add(const AbortedTransaction& entry);
    // The markers from `end` on were never stored. Needs: none of them was asked to be written.
    void cut_end(Offset end);

    // The bytes to be written next, behind the file's entries: of markers below `written_end`.
    // Needs: no write is under way.
    std::vector<std::uint8_t> ask(Offset written_end);
    void settle(bool is_done);
    bool is_writing() const { return asked_ > 0; }
    bool is_written() const { return written_ == end(); }
    std::uint32_t file_bytes() const { return written_ * transaction_entry_bytes; }

    // Gives it the entries in memory; `entries_read` of the file it has had before. False when that
    // leaves a gap: there is more to be read of the file first.
    bool collect(AbortedCollector& collector, std::uint32_t entries_read = 0) const;

    static constexpr std::size_t kept_max = 1024;

    void digest(Hasher& hasher) const;

  private:
    std::uint32_t end() const { return first_ + static_cast<std::uint32_t>(kept_.size()); }
    void forget_oldest();

    std::uint32_t written_ = 0;  // entries that stand in the file for sure
    std::uint32_t asked_ = 0;    // entries on their way into it
    std::uint32_t first_ = 0;    // number of the first one that is kept
    std::vector<AbortedTransaction> kept_;
    Offset last_forgotten_{-1};  // the marker of the newest one that is not kept
};

}  // namespace barnabas::log
