// What real clients and real brokers said to one another, frame by frame.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "engine/protocol/explain.h"
#include "engine/protocol/registry.h"
#include "tests/engine/protocol/typed/typed.h"
#include "tests/engine/protocol/vectors.h"

namespace barnabas::protocol {
namespace {

struct Captured {
    std::string from;  // such as "kcat-barnabas"
    bool is_request = false;
    ApiKey api{};
    std::int16_t version = 0;
    Bytes frame;  // length included

    std::string text() const {
        return from + ": " + std::string(name_of(api)) + ' ' + std::to_string(version) +
               (is_request ? " request " : " response ") + to_hex(frame);
    }
};

ApiKey api_named(std::string_view name) {
    for (const ApiRow& row : all_apis()) {
        if (row.name == name) return row.api.key;
    }
    ADD_FAILURE() << "there is no API " << name;
    return ApiKey{};
}

const std::vector<Captured>& all_captured() {
    static const std::vector<Captured> frames = [] {
        std::vector<Captured> all;
        for (const auto& entry : std::filesystem::directory_iterator(data_path("captured"))) {
            if (entry.path().extension() != ".tsv") continue;
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                const auto parts = split_tabs(line);
                const auto version = static_cast<std::int16_t>(std::stoi(parts.at(2)));
                all.push_back({entry.path().stem(), parts[0] == "request", api_named(parts[1]),
                               version, from_hex(parts.at(3))});
            }
        }
        return all;
    }();
    return frames;
}

// Decoded into its structs, header and body, and written again from them.
Result<Bytes, CodecError> written_again(const Captured& captured) {
    const Bytes content = captured.frame.from(4);
    std::size_t at = 0;
    Writer writer;
    if (captured.is_request) {
        const auto header = decode_header(content, at);
        if (!header) return unexpected(header.error().error);
        EXPECT_EQ(header->api_key, captured.api);
        EXPECT_EQ(header->api_version, captured.version);
        writer = begin_request(*header);
    } else {
        const auto header = decode_response_header(content, at, captured.api, captured.version);
        if (!header) return unexpected(header.error());
        writer = begin_response(header->correlation_id, captured.api, captured.version);
    }
    const Kind kind = captured.is_request ? Kind::request : Kind::response;
    const auto body =
        rewrite(*find_message(captured.api, kind), content.from(at), captured.version);
    if (!body) return unexpected(body.error());
    writer.raw(*body);
    const auto whole = std::move(writer).gathered();
    if (!whole) return unexpected(whole.error());
    return whole->chain()->flatten();
}

TEST(Captured, EveryFrameIsReadWholeAndWrittenBackToTheSameBytes) {
    for (const Captured& captured : all_captured()) {
        const auto again = written_again(captured);
        ASSERT_TRUE(again.has_value()) << again.error().text() << "\n" << captured.text();
        EXPECT_EQ(to_hex(*again), to_hex(captured.frame)) << captured.text();
    }
}

TEST(Captured, EveryFrameIsExplained) {
    for (const Captured& captured : all_captured()) {
        const auto& [from, is_request, api, version, frame] = captured;
        const auto words =
            is_request ? explain_request(frame) : explain_response(frame, api, version);
        EXPECT_TRUE(words.is_whole) << captured.text() << "\n" << words.text;
        EXPECT_NE(words.text.find(name_of(api)), std::string::npos) << words.text;
    }
}

// A conversation that was not captured proves nothing.
TEST(Captured, BothSidesOfEveryConversationAreThere) {
    std::map<std::string, std::set<ApiKey>> asked;
    std::map<std::string, std::set<ApiKey>> answered;
    for (const Captured& captured : all_captured()) {
        (captured.is_request ? asked : answered)[captured.from].insert(captured.api);
    }
    EXPECT_EQ(asked, answered);
    using enum ApiKey;
    const std::set<ApiKey> data_path{api_versions, metadata, produce, fetch, list_offsets};
    const std::set<ApiKey> groups{find_coordinator, join_group,    sync_group, heartbeat,
                                  leave_group,      offset_commit, offset_fetch};
    const auto covers = [&](const std::string& conversation, const std::set<ApiKey>& all) {
        return std::ranges::includes(asked[conversation], all);
    };
    EXPECT_TRUE(covers("kcat-barnabas", data_path));
    EXPECT_TRUE(covers("kcat-kafka", data_path));
    EXPECT_TRUE(covers("kcat-kafka", groups));
    EXPECT_TRUE(covers("java-kafka", data_path));
    EXPECT_TRUE(covers("java-kafka", {init_producer_id, consumer_group_heartbeat, end_txn}));
}

}  // namespace
}  // namespace barnabas::protocol
