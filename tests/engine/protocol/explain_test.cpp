#include "engine/protocol/explain.h"

#include <gtest/gtest.h>

#include "engine/protocol/messages/metadata.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

TEST(Explain, RequestsExplainThemselves) {
    const RequestHeader header{.api_version = 1, .correlation_id = 7, .client_id = "me"};
    MetadataRequest request;
    request.topics->push_back({.name = "orders"});
    const Bytes frame = frame_request(header, request)->flatten();
    const std::string words =
        "api         Metadata (3)\n"
        "version     1\n"
        "correlation 7\n"
        "client      me\n"
        "MetadataRequest {\"topics\": [{\"name\": \"orders\"}]}\n";
    EXPECT_EQ(explain_request(frame).text, "length      24\n" + words);
    EXPECT_EQ(explain_request(frame.from(4)).text, words);
    EXPECT_TRUE(explain_request(frame).is_whole);
}

TEST(Explain, ResponsesAreReadAsTheAnswerThatTheyAreSaidToBe) {
    const auto explanation = explain_response(from_hex("00000007ffffffff"), ApiKey::heartbeat, 0);
    EXPECT_FALSE(explanation.is_whole);
    const auto good = explain_response(from_hex("000000070019"), ApiKey::heartbeat, 0);
    EXPECT_EQ(good.text,
              "api         Heartbeat (12)\n"
              "version     0\n"
              "correlation 7\n"
              "HeartbeatResponse {\"errorCode\": 25}\n");
}

// As much as can be known is said, then what is wrong and where.
TEST(Explain, BrokenFramesAreExplainedAsFarAsTheyGo) {
    const auto version = explain_request(from_hex("0012006300000009"));
    EXPECT_FALSE(version.is_whole);
    EXPECT_NE(version.text.find("api         ApiVersions (18)"), std::string::npos);
    EXPECT_NE(version.text.find("no such version"), std::string::npos);
    const auto torn = explain_request(from_hex("000300010000000700026d6500000001000aff"));
    EXPECT_FALSE(torn.is_whole);
    EXPECT_NE(torn.text.find("Topics[0].Name: the bytes end too early"), std::string::npos)
        << torn.text;
    EXPECT_FALSE(explain_request(from_hex("00")).is_whole);
    EXPECT_FALSE(explain_request(Bytes()).is_whole);
}

}  // namespace
}  // namespace barnabas::protocol
