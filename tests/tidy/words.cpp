// Words that are not used here, each with what is used instead.
#include <algorithm>
#include <array>

#include "tests/tidy/source.h"

namespace barnabas::tidy {
namespace {

enum class Where {
    pure,
    engine,
    api,       // what brokers serve
    deciding,  // pure, less engine/protocol, which carries Kafka's float64 and decides nothing
    all_code,
    tests,
    anything,
};

struct Ban {
    std::string_view word;
    Where where;
    std::string_view instead;
    std::string_view unless = {};  // a comment in the line that says why it is right here
};

constexpr std::string_view on_time = "use turn.now or turn.wall";
constexpr std::string_view on_dice = "use turn.random";
constexpr std::string_view on_threads = "a machine has no threads: events come one by one";
constexpr std::string_view on_real = "count in whole numbers, ratios in millionths";
constexpr std::string_view on_coroutines = "GCC 12 miscompiles coroutines: write a state machine";
constexpr std::string_view on_waiting = "wait for the thing itself, not for time to pass";
// A program that is not ours tells nobody when it is ready.
constexpr std::string_view foreign = "polls a foreign process";
constexpr std::string_view on_skipping = "a test runs, or it is not there";
constexpr std::string_view on_later = "do it now, or open an issue";
constexpr std::string_view on_places =
    "a machine's own path: ask for it, or go from the source tree";
constexpr std::string_view on_registries = "no place to download from is named in the project";

constexpr std::string_view on_partitions = "ask: partitions.ask() answers, now or later";

// A word that ends in '_', '/' or ':' bans everything that begins with it.
constexpr Ban bans[] = {
    {"log::", Where::api, on_partitions},
    {"PartitionLog", Where::api, on_partitions},
    {"replication::Partition", Where::api, on_partitions},
    {"system_clock", Where::pure, on_time},
    {"steady_clock", Where::pure, on_time},
    {"high_resolution_clock", Where::pure, on_time},
    {"std::thread", Where::pure, on_threads},
    {"std::jthread", Where::pure, on_threads},
    {"std::mutex", Where::pure, on_threads},
    {"std::condition_variable", Where::pure, on_threads},
    {"std::async", Where::pure, on_threads},
    {"std::atomic", Where::pure, on_threads},
    {"thread_local", Where::pure, on_threads},
    {"rand", Where::pure, on_dice},
    {"srand", Where::pure, on_dice},
    {"random_device", Where::pure, on_dice},
    {"mt19937", Where::pure, on_dice},
    {"std::unordered_", Where::pure,
     "its order differs from run to run: use std::map or a sorted vector, or say // lookup only",
     "// lookup only"},
    {"std::hash", Where::pure, "differs between libraries: use Hasher", "// lookup only"},
    {"std::function", Where::pure, "state is data: use a row, an enum or a variant"},
    {"long", Where::pure, "its size differs between machines: use std::int64_t"},
    {"float", Where::deciding, on_real, "// no decision"},
    {"double", Where::deciding, on_real, "// no decision"},
    {"getenv", Where::pure, "the environment is the program's to read"},
    {"throw", Where::pure, "no exception crosses rooms: return a Result"},
    {"switch_off", Where::engine, "guards are off in simulations only",
     "// what a simulation calls"},
    {"co_await", Where::all_code, on_coroutines},
    {"co_return", Where::all_code, on_coroutines},
    {"co_yield", Where::all_code, on_coroutines},
    {"sleep", Where::tests, on_waiting, foreign},
    {"usleep", Where::tests, on_waiting, foreign},
    {"nanosleep", Where::tests, on_waiting, foreign},
    {"sleep_for", Where::tests, on_waiting, foreign},
    {"sleep_until", Where::tests, on_waiting, foreign},
    {"qSleep", Where::tests, on_waiting, foreign},
    {"GTEST_SKIP", Where::tests, on_skipping},
    {"QSKIP", Where::tests, on_skipping},
    {"DISABLED_", Where::tests, on_skipping},
    {"  rc::check", Where::tests, "it only says whether all holds: EXPECT_TRUE(rc::check(...))"},
    // Spelt in two pieces, so that the tidy test passes its own rule.
    {"TO"
     "DO",
     Where::anything, on_later},
    {"FIX"
     "ME",
     Where::anything, on_later},
    {"X"
     "XX",
     Where::anything, on_later},
    {"/ro"
     "ot/",
     Where::anything, on_places},
    {"/wo"
     "rk/",
     Where::anything, on_places},
    {"/ho"
     "me/",
     Where::anything, on_places},
    {"/Us"
     "ers/",
     Where::anything, on_places},
    {"deb." "debian"
     ".org",
     Where::anything, on_registries},
    {"pypi"
     ".org",
     Where::anything, on_registries},
    {"registry." "npmjs"
     ".org",
     Where::anything, on_registries},
    {"maven.apache"
     ".org",
     Where::anything, on_registries},
    {"crates"
     ".io",
     Where::anything, on_registries},
    {"docker"
     ".io",
     Where::anything, on_registries},
    {"ghcr"
     ".io",
     Where::anything, on_registries},
    {"quay"
     ".io",
     Where::anything, on_registries},
};

bool holds_for(const Ban& ban, const Source& source) {
    const bool is_cpp = source.language == Language::cpp;
    // A benchmark is about time, and may let some pass.
    const bool is_test =
        source.path.starts_with("tests/") && !source.path.starts_with("tests/bench/");
    switch (ban.where) {
        case Where::pure: return is_cpp && is_pure(source.path);
        case Where::engine: return is_cpp && source.path.starts_with("engine/");
        case Where::deciding:
            return is_cpp && is_pure(source.path) && room_of(source.path) != "engine/protocol";
        case Where::api: return is_cpp && source.path.starts_with("engine/broker/api/");
        case Where::all_code: return is_cpp;
        case Where::tests: return is_test && source.language != Language::markdown;
        case Where::anything: return true;
    }
    return false;
}

bool has_word(std::string_view line, std::string_view word) {
    const bool is_front = word.back() == '_' || word.back() == '/' || word.back() == ':';
    for (std::size_t at = line.find(word); at != std::string_view::npos;
         at = line.find(word, at + 1)) {
        const bool begins = at == 0 || !is_word(word.front()) || !is_word(line[at - 1]);
        const std::size_t end = at + word.size();
        if (begins && (is_front || end == line.size() || !is_word(line[end]))) return true;
    }
    return false;
}

// "static int count = 0;" inside a function or a class; not a function, not a constant.
bool is_mutable_static(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (line.starts_with("inline ")) line.remove_prefix(7);
    if (!line.starts_with("static ")) return false;
    line.remove_prefix(7);
    constexpr std::array<std::string_view, 4> fixed = {"const ", "constexpr ", "consteval ",
                                                       "inline constexpr "};
    for (const std::string_view one : fixed) {
        if (line.starts_with(one)) return false;
    }
    const std::size_t end = line.find_first_of("=;{");
    return end != std::string_view::npos && end < line.find('(');
}

void check_line(const Source& source, std::size_t i, Findings& findings) {
    for (const Ban& ban : bans) {
        if (!holds_for(ban, source)) continue;
        const bool as_written = ban.where == Where::anything;
        const std::string& line = as_written ? source.lines[i] : source.code[i];
        if (!has_word(line, ban.word)) continue;
        if (!ban.unless.empty() && source.lines[i].ends_with(ban.unless)) continue;
        findings.push_back(
            {source.path, static_cast<int>(i) + 1, "word", std::string(ban.word), 1,
             std::string(ban.word) + " is banned here; " + std::string(ban.instead)});
    }
    const bool is_code = source.language == Language::cpp && is_pure(source.path);
    if (is_code && is_mutable_static(source.code[i])) {
        findings.push_back({source.path, static_cast<int>(i) + 1, "word", "static", 1,
                            "a static that changes is banned here; copies of a world would share "
                            "it: make it a member"});
    }
}

}  // namespace

void check_words(const Source& source, Findings& findings) {
    if (source.language == Language::data) return;
    for (std::size_t i = 0; i < source.lines.size(); ++i) check_line(source, i, findings);
}

}  // namespace barnabas::tidy
