// Builds a record batch: what our own producers, coordinators and the controller append.
#pragma once

#include <span>

#include "engine/records/compression.h"
#include "engine/records/prepared.h"
#include "engine/records/record.h"

namespace barnabas::records {

struct Producer {
    ProducerId id = no_producer;
    ProducerEpoch epoch = no_producer_epoch;
    std::int32_t base_sequence = no_sequence;
    bool is_transactional = false;
};

class BatchBuilder {
  public:
    BatchBuilder() : BatchBuilder(Producer{}) {}
    explicit BatchBuilder(Producer producer, Compression compression = {});

    void add(std::int64_t timestamp, OptionalView key, OptionalView value,
             std::span<const HeaderView> headers = {});

    std::int32_t count() const { return header_.record_count; }
    // Of the batch so far, head included, before it is compressed.
    std::size_t size() const { return bytes_.size(); }

    // The batch with base offset 0 and no leader epoch, as a producer sends it and as a log takes
    // it. Leaves the builder empty, for the next batch of the same producer. Needs: count() > 0.
    Prepared finish();

  private:
    void begin();

    Producer producer_;
    Compression compression_;
    BatchHeader header_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint8_t> body_;  // of one record, kept for its storage
};

// The batch that the head of `header` and these records make: length, codec and CRC are set, the
// rest of the head is kept. Needs: `plain` holds the records that the head speaks of.
Prepared make_batch(BatchHeader header, ByteView plain, const Compression& compression);

// The types of control records, as their keys state them.
enum class ControlType : std::int16_t {
    abort = 0,
    commit = 1,
    leader_change = 2,
    snapshot_header = 3,
    snapshot_footer = 4,
    kraft_version = 5,
    kraft_voters = 6,
};

// A batch of one control record; `value` is the serialised message that belongs to the type.
Prepared control_batch(ControlType type, ByteView value, std::int64_t timestamp,
                       Producer producer = {});
// The end of a transaction: commit or abort, by a coordinator of that epoch.
Prepared end_transaction_marker(bool is_commit, std::int32_t coordinator_epoch,
                                std::int64_t timestamp, ProducerId id, ProducerEpoch epoch);
// The type that a control record's key states; nothing for a key that is none.
std::optional<ControlType> control_type_of(const RecordView& record);

}  // namespace barnabas::records
