#include "engine/log/cleaning_filter.h"

#include "engine/base/wait.h"
#include "engine/records/build.h"
#include "engine/records/rewrite.h"

namespace barnabas::log {

using records::Batch;
using records::BatchHeader;
using records::RecordView;

const AbortedTransaction* AbortedTransactions::of(const BatchHeader& batch) const {
    if (!batch.is_transactional() || batch.is_control()) return nullptr;
    const auto found = by_end_.lower_bound({batch.producer_id, batch.last_offset()});
    if (found == by_end_.end() || found->first.first != batch.producer_id) return nullptr;
    return found->second.first <= batch.base_offset ? &found->second : nullptr;
}

std::int64_t CleaningFilter::horizon() const {
    return saturating_plus(rules_.now, rules_.delete_retention_ms);
}

bool CleaningFilter::is_last_of_producer(const BatchHeader& header) const {
    if (!header.has_producer()) return false;
    const auto found = rules_.producers.find(header.producer_id);
    if (found == rules_.producers.end()) return false;
    const LastOfProducer& last = found->second;
    return last.last_data >= Offset(0) ? header.last_offset() == last.last_data
                                       : header.is_control() && header.producer_epoch == last.epoch;
}

// The batch when no record of it is left.
Bytes CleaningFilter::left_of(const Batch& batch) const {
    const bool must_stay =
        is_last_of_producer(batch.header) || batch.header.next_offset() == rules_.end;
    return must_stay ? records::empty_batch(batch.header) : Bytes();
}

Result<Bytes, std::string> CleaningFilter::clean_marker(const Batch& batch) {
    const BatchHeader& header = batch.header;
    const auto plain = plain_at_once(batch);
    if (!plain) return std::unexpected("a control batch that cannot be read");
    records::RecordReader reader(header, *plain);
    const auto record = reader.next();
    if (!record) {
        if (!reader.is_good()) return std::unexpected("a control batch that cannot be read");
        return left_of(batch);
    }
    ++records_read_;
    const auto type = records::control_type_of(*record);
    bool is_idle = false;  // nothing of its transaction is left
    if (type == records::ControlType::commit || type == records::ControlType::abort) {
        const auto running = running_.extract(header.producer_id);
        is_idle = running.empty();
        if (type == records::ControlType::abort && !is_idle && running.mapped())
            seen_aborted_.push_back(*running.mapped());
    }
    if (is_idle && header.has_delete_horizon() && header.base_timestamp <= rules_.now)
        return left_of(batch);
    ++records_kept_;
    if (!is_idle || header.has_delete_horizon()) return batch.bytes;
    std::vector<bool> stays(static_cast<std::size_t>(header.record_count));
    stays[0] = true;
    return records::rewrite_batch(header, *plain, stays, horizon());
}

std::optional<Result<Bytes, std::string>> CleaningFilter::clean(const Batch& batch,
                                                                const OffsetMap& map) {
    const BatchHeader& header = batch.header;
    if (header.is_control()) return clean_marker(batch);
    const AbortedTransaction* aborted = aborted_.of(header);
    if (header.is_transactional())
        running_[header.producer_id] = aborted ? std::optional(*aborted) : std::nullopt;
    if (aborted) {
        records_read_ += static_cast<std::uint64_t>(std::max(header.record_count, 0));
        return left_of(batch);
    }
    const auto plain = plain_at_once(batch);
    if (!plain) return std::nullopt;
    unpacked_ += plain->size();
    return settle(batch, keep_records(batch, *plain, keeping(), [&](const RecordView& record) {
                      const auto latest = map.find(hash_of(*record.key));
                      return latest && record.offset < *latest;
                  }));
}

Keeping CleaningFilter::keeping() const {
    return {rules_.map_end, rules_.now, horizon(), rules_.record_bytes_max};
}

Result<Bytes, std::string> CleaningFilter::settle(const Batch& batch, const Kept& kept) {
    if (kept.trouble != BatchTrouble::none) return std::unexpected(words_for(kept.trouble));
    records_read_ += static_cast<std::uint64_t>(batch.header.record_count);
    records_kept_ += kept.records;
    return kept.batch.empty() ? left_of(batch) : kept.batch;
}

std::string words_for(BatchTrouble trouble) {
    return trouble == BatchTrouble::record_too_large
               ? "a record unpacks to more than max.decompressed.message.bytes"
               : "a batch whose records cannot be read";
}

}  // namespace barnabas::log
