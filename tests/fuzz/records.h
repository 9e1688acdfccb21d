// What is done with foreign bytes that pretend to be records, once for each kind of reader, and
// what must hold whatever they are. libFuzzer calls these, and so does a bounded test of every run.
//
// A mutation hardly ever hits a CRC: where one guards the way, it is made right first.
#pragma once

#include <zlib.h>

#include <algorithm>

#include "engine/base/big_endian.h"
#include "engine/records/build.h"
#include "engine/records/message_set.h"
#include "engine/records/validate.h"

namespace barnabas::fuzz {

constexpr std::size_t unpacked_max = std::size_t{1} << 20;

using Changeable = std::vector<std::uint8_t>;

// No more comes out than may, and the bound is exact.
inline void unpack_as(records::Codec codec, ByteView input) {
    const auto plain = records::unpack(codec, input, unpacked_max);
    if (!plain) return;
    CHECK(plain->size() <= unpacked_max);
    const auto again = records::unpack(codec, input, plain->size());
    CHECK(again.has_value());
    CHECK(*again == *plain);
    if (!plain->empty()) CHECK(!records::unpack(codec, input, plain->size() - 1));
}
inline void unpack_gzip(ByteView input) { unpack_as(records::Codec::gzip, input); }
inline void unpack_snappy(ByteView input) { unpack_as(records::Codec::snappy, input); }
inline void unpack_lz4(ByteView input) { unpack_as(records::Codec::lz4, input); }
inline void unpack_zstd(ByteView input) { unpack_as(records::Codec::zstd, input); }

// Nothing when the batch cannot be unpacked or is not well formed.
inline std::optional<std::int32_t> count_records(const records::Batch& batch) {
    const auto plain = records::plain_records(batch, 2 * unpacked_max);
    if (!plain) return std::nullopt;
    records::RecordReader reader(batch.header, *plain);
    std::int32_t count = 0;
    while (const auto record = reader.next()) {
        ++count;
        records::HeaderReader headers(*record);
        std::int32_t given = 0;
        while (headers.next()) ++given;
        CHECK(given == record->header_count);
    }
    if (!reader.is_good()) return std::nullopt;
    CHECK(count == batch.header.record_count);
    return count;
}

// What a leader would store must be a batch that can be read, and that it would take again.
inline void produce(const Bytes& batch, const records::Rules& rules) {
    const auto prepared = records::validate_produce(batch, rules);
    if (!prepared) return;
    Changeable stored(prepared->batch.begin(), prepared->batch.end());
    CHECK(stored.size() == prepared->header.size());
    prepared->header.store(stored.data());
    records::BatchReader reader(Bytes::own(std::move(stored)));
    const auto read = reader.next();
    CHECK(read.has_value());
    CHECK(read->has_good_crc());
    CHECK(count_records(*read).has_value());
    // A batch that claimed the broker's time hides those of its records.
    const auto came = records::BatchHeader::parse(batch);
    if (came->timestamp_type() != records::TimestampType::create_time) return;
    if (read->header.timestamp_type() != records::TimestampType::create_time) return;
    records::Rules lenient = rules;  // as it may have grown with its new codec
    lenient.batch_bytes_max = INT32_MAX;
    lenient.unpacked_bytes_max = 2 * unpacked_max;
    CHECK(records::validate_produce(read->bytes, lenient).has_value());
}

inline Bytes with_true_batch_crc(ByteView input) {
    Changeable bytes(input.begin(), input.end());
    if (bytes.size() >= records::batch_head_bytes) {
        const auto length = static_cast<std::int32_t>(bytes.size() - records::batch_outer_bytes);
        store_big(bytes.data() + 8, length);
        store_big(bytes.data() + 17, records::crc_of(bytes));
    }
    return Bytes::own(std::move(bytes));
}

inline void read_batches(ByteView input) {
    records::BatchReader reader(Bytes::copy(input));
    while (const auto batch = reader.next()) count_records(*batch);
    CHECK(reader.position() <= input.size());

    const Bytes one = with_true_batch_crc(input);
    constexpr WallTime now(std::chrono::milliseconds(1'700'000'000'000));  // as in the corpus
    records::Rules rules{.unpacked_bytes_max = unpacked_max, .now = now};
    produce(one, rules);
    rules.timestamp_before_max = rules.timestamp_after_max = 1000;
    rules.are_keys_required = true;
    produce(one, rules);
    rules = {.timestamp_type = records::TimestampType::log_append_time,
             .compression = records::Compression{.codec = records::Codec::snappy},
             .unpacked_bytes_max = unpacked_max,
             .now = now};
    produce(one, rules);
}

inline void mend_message_crcs(std::span<std::uint8_t> messages) {
    while (messages.size() > 16) {
        const auto size = load_big<std::int32_t>(messages.data() + 8);
        if (size < 4) return;
        const std::size_t whole = records::message_outer_bytes + static_cast<std::size_t>(size);
        if (whole > messages.size()) return;
        const auto covered = messages.first(whole).subspan(16);
        store_big(messages.data() + 12,
                  static_cast<std::uint32_t>(crc32_z(0, covered.data(), covered.size())));
        messages = messages.subspan(whole);
    }
}

inline Bytes with_true_message_crcs(ByteView input) {
    Changeable bytes(input.begin(), input.end());
    mend_message_crcs(bytes);
    return Bytes::own(std::move(bytes));
}

inline void read_whole_set(const Bytes& set) {
    records::MessageSetReader reader(set, unpacked_max);
    while (const auto message = reader.next()) {
        CHECK(!message->is_wrapper());
        if (message->magic == 0) CHECK(message->timestamp == records::no_timestamp);
    }
    CHECK(reader.position() <= set.size());
    CHECK(reader.trouble().empty() == (reader.ending() != records::MessagesEnd::corrupt));
}

// The input as it is, with its CRCs made right, and as what stands in a wrapper.
inline void read_message_sets(ByteView input) {
    read_whole_set(Bytes::copy(input));
    const Bytes inner = with_true_message_crcs(input);
    read_whole_set(inner);

    const Bytes packed = records::pack(
        inner, {.codec = records::Codec::snappy, .framing = records::SnappyFraming::raw});
    for (const std::uint8_t magic : {0, 1}) {
        Changeable wrapper(16);
        wrapper.push_back(magic);
        wrapper.push_back(static_cast<std::uint8_t>(records::Codec::snappy));
        if (magic == 1) wrapper.resize(wrapper.size() + 8);
        wrapper.insert(wrapper.end(), 4, 0xff);  // no key
        const std::size_t at = wrapper.size();
        wrapper.resize(at + 4);
        store_big(wrapper.data() + at, static_cast<std::int32_t>(packed.size()));
        wrapper.insert(wrapper.end(), packed.begin(), packed.end());
        store_big(wrapper.data(), std::int64_t{1} << 40);
        store_big(wrapper.data() + 8, static_cast<std::int32_t>(wrapper.size() - 12));
        read_whole_set(with_true_message_crcs(wrapper));
    }
}

}  // namespace barnabas::fuzz
