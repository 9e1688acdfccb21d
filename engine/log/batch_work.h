// What lookups and compaction do with the records of one batch. Where that is little it is done in
// the turn; else the batch is handed to another thread (effect::Compute), whose function is here
// too. Stored batches were written by clients: what one unpacks to, and how many records it holds,
// is bounded by nothing that this node has checked.
#pragma once

#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log/jobs.h"
#include "engine/records/record.h"

namespace barnabas::log {

// The records of the batch, unpacked, when that is little enough for a turn.
std::optional<Bytes> plain_at_once(const records::Batch& batch);

enum class BatchTrouble : std::uint8_t {
    none,
    unreadable,
    record_too_large,  // unpacks to more than max.decompressed.message.bytes
    too_much_effort,   // the job may unpack less
};

// The first record at or behind `timestamp` and `from`.
struct TimeQuery {
    std::int64_t timestamp = 0;
    Offset from{};
    std::int32_t record_bytes_max = INT32_MAX;
    std::uint64_t unpacked_bytes_max = 0;  // of the job
};
struct TimeAnswer {
    BatchTrouble trouble = BatchTrouble::none;
    Offset offset{-1};  // -1: there is none
    std::int64_t timestamp = records::no_timestamp;
};
TimeAnswer find_time(const records::BatchHeader& header, ByteView plain, const TimeQuery& query);
effect::Compute find_time_job(Token job, effect::Load load, const Bytes& batch,
                              const TimeQuery& query);
TimeAnswer read_time(const Bytes& result);

// The keys of the records from an offset on, as an OffsetMap knows them; records without one are
// left out. At most `keys_at_once`: the others begin with the record `next` of the batch.
struct KeyList {
    static constexpr std::size_t keys_at_once = 1u << 20;
    static constexpr std::size_t entry_bytes = 24;

    BatchTrouble trouble = BatchTrouble::none;
    std::int32_t next = 0;
    Bytes entries;

    std::size_t size() const { return entries.size() / entry_bytes; }
    Hash128 key(std::size_t at) const;
    Offset offset(std::size_t at) const;
};
effect::Compute list_keys_job(Token job, const Bytes& batch, Offset from, std::int32_t first,
                              std::int32_t record_bytes_max);
KeyList read_keys(const Bytes& result);

// What compaction leaves of a batch of records. A record goes when it has no key, when it is among
// the overtaken, and when it is a tombstone whose horizon has passed; what lies at or behind
// `map_end` stays.
struct Keeping {
    Offset map_end{};
    std::int64_t now = 0;
    std::int64_t horizon = 0;  // that a tombstone gets which has none
    std::int32_t record_bytes_max = INT32_MAX;
};
struct Kept {
    BatchTrouble trouble = BatchTrouble::none;
    std::uint64_t records = 0;
    Bytes batch = {};  // itself, or what is stored in its place; nothing when no record is left
};
template <class IsOvertaken>  // by a later record of the same key
Kept keep_records(const records::Batch& batch, ByteView plain, const Keeping& keeping,
                  IsOvertaken is_overtaken);
// `overtaken`: offsets less the batch's first.
effect::Compute keep_records_job(Token job, const Bytes& batch, const Keeping& keeping,
                                 const std::vector<std::uint32_t>& overtaken);
Kept read_kept(const Bytes& result, const Bytes& batch);

// Which record stays, and what the batch made of those is: the part of keep_records that does not
// ask for keys.
class Keeper {
  public:
    Keeper(const records::BatchHeader& header, const Keeping& keeping)
        : header_(header), keeping_(keeping) {}
    void look(const records::RecordView& record, bool is_overtaken);
    Kept finish(const records::Batch& batch, ByteView plain) const;

  private:
    const records::BatchHeader& header_;
    const Keeping& keeping_;
    std::vector<bool> stays_;
    std::uint64_t kept_ = 0;
    bool has_tombstone_ = false;
};

template <class IsOvertaken>
Kept keep_records(const records::Batch& batch, ByteView plain, const Keeping& keeping,
                  IsOvertaken is_overtaken) {
    Keeper keeper(batch.header, keeping);
    records::RecordReader reader(batch.header, plain, keeping.record_bytes_max);
    while (const auto record = reader.next())
        keeper.look(*record, record->offset < keeping.map_end &&
                                 (!record->key || is_overtaken(*record)));
    if (reader.is_too_large()) return {.trouble = BatchTrouble::record_too_large};
    if (!reader.is_good()) return {.trouble = BatchTrouble::unreadable};
    return keeper.finish(batch, plain);
}

}  // namespace barnabas::log
