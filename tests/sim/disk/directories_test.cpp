// Directories of a simulated disk that are renamed and removed, and what of that survives.
#include <gtest/gtest.h>

#include "sim/disk/disk.h"

namespace barnabas::sim {
namespace {

// A flushed directory `orders` with a flushed file `log` in it, open as file 1.
struct Orders {
    Disk disk{DiskOptions(), 1};
    std::uint64_t operations = 0;

    Orders() {
        run(effect::MakeDirectory{{}, "orders"});
        run(effect::FlushDirectory{{}, ""});
        run(effect::Open{{}, FileId(1), "orders/log", OpenMode::create});
        run(effect::Write{{}, FileId(1), 0, Bytes::copy("records")});
        run(effect::Flush{{}, FileId(1)});
        run(effect::FlushDirectory{{}, "orders"});
    }
    template <class E>
    StorageStatus run(E wanted) {
        wanted.operation = Token(++operations);
        return disk.finish(disk.submit(wanted, Instant()).slot).answer->status;
    }
    StorageStatus rename(const std::string& from, const std::string& to) {
        return run(effect::RenameDirectory{{}, from, to});
    }
    StorageStatus remove(const std::string& path) {
        return run(effect::RemoveDirectory{{}, path});
    }
    std::string at(const std::string& path) {
        const auto bytes = disk.read(path);
        return bytes ? std::string(bytes->text()) : "(nothing)";
    }
};

TEST(DiskDirectories, FilesOfARenamedDirectoryKeepTheirIdsAndFollow) {
    Orders orders;
    EXPECT_EQ(orders.rename("orders", "gone"), StorageStatus::ok);
    EXPECT_EQ(orders.at("orders/log"), "(nothing)");
    EXPECT_EQ(orders.run(effect::Write{{}, FileId(1), 0, Bytes::copy("RE")}), StorageStatus::ok);
    EXPECT_EQ(orders.at("gone/log"), "REcords");
    EXPECT_EQ(orders.run(effect::Rename{{}, FileId(1), "gone/other"}), StorageStatus::ok);
    EXPECT_EQ(orders.at("gone/other"), "REcords");
}

TEST(DiskDirectories, ARenamingSurvivesPowerLossOnceTheDirectoryAboveIsFlushed) {
    Orders lost;
    lost.rename("orders", "gone");
    lost.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(lost.at("orders/log"), "records");
    EXPECT_EQ(lost.at("gone/log"), "(nothing)");
    Orders kept;
    kept.rename("orders", "gone");
    kept.run(effect::FlushDirectory{{}, ""});
    kept.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(kept.at("orders/log"), "(nothing)");
    EXPECT_EQ(kept.at("gone/log"), "records");
}

// A directory is the same one whatever it is called: what is flushed in it is there, under the name
// that it has on the medium.
TEST(DiskDirectories, NamesInARenamedDirectoryAreFlushedApartFromItsOwn) {
    Orders orders;
    orders.run(effect::Open{{}, FileId(2), "orders/early", OpenMode::create});
    orders.rename("orders", "gone");
    orders.run(effect::Open{{}, FileId(3), "gone/late", OpenMode::create});
    orders.run(effect::FlushDirectory{{}, "gone"});
    orders.disk.lose_power(Unflushed::lost);
    for (const char* path : {"orders/log", "orders/early", "orders/late"})
        EXPECT_NE(orders.at(path), "(nothing)") << path;
}

TEST(DiskDirectories, NamesThatWereNotFlushedGoWithoutTheirDirectory) {
    Orders orders;
    orders.run(effect::Open{{}, FileId(2), "orders/early", OpenMode::create});
    orders.rename("orders", "gone");
    orders.run(effect::FlushDirectory{{}, ""});
    orders.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(orders.at("gone/log"), "records");
    EXPECT_EQ(orders.at("gone/early"), "(nothing)");
}

TEST(DiskDirectories, WhatIsInTheWayStays) {
    Orders orders;
    orders.run(effect::MakeDirectory{{}, "taken"});
    EXPECT_EQ(orders.rename("orders", "taken"), StorageStatus::exists);
    EXPECT_EQ(orders.rename("taken", "orders/log"), StorageStatus::exists);
    EXPECT_EQ(orders.rename("absent", "other"), StorageStatus::not_found);
    EXPECT_EQ(orders.rename("orders/log", "other"), StorageStatus::not_found);
    EXPECT_EQ(orders.rename("orders", "absent/orders"), StorageStatus::not_found);
    orders.disk.set_broken(true);
    EXPECT_EQ(orders.rename("orders", "other"), StorageStatus::io_error);
    EXPECT_EQ(orders.at("orders/log"), "records");
}

TEST(DiskDirectories, OnlyAnEmptyDirectoryIsRemoved) {
    Orders orders;
    EXPECT_EQ(orders.remove("orders"), StorageStatus::exists);
    orders.run(effect::Remove{{}, FileId(1)});
    EXPECT_EQ(orders.remove("orders"), StorageStatus::ok);
    EXPECT_EQ(orders.remove("orders"), StorageStatus::not_found);
    Orders again = orders;
    again.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(again.at("orders/log"), "records") << "neither removal was flushed";
    orders.run(effect::FlushDirectory{{}, ""});
    orders.run(effect::MakeDirectory{{}, "orders"});
    orders.run(effect::FlushDirectory{{}, ""});
    orders.disk.lose_power(Unflushed::kept);
    EXPECT_EQ(orders.at("orders/log"), "(nothing)") << "a new directory of an old name is empty";
}

// A later operation of a file in it does not overtake the renaming, nor the other way round.
TEST(DiskDirectories, ARenamingHasItsPlaceInTheOrderOfEveryFileInIt) {
    Orders orders;
    const Instant now{};
    const auto write = orders.disk.submit(
        effect::Write{Token(1), FileId(1), 0, Bytes::copy("text")}, now);
    const auto rename =
        orders.disk.submit(effect::RenameDirectory{Token(2), "orders", "gone"}, now);
    const auto flush = orders.disk.submit(effect::Flush{Token(3), FileId(1)}, now);
    EXPECT_GE(rename.at, write.at);
    EXPECT_GE(flush.at, rename.at);
}

}  // namespace
}  // namespace barnabas::sim
