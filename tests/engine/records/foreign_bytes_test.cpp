// What libFuzzer does for long is done here for a moment, with any compiler: every input of its
// corpus, and mutations of them from a fixed seed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/base/random.h"
#include "tests/fuzz/records.h"
#include "tests/support/places.h"

namespace barnabas::fuzz {
namespace {

// In the order of their names, so that every machine sees the same mutations.
std::vector<Changeable> corpus(const std::string& reader) {
    const std::filesystem::path top(support::source_path("tests/fuzz/corpus/" + reader));
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(top)) files.push_back(entry);
    std::ranges::sort(files);
    std::vector<Changeable> inputs;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return inputs;
}

void change_once(Changeable& bytes, Random& random) {
    constexpr std::uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    if (bytes.empty()) bytes.push_back(0);
    const std::size_t at = random.below(bytes.size());
    switch (random.below(6)) {
        case 0: bytes[at] = static_cast<std::uint8_t>(random.next()); break;
        case 1: bytes[at] ^= static_cast<std::uint8_t>(1u << random.below(8)); break;
        case 2: bytes[at] = extremes[random.below(std::size(extremes))]; break;
        case 3: bytes.resize(at); break;
        case 4: {  // a part of it again
            const std::size_t size =
                random.between(1, std::min<std::size_t>(64, bytes.size() - at));
            for (std::size_t i = at; i < at + size; ++i) bytes.push_back(bytes[i]);
            break;
        }
        case 5: {  // a number of four bytes, small or huge
            if (bytes.size() - at < 4) break;
            store_big(&bytes[at], static_cast<std::uint32_t>(random.next() >> random.below(64)));
            break;
        }
    }
}

// `read` CHECKs what must hold, so that a failure ends the program and names the fact.
void replay(const std::string& reader, void (*read)(ByteView), int mutations) {
    const auto inputs = corpus(reader);
    ASSERT_GE(inputs.size(), 3u) << reader;
    for (const Changeable& input : inputs) read(input);
    Random random(2026);
    for (int i = 0; i < mutations; ++i) {
        Changeable bytes = inputs[random.below(inputs.size())];
        for (auto left = random.between(1, 4); left > 0; --left) change_once(bytes, random);
        read(bytes);
    }
}

TEST(ForeignBytes, BatchesAreValuesOrErrors) { replay("batches", read_batches, 4000); }
TEST(ForeignBytes, MessageSetsAreValuesOrErrors) {
    replay("message_sets", read_message_sets, 4000);
}
TEST(ForeignBytes, GzipDataIsAValueOrAnError) { replay("gzip", unpack_gzip, 4000); }
TEST(ForeignBytes, SnappyDataIsAValueOrAnError) { replay("snappy", unpack_snappy, 4000); }
TEST(ForeignBytes, Lz4DataIsAValueOrAnError) { replay("lz4", unpack_lz4, 4000); }
TEST(ForeignBytes, ZstdDataIsAValueOrAnError) { replay("zstd", unpack_zstd, 4000); }

// As libFuzzer found it.
TEST(ForeignBytes, ANegativeRecordCountIsNoEmptyBatch) {
    for (const std::int32_t count : {-1, INT32_MIN}) {
        records::RecordReader reader({.record_count = count}, {});
        EXPECT_FALSE(reader.next());
        EXPECT_FALSE(reader.is_good());
    }
}

// The corpus must lead into the readers, not only to their first refusal.
TEST(ForeignBytes, TheCorpusIsGood) {
    for (const Changeable& input : corpus("batches")) {
        records::BatchReader reader(Bytes::copy(ByteView(input)));
        while (const auto batch = reader.next()) {
            EXPECT_TRUE(batch->has_good_crc());
            EXPECT_TRUE(count_records(*batch).has_value());
        }
        EXPECT_EQ(reader.ending(), records::BatchReader::Ending::whole);
    }
    for (const Changeable& input : corpus("message_sets")) {
        records::MessageSetReader reader(Bytes::copy(ByteView(input)));
        while (reader.next()) {}
        EXPECT_EQ(reader.ending(), records::MessagesEnd::whole) << reader.trouble();
    }
}

}  // namespace
}  // namespace barnabas::fuzz
