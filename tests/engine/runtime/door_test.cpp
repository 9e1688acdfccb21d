// The values that cross the door can be hashed, printed, stored and read back.
#include <gtest/gtest.h>

#include <map>

#include "engine/runtime/machine.h"
#include "engine/runtime/visit.h"

namespace barnabas {
namespace {

std::vector<Event> one_of_each() {
    return {
        event::Started{},
        event::Listening{ListenerId(1), {"127.0.0.1", 9092}, true, ""},
        event::Connected{ConnectionId(7), ListenerId(1), {"127.0.0.1", 9092}, {"127.0.0.1", 4711},
                         {"User", "till"}},
        event::Arriving{ConnectionId(7), 1 << 20},
        event::Received{ConnectionId(7), Bytes::copy("frame")},
        event::Drained{ConnectionId(7), 17},
        event::Disconnected{ConnectionId(7), Reason::reset},
        event::TimerFired{Token(9)},
        event::StorageDone{Token(10),
                           StorageStatus::no_space,
                           Bytes::copy("read"),
                           4,
                           {{"a", EntryKind::file, 3}}},
        event::Continued{Token(11)},
        event::Operator{Order::shut_down},
        event::Computed{Token(12), Bytes::copy("result")}};
}

Hash128 hash_of(const Event& event) {
    Hasher hasher;
    hash_into(hasher, event);
    return hasher.value();
}

TEST(Door, EveryEventReadsBackAsItWasStored) {
    ASSERT_EQ(one_of_each().size(), std::variant_size_v<Event>);
    for (const Event& event : one_of_each()) {
        std::vector<std::uint8_t> out;
        encode(out, event);
        const Bytes stored = Bytes::own(out);
        std::size_t at = 0;
        const auto back = decode_event(stored, at);
        ASSERT_TRUE(back) << back.error();
        EXPECT_EQ(at, stored.size());
        EXPECT_EQ(hash_of(*back), hash_of(event)) << print(event);
    }
}

TEST(Door, AStoredEventThatWasCutOffIsAnError) {
    for (const Event& event : one_of_each()) {
        std::vector<std::uint8_t> out;
        encode(out, event);
        const Bytes stored = Bytes::own(out);
        for (std::size_t size = 0; size < stored.size(); ++size) {
            std::size_t at = 0;
            EXPECT_FALSE(decode_event(stored.slice(0, size), at))
                << print(event) << " cut to " << size;
        }
    }
}

TEST(Door, TheHashSeesEveryByteOfAPayload) {
    EXPECT_NE(hash_of(event::Received{ConnectionId(7), Bytes::copy("frame")}),
              hash_of(event::Received{ConnectionId(7), Bytes::copy("frbme")}));
    EXPECT_NE(hash_of(event::TimerFired{Token(9)}), hash_of(event::Continued{Token(9)}));
}

// A recording compares effects by their hash: work on other bytes is other work.
TEST(Door, TheHashSeesAllThatAComputationIsGiven) {
    const auto hash_of_job = [](std::uint32_t what, effect::Load load, std::string_view terms,
                                std::string_view input) {
        Hasher hasher;
        hash_into(hasher, Effect(effect::Compute{Token(1), what, load, Bytes::copy(terms),
                                                 Bytes::copy(input)}));
        return hasher.value();
    };
    const Hash128 one = hash_of_job(1, effect::Load::light, "terms", "input");
    EXPECT_EQ(one, hash_of_job(1, effect::Load::light, "terms", "input"));
    EXPECT_NE(one, hash_of_job(2, effect::Load::light, "terms", "input"));
    EXPECT_NE(one, hash_of_job(1, effect::Load::heavy, "terms", "input"));
    EXPECT_NE(one, hash_of_job(1, effect::Load::light, "other", "input"));
    EXPECT_NE(one, hash_of_job(1, effect::Load::light, "terms", "inpux"));
    EXPECT_NE(one, hash_of_job(1, effect::Load::light, "termsi", "nput"));
}

template <class Variant, std::size_t... I>
std::vector<Variant> default_of_each(std::index_sequence<I...>) {
    return {Variant(std::in_place_index<I>)...};
}
template <class Variant>
std::map<std::uint16_t, std::string_view> numbers() {
    std::map<std::uint16_t, std::string_view> numbers;
    for (const Variant& one : default_of_each<Variant>(
             std::make_index_sequence<std::variant_size_v<Variant>>()))
        EXPECT_TRUE(numbers.emplace(number_of(one), name_of(one)).second) << print(one);
    return numbers;
}

// What was recorded is read by later versions: add to these, change nothing.
TEST(Door, TheNumbersOfEventsAndEffectsAreFixed) {
    const std::map<std::uint16_t, std::string_view> events = {
        {0, "Started"},      {1, "Listening"},  {2, "Connected"},   {3, "Arriving"},
        {4, "Received"},     {5, "Drained"},    {6, "Disconnected"}, {7, "TimerFired"},
        {8, "StorageDone"},  {9, "Continued"},  {10, "Operator"},   {11, "Computed"}};
    EXPECT_EQ(numbers<Event>(), events);
    const std::map<std::uint16_t, std::string_view> effects = {
        {0, "ArmTimer"},       {1, "DisarmTimer"},      {2, "Listen"},    {3, "Unlisten"},
        {4, "Dial"},           {5, "Admit"},            {6, "Pause"},     {7, "Resume"},
        {8, "HangUp"},         {9, "Send"},             {10, "SendFile"}, {11, "Open"},
        {12, "Close"},         {13, "Write"},           {14, "Read"},     {15, "Flush"},
        {16, "Truncate"},      {17, "Rename"},          {18, "Remove"},   {19, "MakeDirectory"},
        {20, "List"},          {21, "FlushDirectory"},  {22, "LockDirectory"},
        {23, "Continue"},      {24, "Note"},            {25, "Exit"},     {26, "Compute"},
        {27, "RenameDirectory"}, {28, "RemoveDirectory"}};
    EXPECT_EQ(numbers<Effect>(), effects);
    EXPECT_EQ(event::Connected().principal, (Principal{"User", "ANONYMOUS"}));
}

TEST(Door, AValuePrintsAsOneLine) {
    EXPECT_EQ(print(Event(event::Received{ConnectionId(7), Bytes::copy("frame")})),
              "Received connection=7 frame=5 bytes");
    EXPECT_EQ(print(Effect(effect::ArmTimer{Token(1), Instant(5ns)})), "ArmTimer timer=1 at=5");
}

struct Counter {
    int events = 0;
    void on(const Event&, Turn&) { ++events; }
    void digest(Hasher& hasher) const { hasher.add(static_cast<std::uint64_t>(events)); }
};

TEST(Machine, ACopyHasAFutureOfItsOwn) {
    Machine one(Counter{});
    Machine other = one;
    Randoms random(1);
    std::vector<Effect> effects;
    Turn turn{Instant(), WallTime(), random, effects};
    one.on(event::Started{}, turn);
    EXPECT_EQ(one.as<Counter>()->events, 1);
    EXPECT_EQ(other.as<Counter>()->events, 0);
}

struct Doubler {
    void on(const Event&, Turn&) {}
    void digest(Hasher&) const {}
    static Bytes compute(const effect::Compute& job) {
        return Bytes::copy(std::string(job.input.text()) + std::string(job.input.text()));
    }
};

TEST(Machine, NamesTheFunctionThatCarriesOutItsComputations) {
    const Machine machine(Doubler{});
    const Machine copy = machine;
    ASSERT_NE(copy.computation(), nullptr);
    EXPECT_EQ(copy.computation()({Token(1), 0, effect::Load::light, {}, Bytes::copy("ab")}).text(),
              "abab");
    EXPECT_EQ(Machine(Counter{}).computation(), nullptr);
}

}  // namespace
}  // namespace barnabas
