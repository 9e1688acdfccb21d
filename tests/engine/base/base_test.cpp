#include <gtest/gtest.h>

#include "engine/base/chain.h"
#include "engine/base/cow.h"
#include "engine/base/crc32c.h"
#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "engine/base/uuid.h"
#include "engine/base/varint.h"
#include "engine/base/wait.h"

namespace barnabas {
namespace {

TEST(Bytes, ASliceSharesItsStorage) {
    const Bytes whole = Bytes::copy("messenger");
    const Bytes part = whole.slice(4, 3);
    EXPECT_EQ(part.text(), "eng");
    EXPECT_EQ(part.data(), whole.data() + 4);
}

TEST(Chain, IsEqualHoweverItIsCut) {
    Chain pieces(Bytes::copy("mess"));
    pieces.push(Bytes::copy("enger"));
    EXPECT_EQ(pieces, Chain(Bytes::copy("messenger")));
    EXPECT_EQ(pieces.size(), 9u);
}

// The check value of RFC 3720, appendix B.4, and the one of the CRC catalogue.
TEST(Crc32c, GivesTheKnownValues) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
    const std::vector<std::uint8_t> zeros(32, 0);
    EXPECT_EQ(crc32c(zeros), 0x8a9136aau);
}

TEST(Crc32c, GoesOnAfterAnEarlierPiece) {
    EXPECT_EQ(crc32c(as_bytes("56789"), crc32c(as_bytes("1234"))), 0xe3069283u);
}

TEST(Hasher, DoesNotShowHowARunWasCut) {
    const std::string run(1000, 'x');
    Hasher whole, pieces;
    whole.add_raw(as_bytes(run));
    for (std::size_t at = 0; at < run.size(); at += 7)
        pieces.add_raw(as_bytes(run).subspan(at, std::min<std::size_t>(7, run.size() - at)));
    EXPECT_EQ(whole.value(), pieces.value());
}

TEST(Hasher, ChangesWithEveryByteAndWithTheOrder) {
    Hasher ab, ba, aa;
    ab.add(as_bytes("a")), ab.add(as_bytes("b"));
    ba.add(as_bytes("b")), ba.add(as_bytes("a"));
    aa.add(as_bytes("a")), aa.add(as_bytes("a"));
    const auto first = ab.value();
    EXPECT_NE(first, ba.value());
    EXPECT_NE(first, aa.value());
    EXPECT_EQ(first.hex().size(), 32u);
}

TEST(Uuid, IsPrintedAsKafkaPrintsIt) {
    const auto uuid = Uuid::parse("z59iwwETT4a097_JbIMYvA");
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->text(), "z59iwwETT4a097_JbIMYvA");
    EXPECT_EQ(uuid->bytes[0], 0xcf);
    EXPECT_FALSE(Uuid::parse("short"));
    EXPECT_FALSE(Uuid::parse("z59iwwETT4a097/JbIMYvA"));
}

TEST(Uuid, NeverLooksLikeAnOption) {
    Random random(1);
    for (int i = 0; i < 1000; ++i) EXPECT_NE(Uuid::draw(random).text().front(), '-');
}

TEST(Varint, ReadsBackWhatWasWritten) {
    for (const std::int64_t value : {0ll, -1ll, 1ll, 63ll, -65ll, 300ll, 9223372036854775807ll}) {
        std::vector<std::uint8_t> out;
        put_varint(out, zigzag(value));
        EXPECT_EQ(out.size(), varint_size(zigzag(value)));
        std::size_t at = 0;
        EXPECT_EQ(unzigzag(*get_varint(out, at, 64)), value);
        EXPECT_EQ(at, out.size());
    }
}

TEST(Varint, RefusesANumberThatIsTooLongOrCutOff) {
    std::size_t at = 0;
    const std::vector<std::uint8_t> endless(11, 0xff), cut(1, 0x80),
        too_wide = {0xff, 0xff, 0xff, 0xff, 0x1f};
    EXPECT_FALSE(get_varint(endless, at, 64));
    EXPECT_FALSE(get_varint(cut, at, 32));
    EXPECT_FALSE(get_varint(too_wide, at, 32));
    EXPECT_EQ(at, 0u);
}

TEST(Cow, ACopyKeepsItsValueWhenTheOtherChanges) {
    Cow<std::string> one(std::string("before"));
    const Cow<std::string> other = one;
    one.edit() = "after";
    EXPECT_EQ(*other, "before");
    EXPECT_EQ(*one, "after");
}

TEST(Wait, IsAsLongAsAskedForAndNeverTooLongToBeAdded) {
    EXPECT_EQ(wait_of(0), 0ns);
    EXPECT_EQ(wait_of(60'000), 1min);
    EXPECT_EQ(wait_of(INT64_MAX), longest_wait);
    EXPECT_GT(Instant(longest_wait) + wait_of(INT64_MAX), Instant(longest_wait));
}

// Known values keep the generator the same for ever: every committed trace hash rests on them.
TEST(Random, IsTheSameOnEveryMachine) {
    Random random(42);
    EXPECT_EQ(random.next(), 15021278609987233951ull);
    EXPECT_EQ(random.next(), 5881210131331364753ull);
}

}  // namespace
}  // namespace barnabas
