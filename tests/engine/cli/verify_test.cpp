// What `barnabas logs verify` says of directories that Apache Kafka wrote, sound and damaged.
#include "engine/cli/verify.h"

#include "tests/support/kafka_directory.h"

namespace barnabas::cli {
namespace {

namespace fs = std::filesystem;

class Verify : public testing::Test {
  protected:
    static void flip(const std::string& path, std::size_t byte) {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(static_cast<std::streamoff>(byte));
        const int was = file.get();
        file.seekp(static_cast<std::streamoff>(byte));
        file.put(static_cast<char>(was ^ 1));
    }
    // The largest file below the directory whose name ends so.
    std::string find(const std::string& ending) const {
        std::string found;
        std::uintmax_t size = 0;
        for (const auto& entry : fs::recursive_directory_iterator(kafka.path("clean"))) {
            const std::string path = entry.path();
            if (!entry.is_regular_file() || !path.ends_with(ending)) continue;
            if (path.find("-delete/") != std::string::npos) continue;
            if (!found.empty() && entry.file_size() <= size) continue;
            found = path;
            size = entry.file_size();
        }
        EXPECT_FALSE(found.empty()) << ending;
        return found;
    }
    void expect_damage(const std::string& path) const {
        const Verified report = verify({kafka.path("clean")});
        ASSERT_FALSE(report.damage.empty()) << path;
        for (const Damage& damage : report.damage) EXPECT_EQ(damage.path, path) << damage.what;
    }

    tests::KafkaDirectory kafka;
};

TEST_F(Verify, WhatApacheKafkaWroteIsSoundAlsoAfterACrash) {
    for (const char* name : {"clean", "crashed"}) {
        const Verified report = verify({kafka.path(name)});
        EXPECT_EQ(report.damage, std::vector<Damage>()) << report.text();
        EXPECT_GT(report.partitions, 5u);
        EXPECT_GT(report.segments, report.partitions);
        EXPECT_GT(report.batches, 100u);
    }
}

TEST_F(Verify, AFlippedBitIsFoundInEachKindOfFile) {
    for (const char* ending :
         {".log", ".index", ".timeindex", ".txnindex", ".snapshot", "bootstrap.checkpoint",
          "leader-epoch-checkpoint", "partition.metadata", "quorum-state",
          "recovery-point-offset-checkpoint"}) {
        const std::string path = find(ending);
        const bool is_text = !std::string_view(ending).starts_with('.') &&
                             !path.ends_with("bootstrap.checkpoint");
        // The first byte of a text is its version or its format; of others one in the middle.
        const std::size_t byte =
            is_text ? 0 : static_cast<std::size_t>(fs::file_size(path) / 2);
        flip(path, byte);
        expect_damage(path);
        flip(path, byte);
        EXPECT_EQ(verify({kafka.path("clean")}).damage, std::vector<Damage>());
    }
}

// A bit in its comment, or in an id, may be another without anyone being able to tell.
TEST_F(Verify, MetaPropertiesWithoutWhatTheyMustSayAreDamage) {
    const std::string path = find("meta.properties");
    fs::resize_file(path, 0);
    expect_damage(path);
}

TEST_F(Verify, ASegmentThatIsMissingIsRemarkedOn) {
    const std::string path = find("00000000000000000000.log");
    const fs::path directory = fs::path(path).parent_path();
    std::vector<std::string> logs;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == ".log") logs.push_back(entry.path().stem());
    std::sort(logs.begin(), logs.end());
    ASSERT_GT(logs.size(), 2u);
    EXPECT_EQ(verify({directory}).remarks, std::vector<Damage>());
    for (const char* kind : {".log", ".index", ".timeindex"})
        fs::remove(directory / (logs[1] + kind));
    const Verified report = verify({directory});
    EXPECT_EQ(report.damage, std::vector<Damage>()) << report.text();
    ASSERT_EQ(report.remarks.size(), 1u) << report.text();
    EXPECT_EQ(report.remarks[0].path, (directory / (logs[2] + ".log")).string());
    EXPECT_EQ(report.remarks[0].what, "before it, offsets " + std::to_string(std::stoll(logs[1])) +
                                          ".." + std::to_string(std::stoll(logs[2]) - 1) +
                                          " are missing; normal in a compacted topic");
    EXPECT_NE(report.json().find("\"remarks\":[{\"path\":"), std::string::npos);
}

TEST_F(Verify, APartitionThatACheckpointNamesAndIsNotThereIsDamage) {
    const fs::path directory = fs::path(find("00000000000000000000.log")).parent_path();
    fs::remove_all(directory);
    const Verified report = verify({kafka.path("clean")});
    ASSERT_EQ(report.damage.size(), 1u) << report.text();
    EXPECT_EQ(report.damage[0].path, kafka.path("clean/recovery-point-offset-checkpoint"));
    EXPECT_NE(report.damage[0].what.find(directory.filename().string() + ", which is not there"),
              std::string::npos);
}

TEST_F(Verify, LeaderEpochsThatAreNotThoseOfTheBatchesAreDamage) {
    const std::string path =
        fs::path(find("00000000000000000000.log")).parent_path() / "leader-epoch-checkpoint";
    std::ofstream(path) << "0\n1\n77 0\n";
    expect_damage(path);
}

TEST_F(Verify, APathMayEndInASlashOrBeADot) {
    const fs::path directory = fs::path(find("00000000000000000000.log")).parent_path();
    const std::string name = directory;
    const Verified plain = verify({name});
    EXPECT_EQ(plain.partitions, 1u);
    for (const std::string& same : {name + "/", name + "//", name + "/.", name + "/../" +
                                        directory.filename().string() + "/"})
        EXPECT_EQ(verify({same}).text(), plain.text()) << same;
    flip(directory / "00000000000000000000.log", 70);
    const Verified report = verify({name + "/"});
    ASSERT_FALSE(report.damage.empty());
    EXPECT_EQ(report.damage[0].path, name + "/00000000000000000000.log");
}

// A link to itself cannot be followed, by whomever.
TEST_F(Verify, WhatTheDiskDoesNotGiveOutIsDamage) {
    const std::string looped = kafka.path("clean/looped-0");
    fs::create_symlink("looped-0", looped);
    expect_damage(looped);
    fs::remove(looped);
    const std::string file = find("partition.metadata");
    fs::remove(file);
    fs::create_symlink("partition.metadata", file);
    expect_damage(file);
}

TEST_F(Verify, ATornTailIsToldWithItsPlace) {
    const std::string path = find(".log");
    fs::resize_file(path, fs::file_size(path) - 1);
    const Verified report = verify({fs::path(path).parent_path()});
    ASSERT_FALSE(report.damage.empty());
    EXPECT_EQ(report.partitions, 1u);
    EXPECT_NE(report.text().find("the file ends within a batch"), std::string::npos);
    EXPECT_NE(report.json().find("\"damage\":[{\"path\":"), std::string::npos);
}

TEST_F(Verify, WhatIsNoLogDirectoryIsAnErrorAndNotSound) {
    fs::create_directory(kafka.path("empty"));
    for (const char* name : {"nothing", "empty"}) {
        const Verified report = verify({kafka.path(name)});
        EXPECT_EQ(report.errors.size(), 1u) << name;
        EXPECT_TRUE(report.damage.empty()) << name;
    }
    EXPECT_TRUE(verify({kafka.path("clean")}).errors.empty());
}

}  // namespace
}  // namespace barnabas::cli
