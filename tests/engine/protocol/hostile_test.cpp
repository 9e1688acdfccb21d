// Bytes that nobody should send: each is a value or an error, at a cost that the input justifies.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/registry.h"
#include "tests/engine/protocol/typed/typed.h"
#include "tests/engine/protocol/vectors.h"
#include "tests/support/counting_allocator.h"
#include "tests/support/sanitized.h"

namespace barnabas::protocol {
namespace {

// Decodes, and writes again what could be read. Whatever it was, no more was held at any time than
// the factor allows, beside what a writer takes at once.
bool is_read_within_bounds(const MessageType& type, const Bytes& body, std::int16_t version) {
    constexpr std::size_t at_once = 2048;
    const std::size_t before = Allocated::held();
    Allocated::restart();
    const bool is_value = rewrite(type, body, version).has_value();
    EXPECT_LE(Allocated::most() - before, decode_memory_factor * body.size() + at_once)
        << type.name() << " " << version << " " << to_hex(body);
    EXPECT_EQ(Allocated::held(), before);
    return is_value;
}

// What is made once, at first use, is no cost of the input.
class Hostile : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        for (const Vector& vector : all_vectors()) {
            (void)rewrite(*find_message(vector.name), vector.bytes, vector.version);
        }
    }
};

TEST_F(Hostile, NoPrefixOfAMessageIsReadAsTheWhole) {
    for (const Vector& vector : all_vectors()) {
        const MessageType& type = *find_message(vector.name);
        for (std::size_t length = 0; length < vector.bytes.size(); ++length) {
            const Bytes prefix = Bytes::copy(vector.bytes.slice(0, length).view());
            EXPECT_FALSE(is_read_within_bounds(type, prefix, vector.version))
                << type.name() << " " << vector.version << " " << length;
        }
    }
}

TEST_F(Hostile, AnyFlippedByteIsAValueOrAnError) {
    std::size_t values = 0;
    std::size_t errors = 0;
    for (std::size_t i = 0; i < all_vectors().size(); i += 7) {
        const Vector& vector = all_vectors()[i];
        const MessageType& type = *find_message(vector.name);
        const std::vector<std::uint8_t> whole(vector.bytes.begin(), vector.bytes.end());
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const int flip : {0x01, 0x80, 0xff}) {
                std::vector<std::uint8_t> bytes = whole;
                bytes[at] ^= flip;
                const Bytes body = Bytes::own(std::move(bytes));
                ++(is_read_within_bounds(type, body, vector.version) ? values : errors);
            }
        }
    }
    EXPECT_GT(values, 1000u);
    EXPECT_GT(errors, 1000u);
}

// Claims of two thousand million elements in a few bytes.
TEST_F(Hostile, LargeCountsAllocateNothingLarge) {
    for (const MessageType& type : all_messages()) {
        for (auto v = type.format.valid.oldest; v <= type.format.valid.latest; ++v) {
            for (const auto* count : {"7ffffffe", "feffffff07", "7f", "80808001"}) {
                std::string hex;
                for (int i = 0; i < 8; ++i) hex += count;
                is_read_within_bounds(type, from_hex(hex), v);
                is_read_within_bounds(type, from_hex("0000" + hex), v);
            }
        }
    }
}

// The densest input there is: elements of one byte each.
TEST_F(Hostile, TheMemoryFactorHoldsForTheDensestInput) {
    for (const MessageType& type : all_messages()) {
        if (!type.format.is_flexible(type.format.valid.latest)) continue;
        for (const std::uint8_t fill : {0x00, 0x01, 0x02}) {
            for (const std::size_t skip : {0u, 1u, 2u, 4u, 6u, 8u, 12u, 16u, 17u, 20u, 24u, 32u}) {
                std::vector<std::uint8_t> bytes(skip, 0x01);
                bytes.insert(bytes.end(), {0x81, 0x80, 0x01});  // 16,384 elements
                bytes.resize(bytes.size() + 40000, fill);
                is_read_within_bounds(type, Bytes::own(std::move(bytes)), type.format.valid.latest);
            }
        }
    }
}

Bytes mutated(const Vector& vector, Random& random) {
    std::vector<std::uint8_t> bytes(vector.bytes.begin(), vector.bytes.end());
    if (bytes.empty()) return Bytes();
    for (auto left = 1 + random.below(4); left > 0; --left) {
        const std::size_t at = random.below(bytes.size());
        const std::uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        bytes[at] = random.below(2) == 0 ? extremes[random.below(5)]
                                         : static_cast<std::uint8_t>(random.next());
    }
    if (random.below(8) == 0) bytes.resize(random.below(bytes.size() + 1));
    return Bytes::own(std::move(bytes));
}

Bytes noise(Random& random) {
    std::vector<std::uint8_t> bytes(random.below(64));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next() & random.next());
    return Bytes::own(std::move(bytes));
}

TEST_F(Hostile, AMillionFramesAreValuesOrErrors) {
    constexpr std::size_t pairs = support::taken_seeds(500'000);
    Random random(7);
    std::size_t values = 0;
    for (std::size_t i = 0; i < pairs; ++i) {
        const Vector& vector = all_vectors()[random.below(all_vectors().size())];
        const MessageType& type = *find_message(vector.name);
        values += is_read_within_bounds(type, mutated(vector, random), vector.version);
        const auto& other = all_messages()[random.below(all_messages().size())];
        const auto version = static_cast<std::int16_t>(
            random.between(other.format.valid.oldest, other.format.valid.latest));
        values += is_read_within_bounds(other, noise(random), version);
    }
    EXPECT_GT(values, pairs / 10);
    EXPECT_LT(values, pairs * 19 / 10);
}

TEST_F(Hostile, AnyHeaderIsAHeaderOrAnError) {
    Random random(11);
    for (int i = 0; i < 200'000; ++i) {
        std::vector<std::uint8_t> bytes(random.below(40));
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
        if (bytes.size() >= 4) bytes[0] = bytes[2] = 0;  // often a key and a version that exist
        const Bytes frame = Bytes::own(std::move(bytes));
        std::size_t at = 0;
        const auto header = decode_header(frame, at);
        EXPECT_EQ(header.has_value(), at != 0);
        EXPECT_LE(at, frame.size());
    }
}

}  // namespace
}  // namespace barnabas::protocol
