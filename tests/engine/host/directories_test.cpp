// Directories that are renamed and removed while files in them are in use.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "engine/host/storage.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

std::string text_in(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

class DirectoriesTest : public testing::Test {
  protected:
    DirectoriesTest() { std::filesystem::create_directory(directory / "orders-0"); }

    void open(FileId file, const std::string& name) {
        storage.ask(file, effect::Open{Token(100), file, directory / name, OpenMode::create});
    }
    void write(FileId file, Token token, std::string_view text) {
        storage.ask(file, effect::Write{token, file, 0, Chain(Bytes::copy(text))});
    }
    StorageStatus rename(const std::string& from, const std::string& to) {
        storage.ask(effect::RenameDirectory{Token(200), directory / from, directory / to});
        return status_of(Token(200));
    }
    StorageStatus remove(const std::string& name) {
        storage.ask(effect::RemoveDirectory{Token(300), directory / name});
        return status_of(Token(300));
    }
    // Carries all out; of every other operation nothing but ok is expected.
    StorageStatus status_of(Token operation) {
        storage.finish();
        StorageStatus status{};
        for (const Event& event : std::exchange(events, {})) {
            const auto& done = std::get<event::StorageDone>(event);
            order.push_back(done.operation.value());
            if (done.operation == operation)
                status = done.status;
            else
                EXPECT_EQ(done.status, StorageStatus::ok) << done.operation.value();
        }
        return status;
    }

    TestDirectory directory;
    std::vector<Event> events;
    std::vector<std::uint64_t> order;  // in which operations were answered
    Storage storage{events, [] {}, 2};
};

// Descriptors are fewer than files: most of them are opened anew, by the path that they have then.
TEST_F(DirectoriesTest, FilesOfARenamedDirectoryKeepTheirIdsAndFollow) {
    for (std::uint64_t i = 1; i <= 5; ++i) {
        open(FileId(i), "orders-0/" + std::to_string(i));
        write(FileId(i), Token(i), "before");
    }
    EXPECT_EQ(rename("orders-0", "orders-0.gone"), StorageStatus::ok);
    for (std::uint64_t i = 1; i <= 5; ++i) write(FileId(i), Token(i), "after!");
    status_of(Token(0));
    EXPECT_FALSE(std::filesystem::exists(directory / "orders-0"));
    for (int i = 1; i <= 5; ++i)
        EXPECT_EQ(text_in(directory / ("orders-0.gone/" + std::to_string(i))), "after!");
}

TEST_F(DirectoriesTest, ARenamingHasItsPlaceAmongTheOperationsOfEachFileInIt) {
    open(FileId(1), "orders-0/log");
    status_of(Token(0));
    order.clear();
    write(FileId(1), Token(1), "one");
    storage.ask(FileId(1), effect::Flush{Token(2), FileId(1)});
    storage.ask(effect::RenameDirectory{Token(3), directory / "orders-0", directory / "gone"});
    storage.ask(FileId(1), effect::Rename{Token(4), FileId(1), directory / "gone/other"});
    write(FileId(1), Token(5), "two");
    status_of(Token(0));
    EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(text_in(directory / "gone/other"), "two");
}

TEST_F(DirectoriesTest, WhatIsInTheWayStays) {
    std::filesystem::create_directory(directory / "taken");
    std::ofstream(directory / "file") << "text";
    EXPECT_EQ(rename("orders-0", "taken"), StorageStatus::exists);
    EXPECT_EQ(rename("orders-0", "file"), StorageStatus::exists);
    EXPECT_EQ(rename("absent", "other"), StorageStatus::not_found);
    EXPECT_EQ(rename("file", "other"), StorageStatus::not_found);
    EXPECT_EQ(rename("orders-0", "absent/orders-0"), StorageStatus::not_found);
    EXPECT_EQ(text_in(directory / "file"), "text");
}

TEST_F(DirectoriesTest, OnlyAnEmptyDirectoryIsRemoved) {
    open(FileId(1), "orders-0/log");
    status_of(Token(0));
    EXPECT_EQ(remove("orders-0"), StorageStatus::exists);
    storage.ask(FileId(1), effect::Remove{Token(1), FileId(1)});
    status_of(Token(0));
    EXPECT_EQ(remove("orders-0"), StorageStatus::ok);
    EXPECT_FALSE(std::filesystem::exists(directory / "orders-0"));
    EXPECT_EQ(remove("orders-0"), StorageStatus::not_found);
}

}  // namespace
}  // namespace barnabas::host
