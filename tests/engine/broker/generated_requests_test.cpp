// The node under requests that are made from their descriptions. The same as fuzz-node runs for
// longer, on choices that libFuzzer mutates.
#include <fmt/format.h>

#include <stdexcept>

#include "engine/broker/api/routes.h"
#include "tests/engine/broker/conversation.h"
#include "tests/support/sanitized.h"

namespace barnabas::broker {
namespace {

[[noreturn]] void throw_failure(const CheckFailure& failure) {
    throw std::runtime_error(
        fmt::format("{}:{}: CHECK failed: {}", failure.file, failure.line, failure.expression));
}

// What a conversation of that seed did. Needs a world in which a CHECK that fails can be told.
Conversation::Tally converse(std::uint64_t seed) {
    const CheckHandler before = set_check_handler(&throw_failure);
    Conversation::Tally tally;
    try {
        Conversation conversation{support::Dice(seed)};
        const auto wrong = conversation.run(60);
        if (wrong) ADD_FAILURE() << "seed " << seed << ": " << *wrong;
        tally = conversation.tally();
    } catch (const std::runtime_error& failed) {
        ADD_FAILURE() << "seed " << seed << ": " << failed.what();
    }
    set_check_handler(before);
    return tally;
}

TEST(GeneratedRequests, NeitherEndTheNodeNorGoUnanswered) {
    constexpr std::uint64_t seeds = support::is_sanitized ? 6 : 120;
    Conversation::Tally all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const Conversation::Tally one = converse(seed);
        for (const auto& [key, count] : one.answered) all.answered[key] += count;
        all.hung_up += one.hung_up;
        all.stored += one.stored;
    }
    constexpr std::uint64_t answered_min = support::is_sanitized ? seeds / 3 : 100;
    constexpr std::uint64_t stored_min = support::is_sanitized ? seeds : 500;
    // They get deep: every API answers, records are stored, and few connections are lost.
    std::uint64_t answered = 0;
    for (const api::Route& route : api::routes()) {
        EXPECT_GT(all.answered[route.key], answered_min) << protocol::name_of(route.key);
        answered += all.answered[route.key];
    }
    EXPECT_GT(all.stored, stored_min);
    EXPECT_LT(all.hung_up, answered / 10);
}

}  // namespace
}  // namespace barnabas::broker
