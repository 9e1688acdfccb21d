#include "engine/records/validate.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/base/big_endian.h"
#include "engine/base/crc32c.h"
#include "engine/records/build.h"
#include "engine/records/record.h"

namespace barnabas::records {

namespace {

constexpr std::size_t record_errors_max = 1000;  // a response stays small whatever is sent

using Trouble = std::unexpected<Refusal>;

Trouble refuse(RefusedAs as, std::string message) {
    return Trouble(Refusal{as, std::move(message), {}});
}

struct TimeRange {
    std::int64_t earliest;
    std::int64_t latest;

    explicit TimeRange(const Rules& rules) {
        const std::int64_t now = rules.now.time_since_epoch().count();
        earliest = now < std::numeric_limits<std::int64_t>::min() + rules.timestamp_before_max
                       ? std::numeric_limits<std::int64_t>::min()
                       : now - rules.timestamp_before_max;
        latest = now > std::numeric_limits<std::int64_t>::max() - rules.timestamp_after_max
                     ? std::numeric_limits<std::int64_t>::max()
                     : now + rules.timestamp_after_max;
    }
    bool has(std::int64_t timestamp) const { return earliest <= timestamp && timestamp <= latest; }
};

// Which timestamps a batch may have. As in Kafka, a batch that says LogAppendTime of itself gets
// through where the topic has CreateTime, and then says CreateTime.
class TimeRule {
  public:
    TimeRule(const BatchHeader& header, const Rules& rules)
        : range_(rules),
          is_create_time_(rules.timestamp_type == TimestampType::create_time),
          is_presumed_(header.timestamp_type() == TimestampType::log_append_time) {}

    bool allows(std::int64_t timestamp) const {
        if (is_create_time_ && timestamp != no_timestamp) return range_.has(timestamp);
        return !is_presumed_;
    }
    // Needs: it does not allow it.
    std::string fault(std::int64_t timestamp) const {
        if (!is_create_time_ || timestamp == no_timestamp)
            return "a producer may not set the timestamp type LogAppendTime";
        return "timestamp " + std::to_string(timestamp) + " is not within [" +
               std::to_string(range_.earliest) + ", " + std::to_string(range_.latest) + "]";
    }

  private:
    TimeRange range_;
    bool is_create_time_;
    bool is_presumed_;  // to be the broker's own time
};

// What the walk learns of a batch whose records are all well formed.
struct Walked {
    std::int64_t max_timestamp = no_timestamp;
    bool has_record_errors = false;
    bool has_other_deltas = false;  // than 0, 1, 2, ...
};

bool are_headers_well_formed(FieldReader& fields, std::int32_t count) {
    for (std::int32_t i = 0; i < count; ++i) {
        const OptionalView key = fields.run(fields.int32());
        fields.run(fields.int32());
        if (!key || !fields.is_good()) return false;
    }
    return true;
}

// Every record once: lengths, offset deltas, their number. Says in `why` what is wrong.
std::optional<Walked> walk(const BatchHeader& header, ByteView records, const Rules& rules,
                           std::string& why) {
    const TimeRule times(header, rules);
    const bool is_append_time = header.timestamp_type() == TimestampType::log_append_time;
    const std::int32_t bytes_max =
        header.codec() == Codec::none ? INT32_MAX : rules.record_bytes_max;
    FieldReader all(records);
    Walked walked;
    for (std::int32_t i = 0; i < header.record_count; ++i) {
        const std::int32_t size = all.int32();
        if (size > bytes_max) {
            why = "record " + std::to_string(i) + " unpacks to " + std::to_string(size) +
                  " bytes, max.decompressed.message.bytes is " + std::to_string(bytes_max);
            return std::nullopt;
        }
        const OptionalView body = all.run(size);
        if (!body || !all.is_good()) {
            why = "record " + std::to_string(i) + " does not fit into the batch";
            return std::nullopt;
        }
        FieldReader fields(*body);
        fields.byte();
        const auto delta = static_cast<std::uint64_t>(fields.int64());
        const std::int64_t timestamp =
            is_append_time ? header.max_timestamp
                           : static_cast<std::int64_t>(
                                 static_cast<std::uint64_t>(header.base_timestamp) + delta);
        const std::int32_t offset_delta = fields.int32();
        const bool has_key = fields.run(fields.int32()).has_value();
        fields.run(fields.int32());
        const std::int32_t headers = fields.int32();
        if (headers != 0 && (headers < 0 || !are_headers_well_formed(fields, headers))) {
            why = "record " + std::to_string(i) + " has headers that are not well formed";
            return std::nullopt;
        }
        if (!fields.is_good() || fields.left() != 0) {
            why = "record " + std::to_string(i) + " is not as long as its fields";
            return std::nullopt;
        }
        walked.has_other_deltas |= offset_delta != i;
        walked.max_timestamp = std::max(walked.max_timestamp, timestamp);
        walked.has_record_errors |=
            (rules.are_keys_required && !has_key) || !times.allows(timestamp);
    }
    if (all.left() != 0) {
        why = "bytes are left over behind the last record";
        return std::nullopt;
    }
    return walked;
}

// The slow second walk, which tells each bad record. One bad timestamp makes all of it a matter of
// timestamps. Needs: the batch is well formed.
Refusal collect_record_errors(const BatchHeader& header, ByteView records, const Rules& rules) {
    const TimeRule times(header, rules);
    Refusal refusal{RefusedAs::invalid_record, "one or more records have been rejected", {}};
    const auto add = [&](std::int32_t index, std::string message) {
        if (refusal.record_errors.size() == record_errors_max) return;
        refusal.record_errors.push_back({index, std::move(message)});
    };
    RecordReader reader(header, records);
    for (std::int32_t i = 0; const auto record = reader.next(); ++i) {
        if (rules.are_keys_required && !record->key) {
            add(i, "a compacted topic takes no record without a key");
        } else if (!times.allows(record->timestamp)) {
            refusal.as = RefusedAs::invalid_timestamp;
            refusal.message = "one or more records have been rejected due to invalid timestamp";
            add(i, times.fault(record->timestamp));
        }
    }
    return refusal;
}

// Old clients count the offsets of compressed records wrongly: the same records with offset deltas
// that are right. Needs: the batch is well formed.
Prepared counted_anew(const BatchHeader& header, ByteView plain, const Compression& compression) {
    BatchBuilder builder(Producer{header.producer_id, header.producer_epoch, header.base_sequence,
                                  header.is_transactional()},
                         compression);
    RecordReader reader(header, plain);
    while (const auto record = reader.next()) {
        std::vector<HeaderView> headers;
        HeaderReader header_reader(*record);
        while (const auto one = header_reader.next()) headers.push_back(*one);
        builder.add(record->timestamp, record->key, record->value, headers);
    }
    return builder.finish();
}

std::optional<Refusal> find_fault_in_size(std::size_t size, const Rules& rules) {
    if (size <= static_cast<std::size_t>(std::max(rules.batch_bytes_max, 0))) return std::nullopt;
    return Refusal{RefusedAs::message_too_large,
                   "the record batch has " + std::to_string(size) +
                       " bytes, max.message.bytes is " + std::to_string(rules.batch_bytes_max),
                   {}};
}

// What stands at the beginning of these bytes, as Kafka cuts them into batches.
struct Cut {
    enum class As : std::uint8_t {
        nothing,  // less than a batch
        corrupt,  // no length or no magic of one
        batch,    // `size` bytes of it
    };
    As as = As::nothing;
    std::size_t size = 0;
    std::int8_t magic = 0;
};

Cut cut(ByteView bytes) {
    constexpr std::size_t up_to_magic = 17;
    constexpr std::int32_t length_min = 14;  // of a message of format 0
    if (bytes.size() < batch_outer_bytes) return {};
    const auto length = load_big<std::int32_t>(bytes.data() + 8);
    if (length < length_min) return {.as = Cut::As::corrupt};
    if (bytes.size() < up_to_magic) return {};
    Cut cut{Cut::As::batch, batch_outer_bytes + static_cast<std::size_t>(length),
            load_big<std::int8_t>(bytes.data() + up_to_magic - 1)};
    if (cut.magic < 0 || cut.magic > magic_served)
        cut.as = Cut::As::corrupt;
    else if (cut.size > bytes.size())
        cut.as = Cut::As::nothing;
    return cut;
}

// What can be told before the CRC is taken, in Kafka's order. `size` becomes that of the batch.
std::optional<Refusal> find_fault_in_shape(const Bytes& records, const Rules& rules,
                                           std::size_t& size) {
    const auto fault = [](RefusedAs as, std::string message) { return Refusal{as, message, {}}; };
    const Cut first = cut(records);
    size = first.size;
    if (first.as == Cut::As::nothing)
        return fault(RefusedAs::invalid_record,
                     "a partition needs exactly one record batch, no whole one is in " +
                         std::to_string(records.size()) + " bytes");
    if (first.as == Cut::As::batch && first.magic < magic_served)
        return fault(RefusedAs::invalid_record,
                     "only record batches with magic 2 are allowed, this one has magic " +
                         std::to_string(first.magic));
    if (first.as == Cut::As::corrupt || size < batch_head_bytes)
        return fault(RefusedAs::corrupt_message, "no record batch has such a length and magic");
    const BatchHeader header = *BatchHeader::parse(records);
    if (header.codec() == Codec::zstd && rules.produce_version < 7)
        return fault(RefusedAs::unsupported_compression_type,
                     "zstd needs version 7 of Produce or later");
    const Cut second = cut(records.view().subspan(size));
    if (second.as == Cut::As::corrupt)
        return fault(RefusedAs::corrupt_message,
                     "what follows the record batch has no length and magic of another");
    if (second.as == Cut::As::batch)
        return fault(RefusedAs::invalid_record,
                     "a partition takes exactly one record batch, another follows the first");
    if (header.base_offset != Offset(0))
        return fault(RefusedAs::invalid_record,
                     "the base offset of a produced batch is 0, this one has " +
                         std::to_string(header.base_offset.value()));
    return find_fault_in_size(size, rules);
}

// The fields of a whole batch with a good CRC.
std::optional<Refusal> find_fault_in_head(const BatchHeader& header) {
    const auto invalid = [](std::string message) {
        return Refusal{RefusedAs::invalid_record, std::move(message), {}};
    };
    if (!header.codec()) return invalid("the record batch names no codec that exists");
    if (header.record_count <= 0)
        return invalid("the record batch states " + std::to_string(header.record_count) +
                       " records");
    if (header.last_offset_delta != header.record_count - 1)
        return invalid("the record batch states " + std::to_string(header.record_count) +
                       " records and a last offset delta of " +
                       std::to_string(header.last_offset_delta));
    if (header.is_control()) return invalid("clients may not write control records");
    if (header.has_producer() && header.base_sequence < 0)
        return invalid("the record batch of producer " +
                       std::to_string(header.producer_id.value()) + " has sequence " +
                       std::to_string(header.base_sequence));
    return std::nullopt;
}

// What it costs to look at a batch as it came: its CRC and, if they are as small as can be, its
// records. Unpacking costs what comes out besides, and much, if it is little, of what goes in.
constexpr std::uint64_t bytes_for_crc = 32;
constexpr std::uint64_t work_of_record = 4;
constexpr std::uint64_t work_of_packed_byte = 4;
constexpr std::uint64_t work_of_packing_byte = 32;
constexpr std::size_t record_bytes_min = 7;

std::uint64_t work_of_records(const BatchHeader& header, std::size_t plain) {
    const auto count = static_cast<std::uint64_t>(std::max(header.record_count, 0));
    return work_of_record * std::min<std::uint64_t>(count, plain / record_bytes_min);
}

// Gives the head what the log decides about time, and the CRC that belongs to it.
void decide_time(Prepared& prepared, std::int64_t max_timestamp, const Rules& rules) {
    BatchHeader& header = prepared.header;
    if (rules.timestamp_type == TimestampType::log_append_time) {
        header.attributes |= BatchHeader::log_append_time_bit;
        max_timestamp = rules.now.time_since_epoch().count();
    } else if (header.timestamp_type() == TimestampType::log_append_time) {
        header.attributes &= ~BatchHeader::log_append_time_bit;
    } else if (header.max_timestamp == max_timestamp) {
        return;
    }
    header.max_timestamp = max_timestamp;
    prepared.head_changed = true;
    std::array<std::uint8_t, batch_head_bytes> head;
    header.store(head.data());
    const std::uint32_t crc_of_head = crc32c(ByteView(head).subspan(crc_begins_at));
    header.crc = crc32c(prepared.batch.view().subspan(batch_head_bytes), crc_of_head);
}

}  // namespace

std::optional<Validated> validate_within(const Bytes& records, const Rules& rules, Effort& effort) {
    std::size_t size = 0;
    if (auto fault = find_fault_in_shape(records, rules, size)) return Trouble(*fault);
    Bytes batch = size == records.size() ? records : records.slice(0, size);
    const auto header = BatchHeader::parse(batch);
    if (!effort.spend(size / bytes_for_crc)) return std::nullopt;
    if (crc_of(batch) != header->crc)
        return refuse(RefusedAs::corrupt_message, "the record batch has a wrong CRC");
    if (auto fault = find_fault_in_head(*header)) return Trouble(*fault);

    const Codec codec = *header->codec();
    const bool is_packed = codec != Codec::none;
    if (is_packed && !effort.spend(size * work_of_packed_byte)) return std::nullopt;
    const std::size_t bytes_max = std::min<std::uint64_t>(effort.left(), rules.unpacked_bytes_max);
    const auto plain = plain_records({*header, batch}, bytes_max);
    if (!plain && bytes_max < rules.unpacked_bytes_max) {
        effort.spend_all();  // it has been: and whether more would help is not known
        return std::nullopt;
    }
    if (!plain)
        return refuse(RefusedAs::invalid_record,
                      "the records cannot be unpacked: " + plain.error());
    if (!effort.spend(work_of_records(*header, plain->size()) + (is_packed ? plain->size() : 0)))
        return std::nullopt;
    std::string why;
    const auto walked = walk(*header, *plain, rules, why);
    if (!walked) return refuse(RefusedAs::invalid_record, why);
    if (walked->has_record_errors) return Trouble(collect_record_errors(*header, *plain, rules));
    if (walked->has_other_deltas && !is_packed)
        return refuse(RefusedAs::invalid_record, "the offset deltas do not count from 0");

    Prepared prepared{*header, std::move(batch), false};
    const Compression target = rules.compression.value_or(Compression{codec, {}, {}});
    if (walked->has_other_deltas || target.codec != codec) {
        if (!effort.spend(plain->size() * work_of_packing_byte)) return std::nullopt;
        prepared = walked->has_other_deltas ? counted_anew(*header, *plain, target)
                                            : make_batch(*header, *plain, target);
    }
    // One that was made anew has a size of its own.
    if (auto fault = find_fault_in_size(prepared.size(), rules)) return Trouble(*fault);
    decide_time(prepared, walked->max_timestamp, rules);
    return prepared;
}

Validated validate_produce(const Bytes& records, const Rules& rules) {
    Effort effort = Effort::without_end();
    return *validate_within(records, rules, effort);
}

}  // namespace barnabas::records
