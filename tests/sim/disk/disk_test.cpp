// A simulated disk keeps what the door promises, and only that.
#include "sim/disk/disk.h"

#include <gtest/gtest.h>

namespace barnabas::sim {
namespace {

// Submits an operation and finishes it at once.
struct Desk {
    Disk disk{DiskOptions(), 1};
    std::uint64_t operations = 0;

    template <class E>
    event::StorageDone run(E wanted) {
        wanted.operation = Token(++operations);
        const Finished finished = disk.finish(disk.submit(wanted, Instant()).slot);
        EXPECT_TRUE(finished.answer);
        EXPECT_EQ(finished.answer->operation, wanted.operation);
        return *finished.answer;
    }
    StorageStatus open(std::uint64_t file, const std::string& path,
                       OpenMode mode = OpenMode::create) {
        return run(effect::Open{{}, FileId(file), path, mode}).status;
    }
    StorageStatus write(std::uint64_t file, std::uint64_t position, const std::string& text) {
        return run(effect::Write{{}, FileId(file), position, Bytes::copy(text)}).status;
    }
    StorageStatus flush(std::uint64_t file) { return run(effect::Flush{{}, FileId(file)}).status; }
    StorageStatus flush_directory(const std::string& path) {
        return run(effect::FlushDirectory{{}, path}).status;
    }
    StorageStatus make_directory(const std::string& path) {
        return run(effect::MakeDirectory{{}, path}).status;
    }
    std::string read(std::uint64_t file, std::uint64_t position, std::uint32_t length) {
        return std::string(run(effect::Read{{}, FileId(file), position, length}).bytes.text());
    }
    std::string at(const std::string& path) {
        const auto bytes = disk.read(path);
        return bytes ? std::string(bytes->text()) : "(nothing)";
    }
};

TEST(Disk, WhatIsWrittenAfterPowerLossCounts) {
    Desk desk;
    desk.open(1, "old");
    desk.run(effect::Remove{{}, FileId(1)});
    desk.flush_directory("");
    desk.open(1, "kept");
    desk.disk.lose_power(Unflushed::lost);
    desk.open(1, "new");
    desk.write(1, 0, "hello");
    EXPECT_EQ(desk.disk.used(), 5u);
    desk.run(effect::Remove{{}, FileId(1)});
    EXPECT_EQ(desk.disk.used(), 0u);
}

TEST(Disk, WhatWasWrittenIsRead) {
    Desk desk;
    EXPECT_EQ(desk.open(1, "log", OpenMode::existing), StorageStatus::not_found);
    EXPECT_EQ(desk.open(1, "log"), StorageStatus::ok);
    EXPECT_EQ(desk.write(1, 0, "hello world"), StorageStatus::ok);
    EXPECT_EQ(desk.write(1, 6, "there"), StorageStatus::ok);
    EXPECT_EQ(desk.read(1, 0, 100), "hello there");
    EXPECT_EQ(desk.read(1, 3, 4), "lo t");
    EXPECT_EQ(desk.read(1, 100, 4), "");
    desk.write(1, 13, "x");
    EXPECT_EQ(desk.read(1, 10, 10), std::string("e\0\0x", 4)) << "a hole reads as zeros";
    EXPECT_EQ(desk.run(effect::Truncate{{}, FileId(1), 5}).status, StorageStatus::ok);
    EXPECT_EQ(desk.at("log"), "hello");
    EXPECT_EQ(desk.disk.used(), 5u);
    EXPECT_EQ(desk.open(2, "log", OpenMode::create_emptied), StorageStatus::ok);
    EXPECT_EQ(desk.at("log"), "");
    EXPECT_EQ(desk.disk.used(), 0u);
}

TEST(Disk, AProcessThatDiesLosesNothingThatWasAnswered) {
    Desk desk;
    desk.open(1, "log");
    desk.write(1, 0, "kept");
    desk.disk.crash();
    EXPECT_EQ(desk.at("log"), "kept");
    EXPECT_EQ(desk.open(1, "log", OpenMode::existing), StorageStatus::ok) << "the id is free again";
    EXPECT_EQ(desk.read(1, 0, 10), "kept");
}

TEST(Disk, WhatWasUnderWayIsDoneUpToSomePoint) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Desk desk{Disk(DiskOptions(), seed)};
        desk.open(1, "log");
        for (std::uint64_t i = 0; i < 3; ++i)
            desk.disk.submit(effect::Write{Token(i), FileId(1), 2 * i, Bytes::copy("ab")},
                             Instant());
        desk.disk.crash();
        seen.insert(desk.at("log"));
    }
    const std::set<std::string> prefixes{"", "a", "ab", "aba", "abab", "ababa", "ababab"};
    EXPECT_EQ(seen, prefixes);
}

TEST(Disk, OperationsOfOneFileFinishInOrder) {
    Disk disk(DiskOptions(), 3);
    Instant last;
    for (std::uint64_t i = 0; i < 100; ++i) {
        const auto ticket = disk.submit(effect::Flush{Token(i), FileId(1)}, Instant());
        EXPECT_GT(ticket.at, last);
        last = ticket.at;
    }
    EXPECT_LT(disk.submit(effect::Flush{Token(0), FileId(2)}, Instant()).at, last)
        << "another file does not wait for them";
}

// The medium is behind all files: a storm of flushes takes its time.
TEST(Disk, FilesShareOneQueue) {
    const auto time_of_storm = [](std::uint32_t queue) {
        Disk disk(DiskOptions{.queue = queue}, 3);
        Instant last;
        for (std::uint64_t i = 0; i < 100; ++i) {
            const effect::Flush flush{Token(i), FileId(i)};
            last = std::max(last, disk.submit(flush, Instant()).at);
        }
        return last - Instant();
    };
    EXPECT_LT(time_of_storm(100), 2100us);
    EXPECT_GT(time_of_storm(8), 8 * 400us);
    EXPECT_GT(time_of_storm(1), 100 * 400us);
}

TEST(Disk, OnlyFlushedNamesAndBytesSurvivePowerLoss) {
    Desk desk;
    desk.make_directory("data/topic");
    desk.flush_directory("");
    desk.flush_directory("data");
    desk.open(1, "data/topic/a");
    desk.flush_directory("data/topic");
    desk.write(1, 0, "flushed");
    desk.flush(1);
    desk.write(1, 7, " and not");
    desk.open(2, "data/topic/b");
    desk.write(2, 0, "flushed, but its name is not");
    desk.flush(2);
    EXPECT_EQ(desk.disk.read_durable("data/topic/a")->text(), "flushed");
    EXPECT_FALSE(desk.disk.read_durable("data/topic/b"));
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(desk.at("data/topic/a"), "flushed");
    EXPECT_EQ(desk.at("data/topic/b"), "(nothing)");
    EXPECT_EQ(desk.disk.used(), 7u);
}

TEST(Disk, AnUnflushedRenameIsLostAsAWhole) {
    Desk desk;
    desk.open(1, "meta");
    desk.write(1, 0, "old");
    desk.flush(1);
    desk.flush_directory("");
    desk.open(2, "meta.tmp");
    desk.write(2, 0, "new");
    desk.flush(2);
    EXPECT_EQ(desk.run(effect::Rename{{}, FileId(2), "meta"}).status, StorageStatus::ok);
    EXPECT_EQ(desk.at("meta"), "new");
    EXPECT_EQ(desk.at("meta.tmp"), "(nothing)");

    Desk flushed = desk;
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(desk.at("meta"), "old");
    flushed.flush_directory("");
    flushed.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(flushed.at("meta"), "new");
}

// Rename without a flush of the bytes: the classic way to end up with an empty file.
TEST(Disk, AFlushedNameDoesNotFlushTheBytes) {
    Desk desk;
    desk.open(1, "meta.tmp");
    desk.write(1, 0, "new");
    desk.run(effect::Rename{{}, FileId(1), "meta"});
    desk.flush_directory("");
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(desk.at("meta"), "");
}

TEST(Disk, AnUnflushedRemoveComesBack) {
    Desk desk;
    desk.open(1, "log");
    desk.write(1, 0, "text");
    desk.flush(1);
    desk.flush_directory("");
    EXPECT_EQ(desk.run(effect::Remove{{}, FileId(1)}).status, StorageStatus::ok);
    EXPECT_EQ(desk.disk.used(), 0u);
    Desk flushed = desk;
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(desk.at("log"), "text");
    EXPECT_EQ(desk.disk.used(), 4u);
    flushed.flush_directory("");
    flushed.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(flushed.at("log"), "(nothing)");
}

TEST(Disk, WhatLiesInALostDirectoryIsLost) {
    Desk desk;
    desk.make_directory("data");
    desk.open(1, "data/log");
    desk.flush(1);
    desk.flush_directory("data");
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_TRUE(desk.disk.files().empty());
}

TEST(Disk, ADirectoryListsWhatLiesInItAndNotBelow) {
    Desk desk;
    desk.make_directory("data/topic-0");
    desk.open(1, "data/topic-0/log");
    desk.open(2, "data/meta");
    desk.write(2, 0, "12345");
    const event::StorageDone list = desk.run(effect::List{{}, "data/"});
    const std::vector<DirectoryEntry> expected{{"meta", EntryKind::file, 5},
                                               {"topic-0", EntryKind::directory, 0}};
    EXPECT_EQ(list.entries, expected);
    EXPECT_EQ(desk.run(effect::List{{}, "nowhere"}).status, StorageStatus::not_found);
    EXPECT_EQ(desk.open(3, "nowhere/log"), StorageStatus::not_found);
    EXPECT_EQ(desk.open(3, "data"), StorageStatus::foreign);
    EXPECT_EQ(desk.make_directory("data/meta/x"), StorageStatus::exists);
}

TEST(Disk, AFullDiskTakesAPartAtMost) {
    Desk desk;
    desk.open(1, "log");
    desk.disk.set_capacity(10);
    EXPECT_EQ(desk.write(1, 0, "12345678"), StorageStatus::ok);
    EXPECT_EQ(desk.write(1, 8, "abcdef"), StorageStatus::no_space);
    EXPECT_LE(desk.disk.used(), 10u);
    EXPECT_EQ(desk.write(1, 0, "87654321"), StorageStatus::ok) << "room that is taken already";
    EXPECT_EQ(desk.run(effect::Truncate{{}, FileId(1), 11}).status, StorageStatus::no_space);
    desk.disk.mend();
    EXPECT_EQ(desk.write(1, 8, "abcdef"), StorageStatus::ok);
    EXPECT_EQ(desk.at("log"), "87654321abcdef");
}

TEST(Disk, TheNthOperationFails) {
    Desk desk;
    desk.open(1, "log");
    desk.disk.fail_operation(2);
    EXPECT_EQ(desk.write(1, 0, "a"), StorageStatus::ok);
    EXPECT_EQ(desk.write(1, 1, "b"), StorageStatus::io_error);
    EXPECT_EQ(desk.write(1, 1, "b"), StorageStatus::ok);
    desk.disk.set_broken(true);
    EXPECT_EQ(desk.flush(1), StorageStatus::io_error);
    EXPECT_EQ(desk.flush(1), StorageStatus::io_error);
    EXPECT_EQ(desk.open(2, "other"), StorageStatus::io_error);
    desk.disk.mend();
    EXPECT_EQ(desk.flush(1), StorageStatus::ok);
    EXPECT_EQ(desk.open(2, "other"), StorageStatus::ok) << "the id was not taken";
}

TEST(Disk, ADirectoryFailsAndTheOthersDoNot) {
    Desk desk;
    for (const char* path : {"one", "two", "two/a"}) desk.run(effect::MakeDirectory{{}, path});
    desk.open(1, "one/log");
    desk.open(2, "two/a/log");
    const auto statuses = [&](std::uint32_t file, const std::string& path) {
        const effect::Read read{{}, FileId(file), 0, 1};
        return std::vector{desk.write(file, 0, "a"), desk.run(read).status, desk.flush(file),
                           desk.run(effect::List{{}, path}).status,
                           desk.run(effect::FlushDirectory{{}, path}).status};
    };
    using enum StorageStatus;
    desk.disk.fail_directory("two", Failing::flushes);
    EXPECT_EQ(statuses(2, "two"), (std::vector{ok, ok, io_error, ok, io_error}));
    desk.disk.fail_directory("two", Failing::reads);
    EXPECT_EQ(statuses(2, "two"), (std::vector{ok, io_error, io_error, io_error, io_error}));
    desk.disk.mend_directory("two");
    desk.disk.fail_directory("two", Failing::writes);
    EXPECT_EQ(statuses(2, "two"), (std::vector{io_error, ok, ok, ok, ok}));
    EXPECT_EQ(desk.open(3, "two/new"), io_error);
    EXPECT_EQ(desk.run(effect::Remove{{}, FileId(2)}).status, io_error);
    desk.disk.fail_directory("two", Failing::all);
    EXPECT_EQ(statuses(2, "two/a"), std::vector(5, io_error));
    EXPECT_EQ(statuses(1, "one"), std::vector(5, ok));
    EXPECT_EQ(desk.open(4, "twofold"), ok) << "no part of its name is a directory's";
    desk.disk.mend();
    EXPECT_EQ(statuses(2, "two/a"), std::vector(5, ok));
}

// As file systems do that mark pages clean when they could not be written.
TEST(Disk, AFlushThatForgetsIsNotMadeGoodByALaterOne) {
    Desk desk;
    desk.make_directory("data");
    desk.open(1, "data/log");
    desk.flush_directory("");
    desk.flush_directory("data");
    desk.write(1, 0, "kept ");
    EXPECT_EQ(desk.flush(1), StorageStatus::ok);
    desk.write(1, 5, "lost ");
    desk.disk.fail_directory("data", Failing::forgetful_flushes);
    EXPECT_EQ(desk.flush(1), StorageStatus::io_error);
    desk.disk.mend_directory("data");
    EXPECT_EQ(desk.flush(1), StorageStatus::ok) << "there is nothing to be flushed, it says";
    EXPECT_EQ(desk.at("data/log"), "kept lost ") << "until the power goes";
    const Disk::FileView view = desk.disk.files().back();
    EXPECT_FALSE(view.is_flushed);
    desk.disk.lose_power(Unflushed::kept);
    EXPECT_EQ(desk.at("data/log"), "kept ");
}

TEST(Disk, ASpoiltSectorCannotBeReadUntilItIsWrittenAnew) {
    Desk desk;
    desk.open(1, "log");
    desk.write(1, 0, std::string(4096, 'a'));
    desk.disk.spoil("log", 1024, 1536);
    const auto status = [&](std::uint64_t position, std::uint32_t length) {
        return desk.run(effect::Read{{}, FileId(1), position, length}).status;
    };
    EXPECT_EQ(status(0, 1024), StorageStatus::ok);
    EXPECT_EQ(status(0, 1025), StorageStatus::io_error);
    EXPECT_EQ(status(1535, 1), StorageStatus::io_error);
    EXPECT_EQ(status(1536, 100), StorageStatus::ok);
    EXPECT_TRUE(desk.disk.read_now(FileId(1), 0, 4096).empty());
    desk.write(1, 1024, "b");
    EXPECT_EQ(status(1024, 1), StorageStatus::io_error) << "a part of it does not do";
    desk.write(1, 1024, std::string(512, 'b'));
    EXPECT_EQ(status(0, 4096), StorageStatus::ok);
}

TEST(Disk, OfNamesThatWereNotFlushedAnySurvivePowerLoss) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Desk desk{Disk(DiskOptions(), seed)};
        for (const char* name : {"a", "b", "c"}) {
            desk.open(static_cast<std::uint64_t>(*name), name);
        }
        desk.run(effect::Rename{{}, FileId('c'), "d"});
        desk.disk.lose_power(Unflushed::seeded);
        std::string names;
        for (const auto& view : desk.disk.files()) names += view.path;
        seen.insert(names);
    }
    // No name of "abd" hangs on another one, but a file has one name: "c" or "d".
    EXPECT_EQ(seen, (std::set<std::string>{"", "a", "ab", "abc", "abd", "ac", "ad", "b", "bc", "bd",
                                           "c", "d"}));
}

TEST(Disk, ASlowDiskTakesLonger) {
    Disk quick(DiskOptions(), 5);
    Disk slow = quick;
    slow.set_slowness(100);
    const effect::Flush flush{Token(1), FileId(1)};
    EXPECT_EQ((slow.submit(flush, Instant()).at - Instant()).count(),
              (quick.submit(flush, Instant()).at - Instant()).count() * 100);
}

TEST(Disk, AFlippedBitStaysFlipped) {
    Desk desk;
    desk.open(1, "log");
    desk.flush_directory("");
    desk.write(1, 0, "aaa");
    desk.flush(1);
    EXPECT_TRUE(desk.disk.flip_bit("log", 1, 1));
    EXPECT_FALSE(desk.disk.flip_bit("log", 3, 1));
    EXPECT_FALSE(desk.disk.flip_bit("other", 0, 1));
    EXPECT_EQ(desk.read(1, 0, 3), "aca");
    desk.disk.lose_power(Unflushed::lost);
    EXPECT_EQ(desk.at("log"), "aca");
}

TEST(Disk, ALockLastsAsLongAsItsProcess) {
    Desk desk;
    desk.make_directory("data");
    EXPECT_EQ(desk.run(effect::LockDirectory{{}, "data"}).status, StorageStatus::ok);
    EXPECT_EQ(desk.run(effect::LockDirectory{{}, "data"}).status, StorageStatus::locked);
    desk.disk.crash();
    EXPECT_EQ(desk.run(effect::LockDirectory{{}, "data"}).status, StorageStatus::ok);
    desk.disk.lock_by_other("other");
    desk.make_directory("other");
    EXPECT_EQ(desk.run(effect::LockDirectory{{}, "other"}).status, StorageStatus::locked);
}

// Forking a world with a big disk must not copy its bytes.
TEST(Disk, AForkSharesTheBytesAndChangesItsOwn) {
    Desk desk;
    desk.open(1, "log");
    desk.write(1, 0, "shared");
    Desk fork = desk;
    const Chain ours = desk.disk.read_now(FileId(1), 0, 6);
    const Chain theirs = fork.disk.read_now(FileId(1), 0, 6);
    EXPECT_EQ(ours.pieces().front().data(), theirs.pieces().front().data());
    fork.write(1, 0, "forked");
    EXPECT_EQ(desk.at("log"), "shared");
    EXPECT_EQ(fork.at("log"), "forked");
}

TEST(Contents, SmallWritesAreJoined) {
    Contents contents;
    std::string expected;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = "record " + std::to_string(i);
        contents.write(contents.size(), Bytes::copy(text));
        expected += text;
    }
    EXPECT_EQ(contents.read(0, UINT64_MAX).flatten().text(), expected);
    EXPECT_LT(contents.extents(), 100u);
}

}  // namespace
}  // namespace barnabas::sim
