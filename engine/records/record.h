// The records of an uncompressed batch: the fields of one, a reader, and the fast reading of their
// zigzag varints.
#pragma once

#include <optional>

#include "engine/base/varint.h"
#include "engine/records/batch.h"

namespace barnabas::records {

using OptionalView = std::optional<ByteView>;  // nothing is Kafka's null

struct HeaderView {
    ByteView key;
    OptionalView value;
};

// Shows into the batch's bytes, which must stay.
struct RecordView {
    Offset offset;
    std::int64_t timestamp = no_timestamp;
    OptionalView key;
    OptionalView value;
    std::int32_t header_count = 0;
    ByteView headers;  // read by HeaderReader
};

// Reads zigzag varints and runs of bytes, one after the other. After anything that does not fit,
// is_good() is false and every further read gives zero or nothing.
class FieldReader {
  public:
    explicit FieldReader(ByteView bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    bool is_good() const { return good_; }

    std::int32_t int32() { return static_cast<std::int32_t>(unzigzag(varint(32))); }
    std::int64_t int64() { return unzigzag(varint(64)); }
    std::uint8_t byte() { return left() > 0 ? *at_++ : (fail(), std::uint8_t{0}); }
    // `count` bytes; a negative count is null.
    OptionalView run(std::int32_t count) {
        if (count < 0) return std::nullopt;
        if (static_cast<std::size_t>(count) > left()) return fail(), std::nullopt;
        const ByteView bytes(at_, static_cast<std::size_t>(count));
        at_ += count;
        return bytes;
    }

  private:
    std::uint64_t varint(int bits) {
        // Nearly all are one or two bytes long.
        if (at_ != end_) [[likely]] {
            const std::uint64_t first = at_[0];
            if (first < 0x80) return ++at_, first;
            if (left() >= 2 && at_[1] < 0x80) [[likely]] {
                const std::uint64_t second = at_[1];
                return at_ += 2, (first & 0x7f) | second << 7;
            }
        }
        const LongVarint read = long_varint(at_, end_, bits);
        if (read.end == nullptr) return fail(), 0;
        at_ = read.end;
        return read.value;
    }
    // Takes and gives values, not this reader: so a walk keeps its place in registers.
    struct LongVarint {
        std::uint64_t value;
        const std::uint8_t* end;  // null: no such number stands there
    };
    static LongVarint long_varint(const std::uint8_t* at, const std::uint8_t* end, int bits);
    void fail() {
        good_ = false;
        at_ = end_;
    }

    const std::uint8_t* at_;
    const std::uint8_t* end_;
    bool good_ = true;
};

class HeaderReader {
  public:
    explicit HeaderReader(const RecordView& record)
        : fields_(record.headers), left_(record.header_count) {}
    std::optional<HeaderView> next();

  private:
    FieldReader fields_;
    std::int32_t left_;
};

// Walks the records of one batch, whose `records` stand uncompressed. Checks all that a record says
// about itself, so that whatever next() gives out may be used.
class RecordReader {
  public:
    // What was compressed has no record of more than `record_bytes_max`.
    RecordReader(const BatchHeader& header, ByteView records,
                 std::int32_t record_bytes_max = INT32_MAX)
        : header_(header),
          fields_(records),
          bytes_max_(header.codec() == Codec::none ? INT32_MAX : record_bytes_max) {}

    // The next record, or nothing: at the end, or where the bytes are no record (is_good() is
    // false).
    std::optional<RecordView> next();
    // Every record so far was whole and, at the end, the count was right and nothing was left over.
    bool is_good() const { return good_; }
    bool is_too_large() const { return is_too_large_; }  // a record, which is not good then

  private:
    BatchHeader header_;
    FieldReader fields_;
    std::int32_t bytes_max_;
    std::int32_t given_ = 0;
    bool good_ = true;
    bool is_too_large_ = false;
};

}  // namespace barnabas::records
