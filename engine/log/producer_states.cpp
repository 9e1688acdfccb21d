#include "engine/log/producer_states.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/wait.h"
#include "engine/protocol/messages/transaction_records.h"
#include "engine/protocol/stored.h"
#include "engine/records/build.h"
#include "engine/records/record.h"

namespace barnabas::log {

namespace {

bool follows(std::int32_t last, std::int32_t next) {
    return next == std::int64_t{last} + 1 || (next == 0 && last == INT32_MAX);
}

std::int32_t last_sequence_of(const records::BatchHeader& header) {
    if (header.base_sequence == records::no_sequence) return records::no_sequence;
    return sequence_plus(header.base_sequence, header.last_offset_delta);
}

void begin_epoch(ProducerStates::Producer& producer, ProducerEpoch epoch) {
    if (producer.epoch == epoch) return;
    producer.epoch = epoch;
    producer.batch_count = 0;
    producer.batches = {};
}

void add_batch(ProducerStates::Producer& producer, const ProducerStates::LastBatch& batch) {
    if (producer.batch_count == ProducerStates::batches_kept) {
        std::shift_left(producer.batches.begin(), producer.batches.end(), 1);
        --producer.batch_count;
    }
    producer.batches[producer.batch_count++] = batch;
}

}  // namespace

std::int32_t sequence_plus(std::int32_t sequence, std::int32_t count) {
    return static_cast<std::int32_t>((std::int64_t{sequence} + count) & INT32_MAX);
}

std::int32_t sequence_minus(std::int32_t sequence, std::int32_t count) {
    return static_cast<std::int32_t>((std::int64_t{sequence} - count) & INT32_MAX);
}

std::optional<EndOfTransaction> end_of_transaction_in(const records::BatchHeader& header,
                                                      const Bytes& batch) {
    if (!header.is_control()) return std::nullopt;
    const Bytes plain = records::Batch{header, batch}.records();
    records::RecordReader reader(header, plain);
    const auto record = reader.next();
    if (!record || !record->value) return std::nullopt;
    const auto type = records::control_type_of(*record);
    const bool is_commit = type == records::ControlType::commit;
    if (!is_commit && type != records::ControlType::abort) return std::nullopt;
    const auto marker =
        protocol::decode_versioned<protocol::EndTxnMarker>(Bytes::copy(*record->value));
    if (!marker) return std::nullopt;
    return EndOfTransaction{is_commit, marker->coordinator_epoch};
}

const ProducerStates::Producer* ProducerStates::find(ProducerId id) const {
    const auto found = producers_.find(id);
    return found == producers_.end() ? nullptr : &found->second;
}

bool ProducerStates::has_open_transaction(ProducerId id, ProducerEpoch epoch) const {
    const Producer* producer = find(id);
    return producer && producer->transaction_first && producer->epoch == epoch;
}

const ProducerStates::LastBatch* ProducerStates::find_duplicate(
    const records::BatchHeader& header) const {
    const Producer* producer = find(header.producer_id);
    if (!producer || producer->epoch != header.producer_epoch) return nullptr;
    const std::int32_t last = last_sequence_of(header);
    for (std::size_t i = 0; i < producer->batch_count; ++i) {
        const LastBatch& batch = producer->batches[i];
        if (batch.first_sequence() == header.base_sequence && batch.last_sequence == last)
            return &batch;
    }
    return nullptr;
}

std::optional<ProducerFault> ProducerStates::check(const records::BatchHeader& header,
                                                   const std::optional<EndOfTransaction>& end,
                                                   Origin origin) const {
    const Producer* known = find(header.producer_id);
    if (!known || origin == Origin::replica) return std::nullopt;
    if (header.producer_epoch < known->epoch) return ProducerFault::fenced;
    if (header.is_control()) {
        if (end && end->coordinator_epoch < known->coordinator_epoch)
            return ProducerFault::coordinator_is_fenced;
        return std::nullopt;
    }
    if (origin == Origin::client) {
        const LastBatch* last = known->last_batch();
        const bool is_same_epoch = header.producer_epoch == known->epoch;
        const std::int32_t before =
            is_same_epoch && last ? last->last_sequence : records::no_sequence;
        // A new epoch begins at 0. A producer that is not known may begin anywhere: what it wrote
        // before was deleted, or expired.
        if (!follows(before, header.base_sequence)) return ProducerFault::out_of_order;
    }
    if (known->transaction_first && !header.is_transactional())
        return ProducerFault::not_transactional;
    return std::nullopt;
}

ProducerStates::Applied ProducerStates::apply(const records::BatchHeader& header,
                                              const std::optional<EndOfTransaction>& end) {
    CHECK(header.has_producer());
    const Producer* known = find(header.producer_id);
    Applied applied;
    applied.undo = {header.base_offset, header.producer_id,
                    known ? std::optional(*known) : std::nullopt};
    if (header.is_control() && !end) return applied;
    Producer& producer = producers_[header.producer_id];
    begin_epoch(producer, header.producer_epoch);
    producer.last_timestamp = header.max_timestamp;
    if (!end) {
        add_batch(producer, {header.last_offset(), header.max_timestamp, last_sequence_of(header),
                             header.last_offset_delta});
        if (header.is_transactional() && !producer.transaction_first) {
            producer.transaction_first = header.base_offset;
            open_[header.base_offset] = header.producer_id;
        }
        return applied;
    }
    producer.coordinator_epoch = end->coordinator_epoch;
    if (!producer.transaction_first) return applied;  // it had written nothing here
    const Offset first = *producer.transaction_first;
    producer.transaction_first.reset();
    open_.erase(first);
    unreplicated_[first] = header.base_offset;
    if (!end->is_commit)
        applied.aborted = {header.producer_id, first, header.base_offset,
                           open_.empty() ? header.base_offset + 1 : open_.begin()->first};
    return applied;
}

void ProducerStates::undo(const Undo& undo) {
    const Producer* now = find(undo.id);
    const auto began = now ? now->transaction_first : std::nullopt;
    const auto before = undo.before ? undo.before->transaction_first : std::nullopt;
    if (began && began != before) open_.erase(*began);
    if (before && began != before) {
        unreplicated_.erase(*before);
        open_[*before] = undo.id;
    }
    if (undo.before)
        producers_[undo.id] = *undo.before;
    else
        producers_.erase(undo.id);
}

std::optional<Offset> ProducerStates::first_unstable(Offset high_watermark) const {
    std::optional<Offset> first;
    if (!open_.empty()) first = open_.begin()->first;
    for (const auto& [begin, marker] : unreplicated_) {
        if (first && begin >= *first) break;
        if (marker >= high_watermark) return begin;
    }
    return first;
}

void ProducerStates::settle(Offset high_watermark) {
    std::erase_if(unreplicated_, [&](const auto& one) { return one.second < high_watermark; });
}

void ProducerStates::expire(std::int64_t now, std::int64_t expiration_ms) {
    std::erase_if(producers_, [&](const auto& one) {
        return !one.second.transaction_first &&
               saturating_minus(now, one.second.last_timestamp) >= expiration_ms;
    });
}

void ProducerStates::digest(Hasher& hasher) const {
    for (const auto& [id, producer] : producers_) {
        hasher.add(static_cast<std::uint64_t>(id.value()));
        hasher.add(static_cast<std::uint64_t>(producer.epoch.value()));
        if (const LastBatch* last = producer.last_batch())
            hasher.add(static_cast<std::uint64_t>(last->last.value()));
    }
    for (const auto& [first, id] : open_) hasher.add(static_cast<std::uint64_t>(first.value()));
    for (const auto& [first, marker] : unreplicated_)
        hasher.add(static_cast<std::uint64_t>(marker.value()));
}

void ProducerStates::put(ProducerId id, const Producer& producer) {
    producers_[id] = producer;
    if (producer.transaction_first) open_[*producer.transaction_first] = id;
}

}  // namespace barnabas::log
