// What a check of one segment says, where only bytes made for it show that.
#include "engine/log/verify.h"

#include <gtest/gtest.h>

#include "engine/records/build.h"

namespace barnabas::log {
namespace {

// As a crash leaves an index, but for one byte. Every entry before it is looked at, none of them
// with all that follow it: then this would not end.
TEST(SegmentCheck, AStrayByteBehindTheZerosOfALargeIndexIsFound) {
    records::BatchBuilder builder;
    builder.add(1, std::nullopt, as_bytes("value"));
    const records::Prepared batch = builder.finish();
    const Bytes log = records::stamp(batch, Offset(0), LeaderEpoch(0)).flatten();
    std::vector<std::uint8_t> index(10u << 20);
    index[index.size() - 9] = 1;
    const Bytes bytes = Bytes::copy(ByteView(index));
    SegmentCheck check(Offset(0), log.size(), {.index = bytes, .timeindex = {}, .txnindex = {}});
    check.feed(log.view());
    ASSERT_TRUE(check.is_done());
    EXPECT_FALSE(check.findings().empty());
}

}  // namespace
}  // namespace barnabas::log
