#include "engine/protocol/codec.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/produce.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

template <class M>
void reencode(std::string_view name) {
    int seen = 0;
    for (const Vector& vector : all_vectors()) {
        if (vector.name != name) continue;
        ++seen;
        const auto message = decode<M>(vector.bytes, vector.version);
        ASSERT_TRUE(message.has_value()) << name << vector.version << message.error().text();
        const auto again = encode(*message, vector.version);
        ASSERT_TRUE(again.has_value()) << name << vector.version << again.error().text();
        EXPECT_EQ(to_hex(*again), to_hex(vector.bytes)) << name << " " << vector.version;
    }
    EXPECT_GT(seen, 0) << name;
}

TEST(Codec, MessagesOfTheFirstPathComeBackAsTheirOwnBytes) {
    reencode<ProduceRequest>("ProduceRequest");
    reencode<ProduceResponse>("ProduceResponse");
    reencode<FetchRequest>("FetchRequest");
    reencode<FetchResponse>("FetchResponse");
    reencode<MetadataResponse>("MetadataResponse");
    reencode<ApiVersionsResponse>("ApiVersionsResponse");
    reencode<RegisterBrokerRecord>("RegisterBrokerRecord");
    reencode<PartitionChangeRecord>("PartitionChangeRecord");
}

}  // namespace
}  // namespace barnabas::protocol
