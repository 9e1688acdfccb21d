// Indexes that do not say what the batches do, after a clean stop: nothing is deleted on their
// word, and lookups by time find what is there.
#include <gtest/gtest.h>

#include "tests/support/log_on_disk.h"

namespace barnabas::log {
namespace {

using namespace tests;

using File = std::vector<std::uint8_t>;

enum class Harm { zeroed, cut, torn, emptied, random, last_zeroed, gone };
constexpr Harm harms[] = {Harm::zeroed, Harm::cut,         Harm::torn, Harm::emptied,
                          Harm::random, Harm::last_zeroed, Harm::gone};

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t first_time = 1'700'000'000'000;

void harm_file(LogOnDisk& bench, const std::string& path, Harm harm, std::size_t entry_bytes) {
    File& file = bench.disk.bytes(path);
    Random dice(harm == Harm::random ? file.size() + 1 : 1);
    switch (harm) {
        case Harm::zeroed: file.assign(file.size(), 0); break;
        case Harm::cut: file.resize(file.size() / entry_bytes / 2 * entry_bytes); break;
        case Harm::torn: file.resize(file.size() - std::min<std::size_t>(file.size(), 5)); break;
        case Harm::emptied: file.clear(); break;
        case Harm::random:
            for (std::uint8_t& byte : file) byte = static_cast<std::uint8_t>(dice.below(256));
            break;
        case Harm::last_zeroed:
            std::fill(file.end() - static_cast<std::ptrdiff_t>(std::min(file.size(), entry_bytes)),
                      file.end(), 0);
            break;
        case Harm::gone: bench.disk.remove(path); break;
    }
}

// Timestamps of batches of one record: rising, or with the largest one early in each segment.
std::int64_t time_of(std::int64_t offset, bool is_rising) {
    const std::int64_t out_of_order = offset % 20 == 3 ? 500'000 : 0;
    return first_time + offset * 10'000 + (is_rising ? 0 : out_of_order);
}

struct Filled {
    LogOnDisk bench;
    std::int64_t records = 0;
    bool is_rising = true;

    explicit Filled(bool rising) : bench(config()), is_rising(rising) {
        bench.wall = WallTime(std::chrono::milliseconds(time_of(400, true)));
        bench.open();
        for (; records < 200; ++records) {
            EXPECT_TRUE(bench.append(
                LogOnDisk::batch(records, 1, 0, time_of(records, is_rising))));
            bench.run();
        }
        EXPECT_GT(bench.log.segment_count(), 4u);
        bench.close();
    }
    static LogConfig config() {
        LogConfig config = small_segments();
        config.index_interval_bytes = 150;
        config.retention_ms = day;
        return config;
    }
    std::vector<std::string> files(std::string_view suffix) const {
        std::vector<std::string> paths;
        for (const std::string& name : bench.disk.names_in(LogOnDisk::directory))
            if (name.ends_with(suffix)) paths.push_back("data/orders-0/" + name);
        return paths;
    }
    // The first record at or behind that time, as a reader of all would say.
    std::int64_t expected_at(std::int64_t time) const {
        for (std::int64_t offset = 0; offset < records; ++offset)
            if (time_of(offset, is_rising) >= time) return offset;
        return -1;
    }
    void expect_right_lookups(const std::string& what) {
        for (std::int64_t step = -1; step < 210; step += 7) {
            const std::int64_t time = time_of(step, true) + (step % 2 == 0 ? 0 : 1);
            const auto found = bench.at_time(time);
            ASSERT_TRUE(found) << what;
            ASSERT_EQ(found->offset.value(), expected_at(time)) << what << " at " << step;
        }
    }
    void clean_up() {
        for (int i = 0; i < 3; ++i) {
            Turn turn = bench.turn();
            bench.log.clean_up(bench.log.written_end(), turn);
            bench.run();
        }
    }
};

TEST(TimeIndex, ThatIsHarmedAfterACleanStopDeletesNothingAndMisleadsNobody) {
    for (const bool is_rising : {true, false}) {
        for (const std::string_view suffix : {".timeindex", ".index"}) {
            const std::size_t entry = suffix == ".index" ? offset_entry_bytes : time_entry_bytes;
            for (const Harm harm : harms) {
                const std::string what = std::string(suffix) + ", harm " +
                                         std::to_string(static_cast<int>(harm)) +
                                         (is_rising ? ", rising" : ", out of order");
                Filled log(is_rising);
                for (const std::string& path : log.files(suffix))
                    harm_file(log.bench, path, harm, entry);
                log.bench.reopen(true);
                ASSERT_EQ(log.bench.log.state(), PartitionLog::State::open) << what;
                log.clean_up();
                ASSERT_EQ(log.bench.log.log_start_offset(), Offset(0)) << what;
                ASSERT_EQ(log.bench.read_all(0, large), numbers(0, log.records)) << what;
                log.expect_right_lookups(what);
                // The next life has whole indexes again, and deletes what is old, not more.
                log.bench.close();
                ASSERT_EQ(log.bench.log.state(), PartitionLog::State::closed) << what;
                log.bench.reopen(true);
                log.expect_right_lookups(what + ", the next life");
                log.bench.wall += std::chrono::milliseconds(day - 3'000'000);
                log.clean_up();
                const std::int64_t start = log.bench.log.log_start_offset().value();
                ASSERT_GT(start, 0) << what;
                const std::int64_t oldest = log.bench.wall.time_since_epoch().count() - day;
                for (std::int64_t offset = 0; offset < start; ++offset)
                    ASSERT_LT(time_of(offset, is_rising), oldest) << what;
            }
        }
    }
}

TEST(TimeIndex, ThatMisledIsMadeAnewByTheNextStart) {
    Filled log(true);
    const auto paths = log.files(".timeindex");
    std::vector<File> whole;
    for (const std::string& path : paths) whole.push_back(log.bench.disk.bytes(path));
    for (const std::string& path : paths) harm_file(log.bench, path, Harm::zeroed, 1);
    for (int life = 0; life < 2; ++life) {
        log.bench.reopen(true);
        log.clean_up();
        log.bench.close();
    }
    for (std::size_t i = 0; i < paths.size(); ++i)
        EXPECT_EQ(log.bench.disk.bytes(paths[i]), whole[i]) << paths[i];
}

// What cannot be followed to its end is kept: its age is not known.
TEST(TimeIndex, ASegmentWhoseBatchesCannotBeFollowedIsNotTooOld) {
    Filled log(true);
    const std::string path = log.files(".log").front();
    File& file = log.bench.disk.bytes(path);
    std::fill(file.begin() + static_cast<std::ptrdiff_t>(file.size() / 2), file.end(), 0xff);
    harm_file(log.bench, log.files(".timeindex").front(), Harm::zeroed, 1);
    log.bench.reopen(true);
    log.bench.wall += std::chrono::milliseconds(365 * day);
    log.clean_up();
    EXPECT_EQ(log.bench.log.log_start_offset(), Offset(0));
}

}  // namespace
}  // namespace barnabas::log
