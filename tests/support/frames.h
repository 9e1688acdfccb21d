// Kafka requests laid out byte by byte, and the few fields of their answers that a test looks at.
//
// Owes nothing to engine/protocol, so that a mistake in the codec cannot hide on both sides. All
// are of the last version before compact encodings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/big_endian.h"
#include "engine/records/build.h"
#include "tests/support/loopback.h"

namespace barnabas::support {

using Frame = std::vector<std::uint8_t>;

constexpr std::size_t frame_prefix_bytes = 4;
constexpr std::size_t correlation_at = 8;  // in a request: behind length, key and version

// A frame under way: length prefix and request header first, then the fields in their order.
class FrameBuilder {
  public:
    FrameBuilder(std::int16_t api_key, std::int16_t version, std::int32_t correlation = 0) {
        number<std::int32_t>(0);
        number(api_key);
        number(version);
        number(correlation);
        text("test");
    }

    template <std::integral Number>
    FrameBuilder& number(Number value) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + sizeof value);
        store_big(bytes_.data() + at, value);
        return *this;
    }
    FrameBuilder& count(std::size_t value) { return number(static_cast<std::int32_t>(value)); }
    FrameBuilder& text(std::string_view value) {
        number(static_cast<std::int16_t>(value.size()));
        return raw(as_bytes(value));
    }
    FrameBuilder& no_text() { return number<std::int16_t>(-1); }
    FrameBuilder& bytes(ByteView value) { return count(value.size()).raw(value); }
    FrameBuilder& raw(ByteView value) {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        return *this;
    }

    // With the length prefix filled in.
    Frame finish() {
        store_big(bytes_.data(), static_cast<std::int32_t>(bytes_.size() - frame_prefix_bytes));
        return std::move(bytes_);
    }

  private:
    Frame bytes_;
};

inline void set_correlation(Frame& frame, std::int32_t correlation) {
    store_big(frame.data() + correlation_at, correlation);
}

// Reads an answer from behind its length prefix. Past the end everything is zero and is_good()
// false.
class AnswerReader {
  public:
    explicit AnswerReader(ByteView bytes) : left_(bytes) {}

    template <std::integral Number>
    Number number() {
        const ByteView from = run(sizeof(Number));
        return from.empty() ? Number{} : load_big<Number>(from.data());
    }
    std::string text() {
        const auto size = number<std::int16_t>();
        return std::string(as_text(run(static_cast<std::size_t>(size < 0 ? 0 : size))));
    }
    ByteView bytes() {
        const auto size = number<std::int32_t>();
        return run(static_cast<std::size_t>(size < 0 ? 0 : size));
    }
    ByteView run(std::size_t count) {
        if (count > left_.size()) {
            good_ = false;
            left_ = {};
            return {};
        }
        const ByteView taken = left_.first(count);
        left_ = left_.subspan(count);
        return taken;
    }
    bool is_good() const { return good_; }
    std::size_t left() const { return left_.size(); }

  private:
    ByteView left_;
    bool good_ = true;
};

// From version 3 on the header ends in tagged fields (none).
inline Frame api_versions_request(std::int16_t version = 0) {
    FrameBuilder frame(18, version);
    if (version >= 3) frame.number<std::int8_t>(0);
    return frame.finish();
}

inline Frame metadata_request(std::string_view topic) {
    return FrameBuilder(3, 4).count(1).text(topic).number<std::int8_t>(0).finish();
}

// `count` topics named PREFIX0, PREFIX1 ...; with `count` 1 the name is PREFIX itself.
inline Frame create_topics_request(std::string_view prefix, int count = 1, int partitions = 1) {
    FrameBuilder frame(19, 4);
    frame.number<std::int32_t>(count);
    for (int i = 0; i < count; ++i) {
        frame.text(count == 1 ? std::string(prefix) : std::string(prefix) + std::to_string(i));
        frame.number<std::int32_t>(partitions).number<std::int16_t>(1).count(0).count(0);
    }
    return frame.number<std::int32_t>(30'000).number<std::int8_t>(0).finish();
}

// `record_bytes` of payload in each of `records` records without a key.
inline Bytes batch_of(int records, std::size_t record_bytes, std::int64_t timestamp,
                      std::uint8_t fill = 'x') {
    const std::vector<std::uint8_t> value(record_bytes, fill);
    records::BatchBuilder builder;
    for (int i = 0; i < records; ++i) builder.add(timestamp, std::nullopt, ByteView(value));
    return builder.finish().batch;
}

inline Frame produce_request(std::string_view topic, std::int32_t partition, std::int16_t acks,
                             ByteView batch) {
    return FrameBuilder(0, 7)
        .no_text()
        .number(acks)
        .number<std::int32_t>(30'000)
        .count(1)
        .text(topic)
        .count(1)
        .number(partition)
        .bytes(batch)
        .finish();
}

// The same batch for another partition. Needs: a frame of produce_request() with so large a batch.
inline void set_partition(Frame& frame, std::size_t batch_bytes, std::int32_t partition) {
    store_big(frame.data() + frame.size() - batch_bytes - 2 * sizeof(std::int32_t), partition);
}

struct FetchBounds {
    std::int32_t wait_max_ms = 500;
    std::int32_t bytes_min = 1;
    std::int32_t bytes_max = 1 << 20;
};

inline Frame fetch_request(std::string_view topic, std::int32_t partition, std::int64_t offset,
                           FetchBounds bounds = {}) {
    return FrameBuilder(1, 11)
        .number<std::int32_t>(-1)
        .number(bounds.wait_max_ms)
        .number(bounds.bytes_min)
        .number(bounds.bytes_max)
        .number<std::int8_t>(0)
        .number<std::int32_t>(0)
        .number<std::int32_t>(-1)
        .count(1)
        .text(topic)
        .count(1)
        .number(partition)
        .number<std::int32_t>(-1)
        .number(offset)
        .number<std::int64_t>(-1)
        .number(bounds.bytes_max)
        .count(0)
        .text("")
        .finish();
}

// The offset behind the last record (latest), or the first one (earliest).
inline Frame list_offsets_request(std::string_view topic, std::int32_t partition, bool latest) {
    return FrameBuilder(2, 5)
        .number<std::int32_t>(-1)
        .number<std::int8_t>(0)
        .count(1)
        .text(topic)
        .count(1)
        .number(partition)
        .number<std::int32_t>(-1)
        .number<std::int64_t>(latest ? -1 : -2)
        .finish();
}

struct ProduceAnswer {
    std::int32_t correlation = 0;
    std::int16_t error = -1;
    std::int64_t base_offset = -1;
};

// Of the first partition in it; `answer` is a frame without its prefix.
inline ProduceAnswer read_produce_answer(ByteView answer) {
    AnswerReader reader(answer);
    ProduceAnswer read{.correlation = reader.number<std::int32_t>()};
    reader.number<std::int32_t>();
    reader.text();
    reader.number<std::int32_t>();
    reader.number<std::int32_t>();
    read.error = reader.number<std::int16_t>();
    read.base_offset = reader.number<std::int64_t>();
    return reader.is_good() ? read : ProduceAnswer{};
}

struct FetchAnswer {
    std::int16_t error = -1;
    std::int64_t high_watermark = -1;
    ByteView records;  // shows into the answer
};

// What stands before the records; `reader` is left there.
inline FetchAnswer read_fetch_answer_head(AnswerReader& reader) {
    FetchAnswer read;
    reader.number<std::int32_t>();
    reader.number<std::int32_t>();
    const auto session_error = reader.number<std::int16_t>();
    reader.number<std::int32_t>();
    read.error = session_error;
    if (reader.number<std::int32_t>() == 0) return read;
    reader.text();
    reader.number<std::int32_t>();
    reader.number<std::int32_t>();
    read.error = reader.number<std::int16_t>();
    read.high_watermark = reader.number<std::int64_t>();
    reader.number<std::int64_t>();
    reader.number<std::int64_t>();
    for (auto aborted = reader.number<std::int32_t>(); aborted > 0; --aborted) reader.run(16);
    reader.number<std::int32_t>();
    return reader.is_good() ? read : FetchAnswer{};
}

inline FetchAnswer read_fetch_answer(ByteView answer) {
    AnswerReader reader(answer);
    FetchAnswer read = read_fetch_answer_head(reader);
    read.records = reader.bytes();
    return reader.is_good() ? read : FetchAnswer{};
}

// One connection to a broker, one request at a time.
class Wire {
  public:
    explicit Wire(std::uint16_t port) : socket_(dial_loopback(port)) {}

    Socket& socket() { return socket_; }
    explicit operator bool() const { return static_cast<bool>(socket_); }

    // The answer without its length prefix; nothing when the broker ended the connection or was
    // silent for too long.
    std::optional<Frame> ask(const Frame& request, Milliseconds patience = Milliseconds(30'000)) {
        if (!socket_.send_all(request, patience)) return std::nullopt;
        return answer(patience);
    }
    std::optional<Frame> answer(Milliseconds patience = Milliseconds(30'000)) {
        const auto prefix = socket_.read(frame_prefix_bytes, patience);
        if (!prefix) return std::nullopt;
        const auto length = load_big<std::int32_t>(prefix->data());
        if (length < 0 || length > (128 << 20)) return std::nullopt;
        return socket_.read(static_cast<std::size_t>(length), patience);
    }

    std::int16_t create_topics(std::string_view prefix, int count = 1, int partitions = 1) {
        const auto answer = ask(create_topics_request(prefix, count, partitions));
        if (!answer) return -1;
        AnswerReader reader(*answer);
        reader.number<std::int32_t>();
        reader.number<std::int32_t>();
        reader.number<std::int32_t>();
        reader.text();
        const auto error = reader.number<std::int16_t>();
        return reader.is_good() ? error : std::int16_t{-1};
    }
    ProduceAnswer produce(std::string_view topic, std::int32_t partition, std::int16_t acks,
                          ByteView batch) {
        const auto answer = ask(produce_request(topic, partition, acks, batch));
        return answer ? read_produce_answer(*answer) : ProduceAnswer{};
    }
    // -1 when the broker does not say.
    std::int64_t offset(std::string_view topic, std::int32_t partition, bool latest) {
        const auto answer = ask(list_offsets_request(topic, partition, latest));
        if (!answer) return -1;
        AnswerReader reader(*answer);
        reader.run(4 + 4 + 4);
        reader.text();
        reader.run(4 + 4);
        const auto error = reader.number<std::int16_t>();
        reader.number<std::int64_t>();
        const auto offset = reader.number<std::int64_t>();
        return reader.is_good() && error == 0 ? offset : -1;
    }

  private:
    Socket socket_;
};

}  // namespace barnabas::support
