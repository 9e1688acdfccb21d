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
         {".log", ".index", ".timeindex", ".txnindex", ".snapshot", "leader-epoch-checkpoint",
          "partition.metadata", "meta.properties", "quorum-state", "bootstrap.checkpoint",
          "recovery-point-offset-checkpoint"}) {
        const std::string path = find(ending);
        const bool is_text = !std::string_view(ending).starts_with('.');
        // The first byte of a text is its version or its format; of others one in the middle.
        const std::size_t byte = is_text && !path.ends_with("bootstrap.checkpoint")
                                     ? 0
                                     : static_cast<std::size_t>(fs::file_size(path) / 2);
        if (path.ends_with("meta.properties")) {
            fs::copy_file(path, path + ".kept");
            fs::resize_file(path, 0);
        } else {
            flip(path, byte);
        }
        expect_damage(path);
        if (path.ends_with("meta.properties")) {
            fs::rename(path + ".kept", path);
        } else {
            flip(path, byte);
        }
        EXPECT_EQ(verify({kafka.path("clean")}).damage, std::vector<Damage>());
    }
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

TEST_F(Verify, WhatIsNoDirectoryIsSaid) {
    EXPECT_EQ(verify({kafka.path("nothing")}).damage.size(), 1u);
}

}  // namespace
}  // namespace barnabas::cli
