#include "engine/log/producer_snapshot.h"

#include "engine/base/big_endian.h"
#include "engine/base/check.h"
#include "engine/base/crc32c.h"
#include "engine/protocol/messages/storage_records.h"
#include "engine/protocol/stored.h"

namespace barnabas::log {

namespace {

constexpr std::size_t crc_at = 2;      // behind the version
constexpr std::size_t entries_at = 6;  // the CRC's own four bytes are not in it

using Entry = protocol::ProducerSnapshot::ProducerEntry;

Entry entry_of(ProducerId id, const ProducerStates::Producer& producer) {
    const ProducerStates::LastBatch* last = producer.last_batch();
    const ProducerStates::LastBatch batch = last ? *last : ProducerStates::LastBatch{};
    Entry entry;
    entry.producer_id = id.value();
    entry.epoch = producer.epoch.value();
    entry.last_sequence = batch.last_sequence;
    entry.last_offset = batch.last.value();
    entry.offset_delta = batch.offset_delta;
    entry.timestamp = producer.last_timestamp;
    entry.coordinator_epoch = producer.coordinator_epoch;
    entry.current_txn_first_offset =
        producer.transaction_first ? producer.transaction_first->value() : -1;
    return entry;
}

ProducerStates::Producer producer_of(const Entry& entry) {
    ProducerStates::Producer producer;
    producer.last_timestamp = entry.timestamp;
    producer.coordinator_epoch = entry.coordinator_epoch;
    producer.epoch = ProducerEpoch(entry.epoch);
    if (entry.current_txn_first_offset >= 0)
        producer.transaction_first = Offset(entry.current_txn_first_offset);
    if (entry.last_offset < 0) return producer;
    producer.batches[0] = {Offset(entry.last_offset), entry.timestamp, entry.last_sequence,
                           entry.offset_delta};
    producer.batch_count = 1;
    return producer;
}

}  // namespace

Bytes encode_snapshot(const ProducerStates& states) {
    protocol::ProducerSnapshot snapshot;
    snapshot.producer_entries.reserve(states.producers().size());
    for (const auto& [id, producer] : states.producers())
        snapshot.producer_entries.push_back(entry_of(id, producer));
    const auto encoded = protocol::encode_versioned(
        snapshot, protocol::ProducerSnapshot::format.valid.latest);
    CHECK(encoded.has_value());
    std::vector<std::uint8_t> bytes(encoded->begin(), encoded->end());
    store_big(bytes.data() + crc_at, crc32c(ByteView(bytes).subspan(entries_at)));
    return Bytes::own(std::move(bytes));
}

Result<ProducerStates, std::string> decode_snapshot(const Bytes& file) {
    const auto version = protocol::leading_number(file);
    if (!version || file.size() < empty_snapshot_bytes)
        return std::unexpected("it has " + std::to_string(file.size()) + " bytes");
    if (!protocol::has_version<protocol::ProducerSnapshot>(*version))
        return std::unexpected("version " + std::to_string(*version) + " is not known");
    if (load_big<std::uint32_t>(file.data() + crc_at) != crc32c(file.view().subspan(entries_at)))
        return std::unexpected("its CRC is wrong");
    const auto snapshot = protocol::decode_versioned<protocol::ProducerSnapshot>(file);
    if (!snapshot) return std::unexpected(snapshot.error().text());
    ProducerStates states;
    for (const Entry& entry : snapshot->producer_entries)
        states.put(ProducerId(entry.producer_id), producer_of(entry));
    return states;
}

}  // namespace barnabas::log
