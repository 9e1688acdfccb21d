// Messages of formats 0 and 1, laid out by hand from Kafka's protocol guide ("Message sets") and
// held against the behaviour of Apache Kafka's LegacyRecord, AbstractLegacyRecordBatch and
// Lz4BlockInputStream.
#include "engine/records/message_set.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <xxhash.h>
#include <zlib.h>

#include "engine/base/big_endian.h"

namespace barnabas::records {
namespace {

using Layout = std::vector<std::uint8_t>;

// The fields of one message as they are to stand there.
struct Laid {
    std::int64_t offset = 0;
    std::int8_t magic = 1;
    std::int8_t attributes = 0;
    std::int64_t timestamp = 1000;  // format 1
    OptionalView key = {};
    OptionalView value = as_bytes("v");
};

template <class Number>
void put(Layout& run, Number number) {
    run.resize(run.size() + sizeof number);
    store_big(run.data() + run.size() - sizeof number, number);
}

void put_run(Layout& run, OptionalView bytes) {
    put(run, bytes ? static_cast<std::int32_t>(bytes->size()) : std::int32_t{-1});
    if (bytes) run.insert(run.end(), bytes->begin(), bytes->end());
}

Layout lay(const Laid& laid) {
    Layout covered;
    put(covered, laid.magic);
    put(covered, laid.attributes);
    if (laid.magic == 1) put(covered, laid.timestamp);
    put_run(covered, laid.key);
    put_run(covered, laid.value);
    Layout run;
    put(run, laid.offset);
    put(run, static_cast<std::int32_t>(covered.size() + 4));
    put(run, static_cast<std::uint32_t>(crc32_z(0, covered.data(), covered.size())));
    run.insert(run.end(), covered.begin(), covered.end());
    return run;
}

Layout lay_all(std::initializer_list<Laid> all) {
    Layout run;
    for (const Laid& one : all) {
        const Layout bytes = lay(one);
        run.insert(run.end(), bytes.begin(), bytes.end());
    }
    return run;
}

constexpr std::int8_t gzip = 1, snappy = 2, lz4 = 3, zstd = 4, log_append_time = 8;

Layout wrap(Laid wrapper, ByteView inner) {
    const auto codec = static_cast<Codec>(wrapper.attributes & BatchHeader::codec_mask);
    const Bytes packed = pack(inner, {codec, {}, SnappyFraming::java});
    wrapper.value = packed.view();
    return lay(wrapper);
}

struct Read {
    std::vector<Message> messages;
    MessagesEnd ending = MessagesEnd::whole;
    std::string trouble;
    std::size_t position = 0;

    std::string offsets() const {
        std::string text;
        for (const Message& message : messages)
            text += std::to_string(message.offset.value()) + ' ';
        return text;
    }
};

Read read_messages(const Layout& run, std::size_t bytes_max = unpacked_bytes_max) {
    MessageSetReader reader(Bytes::copy(ByteView(run)), bytes_max);
    Read all;
    while (auto message = reader.next()) all.messages.push_back(*message);
    EXPECT_FALSE(reader.next());
    all.ending = reader.ending();
    all.trouble = reader.trouble();
    all.position = reader.position();
    return all;
}

// Nothing of this file's own helpers: every byte is written out, and the CRCs are zlib's as
// Python's zlib module computes them.
TEST(MessageSet, BothFormatsReadAsTheGuideLaysThemOut) {
    const Layout run = {
        0,    0,    0,    0,    0,    0,    0,   5,    0,   0,   0, 0x15,  // offset, size
        0xaa, 0xf1, 0x8f, 0x5b, 0,    0,                                   // CRC, magic, attributes
        0,    0,    0,    3,    'k',  'e',  'y', 0,    0,   0,   4, 't',  'e', 's', 't',  //
        0,    0,    0,    0,    0,    0,    0,   6,    0,   0,   0, 0x18,                 //
        0x50, 0x93, 0x2f, 0xf1, 1,    8,                          // LogAppendTime
        0,    0,    1,    0x1f, 0x71, 0xfb, 4,   0xcb,            // timestamp
        0xff, 0xff, 0xff, 0xff, 0,    0,    0,   2,    'h', 'i',  // no key
    };
    const Read all = read_messages(run);
    ASSERT_EQ(all.messages.size(), 2u) << all.trouble;
    EXPECT_EQ(all.ending, MessagesEnd::whole);
    EXPECT_EQ(all.position, run.size());
    const Message& old = all.messages[0];
    EXPECT_EQ(old.offset, Offset(5));
    EXPECT_EQ(old.magic, 0);
    EXPECT_EQ(old.timestamp, no_timestamp);
    EXPECT_FALSE(old.timestamp_type);
    EXPECT_EQ(as_text(*old.key), "key");
    EXPECT_EQ(as_text(*old.value), "test");
    const Message& young = all.messages[1];
    EXPECT_EQ(young.offset, Offset(6));
    EXPECT_EQ(young.timestamp, 1'234'567'890'123);
    EXPECT_EQ(young.timestamp_type, TimestampType::log_append_time);
    EXPECT_FALSE(young.key);
    EXPECT_EQ(as_text(*young.value), "hi");
}

TEST(MessageSet, AnyFlippedByteUnderTheCrcIsRefused) {
    const Layout whole = lay({.offset = 3, .key = as_bytes("k")});
    for (std::size_t at = message_outer_bytes; at < whole.size(); ++at) {
        Layout changed = whole;
        changed[at] ^= 0x10;
        EXPECT_EQ(read_messages(changed).ending, MessagesEnd::corrupt) << at;
    }
}

TEST(MessageSet, AMessageThatGoesOnBehindTheEndIsTorn) {
    const Layout first = lay({.offset = 1});
    Layout run = first;
    const Layout second = lay({.offset = 2});
    for (const std::uint8_t byte : second) {
        run.push_back(byte);
        const Read all = read_messages(run);
        const bool is_whole = run.size() == first.size() + second.size();
        EXPECT_EQ(all.ending, is_whole ? MessagesEnd::whole : MessagesEnd::torn);
        EXPECT_EQ(all.position, is_whole ? run.size() : first.size());
    }
}

TEST(MessageSet, ARecordBatchBehindMessagesIsLeftToItsOwnReader) {
    Layout run = lay({.offset = 1});
    const std::size_t size = run.size();
    run.resize(size + batch_head_bytes);
    BatchHeader{.base_offset = Offset(2), .length = 49}.store(run.data() + size);
    const Read all = read_messages(run);
    EXPECT_EQ(all.offsets(), "1 ");
    EXPECT_EQ(all.ending, MessagesEnd::record_batch);
    EXPECT_EQ(all.position, size);
}

TEST(MessageSet, LengthsThatDoNotFitAreRefused) {
    for (const std::int8_t magic : {0, 1}) {
        Layout covered;
        put(covered, magic);
        put(covered, std::int8_t{0});
        if (magic == 1) put(covered, std::int64_t{0});
        put(covered, std::int32_t{INT32_MAX});  // of the key
        put(covered, std::int32_t{-1});
        Layout run;
        put(run, std::int64_t{0});
        put(run, static_cast<std::int32_t>(covered.size() + 4));
        put(run, static_cast<std::uint32_t>(crc32_z(0, covered.data(), covered.size())));
        run.insert(run.end(), covered.begin(), covered.end());
        EXPECT_EQ(read_messages(run).ending, MessagesEnd::corrupt);
    }
    Layout small = lay({});
    store_big<std::int32_t>(small.data() + 8, 13);
    EXPECT_EQ(read_messages(small).ending, MessagesEnd::corrupt);
    store_big<std::int32_t>(small.data() + 8, -1);
    EXPECT_EQ(read_messages(small).ending, MessagesEnd::corrupt);
}

// Format 1 numbers what is in a wrapper from 0 on; the wrapper's offset is that of the last.
// Compaction leaves gaps.
TEST(MessageSet, OffsetsInAWrapperOfFormat1AreRelative) {
    for (const std::int8_t codec : {gzip, snappy, lz4}) {
        Layout run = wrap({.offset = 107, .attributes = codec},
                          lay_all({{.offset = 0}, {.offset = 4}, {.offset = 7}}));
        const Layout next = lay({.offset = 108});
        run.insert(run.end(), next.begin(), next.end());
        EXPECT_EQ(read_messages(run).offsets(), "100 104 107 108 ");
    }
}

TEST(MessageSet, OffsetsInAWrapperOfFormat0AreAbsolute) {
    for (const std::int8_t codec : {gzip, snappy, lz4}) {
        const Layout inner = lay_all({{.offset = 100, .magic = 0}, {.offset = 101, .magic = 0}});
        EXPECT_EQ(
            read_messages(wrap({.offset = 101, .magic = 0, .attributes = codec}, inner)).offsets(),
            "100 101 ");
    }
}

// As some versions of librdkafka send it.
TEST(MessageSet, AWrapperAtOffset0LeavesTheOffsetsWithinAsTheyAre) {
    const Layout inner = lay_all({{.offset = 0}, {.offset = 1}, {.offset = 2}});
    EXPECT_EQ(read_messages(wrap({.offset = 0, .attributes = gzip}, inner)).offsets(), "0 1 2 ");
}

TEST(MessageSet, AWrapperBeforeItsLastMessageIsRefused) {
    const Layout inner = lay_all({{.offset = 0}, {.offset = 5}});
    const Read all = read_messages(wrap({.offset = 4, .attributes = gzip}, inner));
    EXPECT_EQ(all.ending, MessagesEnd::corrupt);
    EXPECT_TRUE(all.messages.empty());
}

TEST(MessageSet, OffsetsThatLeaveTheirRangeAreRefused) {
    const Layout far = lay_all({{.offset = INT64_MAX}, {.offset = 0}});
    EXPECT_EQ(read_messages(wrap({.offset = 2, .attributes = gzip}, far)).ending,
              MessagesEnd::corrupt);
    const Layout below = lay_all({{.offset = INT64_MIN}});
    EXPECT_EQ(read_messages(wrap({.offset = 2, .attributes = gzip}, below)).ending,
              MessagesEnd::corrupt);
}

TEST(MessageSet, LogAppendTimeIsTheWrappersAndCreateTimeTheMessages) {
    const Layout inner = lay_all({{.offset = 0, .timestamp = 10}, {.offset = 1, .timestamp = 20}});
    Read all = read_messages(wrap({.offset = 9, .attributes = gzip, .timestamp = 77}, inner));
    ASSERT_EQ(all.messages.size(), 2u) << all.trouble;
    EXPECT_EQ(all.messages[1].timestamp, 20);
    EXPECT_EQ(all.messages[1].timestamp_type, TimestampType::create_time);
    const auto both = static_cast<std::int8_t>(gzip | log_append_time);
    all = read_messages(wrap({.offset = 9, .attributes = both, .timestamp = 77}, inner));
    ASSERT_EQ(all.messages.size(), 2u) << all.trouble;
    EXPECT_EQ(all.messages[0].timestamp, 77);
    EXPECT_EQ(all.messages[0].timestamp_type, TimestampType::log_append_time);
}

TEST(MessageSet, WrappersThatAreNoneAreRefused) {
    const Layout inner = lay_all({{.offset = 0}});
    const Layout nested = wrap({.offset = 0, .attributes = gzip}, inner);
    Layout bad_inner = inner;
    bad_inner.back() ^= 1;
    const Layout all[] = {
        lay({.attributes = gzip, .value = std::nullopt}),
        lay({.attributes = gzip, .value = as_bytes("no gzip data")}),
        lay({.attributes = 5, .value = as_bytes("no such codec")}),
        wrap({.attributes = zstd}, inner),
        wrap({.attributes = gzip}, {}),
        wrap({.attributes = gzip}, nested),
        wrap({.attributes = gzip}, bad_inner),
    };
    for (const Layout& run : all) {
        const Read what = read_messages(run);
        EXPECT_EQ(what.ending, MessagesEnd::corrupt);
        EXPECT_FALSE(what.trouble.empty());
        EXPECT_TRUE(what.messages.empty());
    }
}

// The sum over magic number and descriptor, as clients of format 0 took it.
TEST(MessageSet, TheWrongLz4ChecksumOfOldClientsIsReadInFormat0Only) {
    const Layout inner = lay_all({{.offset = 0, .magic = 0}});
    for (const unsigned content_size : {0u, static_cast<unsigned>(inner.size())}) {
        LZ4F_preferences_t preferences{};
        preferences.frameInfo.contentSize = content_size;
        Layout frame(LZ4F_compressFrameBound(inner.size(), &preferences));
        frame.resize(LZ4F_compressFrame(frame.data(), frame.size(), inner.data(), inner.size(),
                                        &preferences));
        const std::size_t head = content_size == 0 ? 6 : 14;
        const auto wrong = static_cast<std::uint8_t>(XXH32(frame.data(), head, 0) >> 8);
        ASSERT_NE(frame[head], wrong);
        frame[head] = wrong;
        const Laid old{.magic = 0, .attributes = lz4, .value = ByteView(frame)};
        EXPECT_EQ(read_messages(lay(old)).offsets(), "0 ");
        const Laid young{.magic = 1, .attributes = lz4, .value = ByteView(frame)};
        EXPECT_EQ(read_messages(lay(young)).ending, MessagesEnd::corrupt);
    }
}

TEST(MessageSet, AWrapperThatUnpacksToTooMuchIsRefused) {
    const Layout zeros(1'000'000);
    const Layout inner = lay_all({{.offset = 0, .value = ByteView(zeros)}});
    const Layout run = wrap({.offset = 0, .attributes = gzip}, inner);
    EXPECT_EQ(read_messages(run, inner.size() - 1).ending, MessagesEnd::corrupt);
    EXPECT_EQ(read_messages(run, inner.size()).offsets(), "0 ");
}

}  // namespace
}  // namespace barnabas::records
