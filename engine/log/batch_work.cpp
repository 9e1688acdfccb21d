#include "engine/log/batch_work.h"

#include <algorithm>

#include "engine/base/put_big.h"
#include "engine/log/offset_map.h"
#include "engine/records/compression.h"
#include "engine/records/put_record.h"
#include "engine/records/rewrite.h"

namespace barnabas::log {

namespace {

using records::FieldReader;
using records::put_signed;
using records::RecordReader;

// For a turn: what unpacks in about a millisecond.
constexpr std::size_t packed_bytes_at_once = 64u << 10;
constexpr std::size_t unpacked_bytes_at_once = 256u << 10;
constexpr std::size_t plain_bytes_at_once = 1u << 20;
constexpr std::int32_t records_at_once = 32'768;

constexpr std::size_t key_list_head = 1 + sizeof(std::int32_t);

std::uint8_t byte_of(BatchTrouble trouble) { return static_cast<std::uint8_t>(trouble); }

effect::Compute job_of(Job what, Token job, effect::Load load, std::vector<std::uint8_t> terms,
                       const Bytes& batch) {
    return {job, static_cast<std::uint32_t>(what), load, Bytes::own(std::move(terms)), batch};
}

// The records of what a job was given: read anew from a disk, it may be no such batch any more.
std::optional<Bytes> plain_of(const records::Batch& batch, std::size_t bytes_max) {
    if (batch.header.size() != batch.bytes.size()) return std::nullopt;
    auto plain = records::plain_records(batch, bytes_max);
    return plain ? std::optional(*std::move(plain)) : std::nullopt;
}

BatchTrouble trouble_of(const RecordReader& reader) {
    if (reader.is_too_large()) return BatchTrouble::record_too_large;
    return reader.is_good() ? BatchTrouble::none : BatchTrouble::unreadable;
}

}  // namespace

std::optional<Bytes> plain_at_once(const records::Batch& batch) {
    const bool is_plain = batch.header.codec() == records::Codec::none;
    const std::size_t bytes_max = is_plain ? plain_bytes_at_once : packed_bytes_at_once;
    if (batch.bytes.size() > bytes_max || batch.header.record_count > records_at_once)
        return std::nullopt;
    auto plain = records::plain_records(batch, unpacked_bytes_at_once);
    return plain ? std::optional(*std::move(plain)) : std::nullopt;
}

TimeAnswer find_time(const records::BatchHeader& header, ByteView plain, const TimeQuery& query) {
    RecordReader reader(header, plain, query.record_bytes_max);
    while (const auto record = reader.next())
        if (record->timestamp >= query.timestamp && record->offset >= query.from)
            return {BatchTrouble::none, record->offset, record->timestamp};
    return {.trouble = trouble_of(reader)};
}

effect::Compute find_time_job(Token job, effect::Load load, const Bytes& batch,
                              const TimeQuery& query) {
    std::vector<std::uint8_t> terms;
    put_signed(terms, query.timestamp);
    put_signed(terms, query.from.value());
    put_signed(terms, query.record_bytes_max);
    put_signed(terms, static_cast<std::int64_t>(query.unpacked_bytes_max));
    return job_of(Job::find_time, job, load, std::move(terms), batch);
}

namespace {

Bytes compute_time(FieldReader terms, const records::Batch& batch) {
    TimeQuery query;
    query.timestamp = terms.int64();
    query.from = Offset(terms.int64());
    query.record_bytes_max = terms.int32();
    query.unpacked_bytes_max = static_cast<std::uint64_t>(terms.int64());
    const auto plain = plain_of(batch, query.unpacked_bytes_max);
    TimeAnswer answer;
    if (plain)
        answer = find_time(batch.header, *plain, query);
    else
        answer.trouble = query.unpacked_bytes_max < records::unpacked_bytes_max
                             ? BatchTrouble::too_much_effort
                             : BatchTrouble::unreadable;
    std::vector<std::uint8_t> out = {byte_of(answer.trouble)};
    put_signed(out, answer.offset.value());
    put_signed(out, answer.timestamp);
    return Bytes::own(std::move(out));
}

}  // namespace

TimeAnswer read_time(const Bytes& result) {
    FieldReader fields(result);
    TimeAnswer answer;
    answer.trouble = static_cast<BatchTrouble>(fields.byte());
    answer.offset = Offset(fields.int64());
    answer.timestamp = fields.int64();
    return answer;
}

Hash128 KeyList::key(std::size_t at) const {
    const std::uint8_t* entry = entries.data() + at * entry_bytes;
    return {load_big<std::uint64_t>(entry), load_big<std::uint64_t>(entry + 8)};
}

Offset KeyList::offset(std::size_t at) const {
    return Offset(load_big<std::int64_t>(entries.data() + at * entry_bytes + 16));
}

effect::Compute list_keys_job(Token job, const Bytes& batch, Offset from, std::int32_t first,
                              std::int32_t record_bytes_max) {
    std::vector<std::uint8_t> terms;
    put_signed(terms, from.value());
    put_signed(terms, first);
    put_signed(terms, record_bytes_max);
    return job_of(Job::list_keys, job, effect::Load::heavy, std::move(terms), batch);
}

namespace {

Bytes compute_keys(FieldReader terms, const records::Batch& batch) {
    const Offset from(terms.int64());
    const std::int32_t first = terms.int32();
    const std::int32_t record_bytes_max = terms.int32();
    std::vector<std::uint8_t> out(key_list_head);
    const auto plain = plain_of(batch, records::unpacked_bytes_max);
    BatchTrouble trouble = BatchTrouble::unreadable;
    std::int32_t next = 0;
    if (plain) {
        RecordReader reader(batch.header, *plain, record_bytes_max);
        std::size_t listed = 0;
        for (; const auto record = reader.next(); ++next) {
            if (next < first || record->offset < from || !record->key) continue;
            if (listed++ == KeyList::keys_at_once) break;
            const Hash128 key = hash_of(*record->key);
            put_big(out, key.high);
            put_big(out, key.low);
            put_big(out, record->offset.value());
        }
        trouble = trouble_of(reader);
    }
    out[0] = byte_of(trouble);
    store_big(out.data() + 1, next);
    return Bytes::own(std::move(out));
}

}  // namespace

KeyList read_keys(const Bytes& result) {
    CHECK(result.size() >= key_list_head);
    return {static_cast<BatchTrouble>(result[0]), load_big<std::int32_t>(result.data() + 1),
            result.from(key_list_head)};
}

void Keeper::look(const records::RecordView& record, bool is_overtaken) {
    const bool is_behind_map = record.offset >= keeping_.map_end;
    const bool is_over = !is_behind_map && !record.value && header_.has_delete_horizon() &&
                         header_.base_timestamp <= keeping_.now;
    const bool stays = !is_overtaken && !is_over;
    stays_.push_back(stays);
    kept_ += stays;
    has_tombstone_ |= stays && !record.value;
}

Kept Keeper::finish(const records::Batch& batch, ByteView plain) const {
    Kept kept{BatchTrouble::none, kept_, {}};
    if (kept_ == 0) return kept;
    const bool wants_horizon = has_tombstone_ && !header_.has_delete_horizon();
    const bool is_whole = kept_ == stays_.size();
    if (is_whole && !wants_horizon) {
        kept.batch = batch.bytes;
        return kept;
    }
    const auto had_horizon =
        header_.has_delete_horizon() ? std::optional(header_.base_timestamp) : std::nullopt;
    kept.batch = records::rewrite_batch(header_, plain, stays_,
                                        wants_horizon ? keeping_.horizon : had_horizon);
    return kept;
}

effect::Compute keep_records_job(Token job, const Bytes& batch, const Keeping& keeping,
                                 const std::vector<std::uint32_t>& overtaken) {
    std::vector<std::uint8_t> terms;
    put_signed(terms, keeping.map_end.value());
    put_signed(terms, keeping.now);
    put_signed(terms, keeping.horizon);
    put_signed(terms, keeping.record_bytes_max);
    for (const std::uint32_t delta : overtaken) put_big(terms, delta);
    return job_of(Job::keep_records, job, effect::Load::heavy, std::move(terms), batch);
}

namespace {

Bytes compute_kept(FieldReader terms, const Bytes& all_terms, const records::Batch& batch) {
    Keeping keeping;
    keeping.map_end = Offset(terms.int64());
    keeping.now = terms.int64();
    keeping.horizon = terms.int64();
    keeping.record_bytes_max = terms.int32();
    std::vector<std::uint32_t> overtaken(terms.left() / sizeof(std::uint32_t));
    const std::uint8_t* delta = all_terms.end() - overtaken.size() * sizeof(std::uint32_t);
    for (std::uint32_t& one : overtaken) {
        one = load_big<std::uint32_t>(delta);
        delta += sizeof one;
    }
    std::ranges::sort(overtaken);
    Kept kept{.trouble = BatchTrouble::unreadable};
    if (const auto plain = plain_of(batch, records::unpacked_bytes_max))
        kept = keep_records(batch, *plain, keeping, [&](const records::RecordView& record) {
            return std::ranges::binary_search(
                overtaken,
                static_cast<std::uint32_t>(record.offset - batch.header.base_offset));
        });
    const bool is_itself = kept.batch.data() == batch.bytes.data();
    std::vector<std::uint8_t> out = {byte_of(kept.trouble), std::uint8_t{is_itself}};
    put_big(out, kept.records);
    if (!is_itself) out.insert(out.end(), kept.batch.begin(), kept.batch.end());
    return Bytes::own(std::move(out));
}

}  // namespace

Kept read_kept(const Bytes& result, const Bytes& batch) {
    constexpr std::size_t head = 2 + sizeof(std::uint64_t);
    CHECK(result.size() >= head);
    const bool is_itself = result[1] != 0;
    return {static_cast<BatchTrouble>(result[0]), load_big<std::uint64_t>(result.data() + 2),
            is_itself ? batch : result.from(head)};
}

Bytes compute_on_batch(const effect::Compute& job) {
    const auto header = records::BatchHeader::parse(job.input);
    CHECK(header);
    const records::Batch batch{*header, job.input};
    const FieldReader terms(job.terms);
    switch (static_cast<Job>(job.what)) {
        case Job::find_time: return compute_time(terms, batch);
        case Job::list_keys: return compute_keys(terms, batch);
        case Job::keep_records: return compute_kept(terms, job.terms, batch);
        case Job::validate_produced: break;
    }
    CHECK(!"this is no work on a stored batch");
    return {};
}

}  // namespace barnabas::log
