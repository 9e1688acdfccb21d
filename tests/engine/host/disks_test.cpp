// Disks that are slow, or do not answer at all: who waits for them, and who does not.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>

#include "engine/host/media.h"
#include "engine/host/storage.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

std::string pattern(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 7);
    return text;
}

// A file of which nothing is in memory. False where the file system keeps everything there: a
// temporary directory may lie in memory.
bool make_cold(const std::string& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
    const OpenedFile file = open_file(path, OpenMode::existing);
    const int number = file.descriptor->number();
    EXPECT_EQ(flush_file(number), StorageStatus::ok);
    ::posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED);
    return bytes_in_memory(number, 0, content.size()) == 0;
}

class SocketPair {
  public:
    SocketPair() {
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0);
        const int large = 8 << 20;
        for (const int end : ends_)
            ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
    }
    ~SocketPair() {
        for (const int end : ends_) ::close(end);
    }
    int near() const { return ends_[0]; }
    std::string taken() {
        std::string all, some(1 << 20, ' ');
        for (ssize_t count = 1; count > 0;) {
            count = ::recv(ends_[1], some.data(), some.size(), 0);
            if (count > 0) all.append(some, 0, static_cast<std::size_t>(count));
        }
        return all;
    }

  private:
    int ends_[2];
};

TEST(Sender, ARangeThatIsNotInMemoryIsNotSentUntilItIs) {
    TestDirectory directory;
    const std::string content = pattern(2 * Sender::piece_max + 100'000);
    const bool is_cold = make_cold(directory / "log", content);
    const auto file = open_file(directory / "log", OpenMode::existing).descriptor;
    const std::uint32_t length = static_cast<std::uint32_t>(content.size()) - 7;
    Sender sender;
    sender.push(Chain(Bytes::copy("head")));
    sender.push(FileRange{file, 7, length, 0, nullptr});
    SocketPair sockets;
    std::string taken;
    std::size_t pieces = 0;
    for (;;) {
        const Sender::Outcome outcome = sender.send(sockets.near());
        taken += sockets.taken();
        if (outcome == Sender::Outcome::empty) break;
        ASSERT_NE(outcome, Sender::Outcome::broken);
        if (outcome != Sender::Outcome::cold) continue;
        // Nothing of it went: who sends it had not waited for the disk.
        ASSERT_EQ(taken.size() + sender.bytes_left(), 4 + std::size_t{length});
        const FileRange piece = sender.cold_piece();
        ASSERT_EQ(bytes_in_memory(file->number(), piece.position, piece.length), 0u);
        ASSERT_EQ(piece.position, 7 + taken.size() - 4);
        Job job;
        job.descriptor = piece.file;
        job.position = piece.position;
        job.length = piece.length;
        perform(job);
        ++pieces;
        sender.warmed(piece.file);
    }
    EXPECT_EQ(pieces > 0, is_cold);
    EXPECT_TRUE(taken == "head" + content.substr(7));
}

// The system begins to read a page when it says that the page is not there: a thread that loses its
// processor in between finds it, and rightly sends it. So several files are tried.
TEST(Sender, ASmallRangeIsReadOnlyFromMemoryToo) {
    TestDirectory directory;
    bool was_cold = false;
    for (int i = 0; i < 20 && !was_cold; ++i) {
        const std::string path = directory / std::to_string(i);
        if (!make_cold(path, pattern(1000))) return;  // nothing is ever cold here
        const auto file = open_file(path, OpenMode::existing).descriptor;
        Sender sender;
        sender.push(FileRange{file, 0, 1000, 0, nullptr});
        sender.push(Chain(Bytes::copy("tail")));
        SocketPair sockets;
        const Sender::Outcome outcome = sender.send(sockets.near());
        was_cold = outcome == Sender::Outcome::cold;
        std::string taken = sockets.taken();
        if (was_cold) {
            EXPECT_EQ(taken, "");
            EXPECT_EQ(read_file(file->number(), {Token(1), FileId(1), 0, 1000}).bytes.size(),
                      1000u);
            sender.warmed(file);
            EXPECT_EQ(sender.send(sockets.near()), Sender::Outcome::empty);
            taken = sockets.taken();
        }
        EXPECT_EQ(taken, pattern(1000) + "tail");
    }
    EXPECT_TRUE(was_cold);
}

TEST(Sender, SmallRangesGoWithTheBytesAroundThem) {
    TestDirectory directory;
    std::ofstream(directory / "log") << "0123456789";
    const auto file = open_file(directory / "log", OpenMode::existing).descriptor;
    Sender sender;
    std::string expected;
    for (int i = 0; i < 10; ++i) {
        sender.push(Chain(Bytes::copy("<")));
        sender.push(FileRange{file, static_cast<std::uint64_t>(i), 1, 0, nullptr});
        expected += "<" + std::to_string(i);
    }
    // Of this kind of socket every call is a message of its own.
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    EXPECT_EQ(sender.send(ends[0]), Sender::Outcome::empty);
    std::string message(100, ' ');
    const ssize_t count = ::recv(ends[1], message.data(), message.size(), 0);
    EXPECT_EQ(message.substr(0, static_cast<std::size_t>(std::max<ssize_t>(count, 0))), expected);
    for (const int end : ends) ::close(end);
}

// Holds a file so that whoever opens it waits, as for a disk that does not answer.
class StalledFile {
  public:
    explicit StalledFile(const std::string& path) {
        std::signal(SIGIO, SIG_IGN);  // how the system tells that somebody waits
        std::ofstream(path) << "stalled";
        file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        is_stalled = ::fcntl(file_, F_SETLEASE, F_WRLCK) == 0;
    }
    ~StalledFile() { release(); }
    void release() {
        if (file_ < 0) return;
        ::fcntl(file_, F_SETLEASE, F_UNLCK);
        ::close(std::exchange(file_, -1));
    }
    bool is_stalled = false;

  private:
    int file_ = -1;
};

Instant disk_time;  // moves by `disk_step` with each look at the clock
Duration disk_step;
Instant disk_clock() { return disk_time += disk_step; }

// Two log directories, and files outside of both.
class DisksTest : public testing::Test {
  protected:
    DisksTest() {
        disk_step = Duration(0);
        for (const char* name : {"one", "two"}) {
            std::filesystem::create_directory(directory / name);
            storage.ask(effect::LockDirectory{Token(0), directory / name});
        }
        events.clear();
    }
    ~DisksTest() override { storage.finish(); }

    void open(FileId file, const std::string& name) {
        storage.ask(file, effect::Open{Token(0), file, directory / name, OpenMode::create});
    }
    void write(FileId file, std::uint64_t token) {
        storage.ask(file, effect::Write{Token(token), file, 0, Chain(Bytes::copy("text"))});
    }
    // What is answered before anything that a lane has to do.
    std::vector<std::uint64_t> answered_inline() {
        storage.carry_out();
        return tokens();
    }
    std::vector<std::uint64_t> finish() {
        storage.finish();
        return tokens();
    }
    // Patience is for a test that fails: a lease ends after 45 seconds.
    static void wait(const std::function<bool()>& is_done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!is_done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    }
    std::vector<std::uint64_t> tokens() {
        std::vector<std::uint64_t> tokens;
        for (const Event& event : std::exchange(events, {})) {
            const auto& done = std::get<event::StorageDone>(event);
            EXPECT_EQ(done.status, StorageStatus::ok);
            tokens.push_back(done.operation.value());
        }
        return tokens;
    }

    using Tokens = std::vector<std::uint64_t>;
    TestDirectory directory;
    std::vector<Event> events;
    Storage storage{events, [] {}, 16, &disk_clock};
    const FileId a = FileId(1), b = FileId(2), c = FileId(3);
};

TEST_F(DisksTest, ADirectoryFoundSlowByOneFileIsLeftToItsLaneForAll) {
    open(a, "one/a");
    open(b, "one/b");
    open(c, "two/c");
    finish();
    disk_step = Medium::slow;
    write(a, 1);
    EXPECT_EQ(answered_inline(), Tokens{1});  // found slow by being slow
    disk_step = Duration(0);
    write(b, 2);
    write(c, 3);
    EXPECT_EQ(answered_inline(), Tokens{3});
    EXPECT_EQ(finish(), Tokens{2});
}

TEST_F(DisksTest, ADirectoryThatIsFastAgainIsWrittenToInline) {
    open(a, "one/a");
    open(b, "one/b");
    finish();
    disk_step = Medium::slow;
    write(a, 1);
    finish();
    disk_step = Duration(0);
    for (int i = 0; i < Medium::fast_needed; ++i) {
        write(a, 1);
        EXPECT_EQ(finish(), Tokens{1});
    }
    write(b, 2);
    EXPECT_EQ(answered_inline(), Tokens{2});
}

TEST_F(DisksTest, ALargeWriteDoesNotHoldUpTheLoop) {
    open(a, "one/a");
    open(b, "one/b");
    finish();
    storage.ask(a, effect::Write{Token(1), a, 0,
                                 Chain(Bytes::copy(pattern(Storage::inline_write_max + 1)))});
    write(b, 2);
    EXPECT_EQ(answered_inline(), Tokens{2});
    EXPECT_EQ(finish(), Tokens{1});
}

TEST_F(DisksTest, ADirectoryThatDoesNotAnswerHoldsUpNoOther) {
    StalledFile stalled(directory / "one/stalled");
    ASSERT_TRUE(stalled.is_stalled);
    open(a, "one/stalled");
    storage.carry_out();
    open(c, "two/c");
    write(c, 1);
    storage.ask(c, effect::Flush{Token(2), c});
    storage.ask(effect::List{Token(3), directory / "two"});
    storage.ask(effect::FlushDirectory{Token(4), directory / "two"});
    Tokens done;
    wait([&] {
        storage.carry_out();
        storage.take_finished();
        for (const std::uint64_t token : tokens()) done.push_back(token);
        return done.size() >= 5;
    });
    std::ranges::sort(done);
    EXPECT_EQ(done, (Tokens{0, 1, 2, 3, 4}));
    stalled.release();
    EXPECT_EQ(finish(), Tokens{0});
}

// Flushes, and reads of other files, go on beside a piece that a connection waits for.
TEST_F(DisksTest, AReaderThatWaitsForItsDiskHoldsUpNobodyElseThere) {
    StalledFile stalled(directory / "one/stalled");
    ASSERT_TRUE(stalled.is_stalled);
    open(a, "one/a");
    write(a, 1);
    finish();
    FileRange range = storage.range({ConnectionId(7), a, 0, 4});
    range.file.reset();
    range.late = std::make_shared<const std::string>(directory / "one/stalled");
    storage.warm_up(range, 0, ConnectionId(7));
    storage.ask(a, effect::Flush{Token(2), a});
    storage.ask(a, effect::Read{Token(3), a, 0, UINT32_MAX});
    storage.ask(a, effect::Truncate{Token(4), a, 0});
    Tokens done;
    std::vector<Storage::Warmed> warmed;
    wait([&] {
        storage.carry_out();
        warmed = storage.take_finished();
        for (const std::uint64_t token : tokens()) done.push_back(token);
        return done.size() >= 3 || !warmed.empty();
    });
    EXPECT_EQ(done, (Tokens{2, 3, 4}));
    stalled.release();
    wait([&] {
        if (warmed.empty()) warmed = storage.take_finished();
        return !warmed.empty();
    });
    ASSERT_EQ(warmed.size(), 1u);
    EXPECT_EQ(warmed.front().connection, ConnectionId(7));
    EXPECT_TRUE(warmed.front().file);
}

// While it lives no thread can be begun: its stack would be larger than any memory.
class NoRoomForThreads {
  public:
    NoRoomForThreads() {
        ::pthread_getattr_default_np(&before_);
        pthread_attr_t huge{};
        ::pthread_getattr_default_np(&huge);
        EXPECT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 50), 0);
        EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
    }
    ~NoRoomForThreads() { ::pthread_setattr_default_np(&before_); }

  private:
    pthread_attr_t before_{};
};

TEST_F(DisksTest, WhatHasNoThreadWaitsForOne) {
    {
        const NoRoomForThreads shortage;
        open(a, "one/a");
        write(a, 1);
        EXPECT_EQ(answered_inline(), Tokens{});
        EXPECT_TRUE(storage.take_shortage());
        EXPECT_TRUE(storage.retry_at());
    }
    while (storage.retry_at()) storage.carry_out();
    EXPECT_EQ(finish(), (Tokens{0, 1}));
}

TEST(Media, TheNearestLockedDirectoryIsTheMedium) {
    Media media;
    media.add("/data");
    media.add("/data/fast/");
    EXPECT_EQ(&media.of("/data/orders-0/0.log"), &media.of("/data"));
    EXPECT_EQ(&media.of("/data/fast/orders-0/0.log"), &media.of("/data/fast"));
    EXPECT_NE(&media.of("/data"), &media.of("/data/fast"));
    EXPECT_EQ(&media.of("/database/0.log"), &media.at(Media::common));
    for (std::uint32_t i = 0; i < 2 * Media::count_max; ++i)
        media.add("/more/" + std::to_string(i));
    EXPECT_EQ(&media.of("/more/31/a"), &media.at(Media::common));
}

// Serves the file whole for each frame.
TestMachine whole_file_server(std::string path, std::uint32_t length) {
    return {.rest = [=](const Event& event, Turn& turn, Probe& probe) {
        const FileId file(1);
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Open{Token(1), file, path, OpenMode::existing});
        if (std::holds_alternative<event::StorageDone>(event)) probe.say("open");
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 1000});
        if (const auto* received = std::get_if<event::Received>(&event))
            turn.ask(effect::SendFile{received->connection, file, 0, length});
    }};
}

TEST(SendFile, WhatIsNotInMemoryArrivesWholeAndFromMemory) {
    TestDirectory directory;
    const std::string content = pattern(5'000'000);
    make_cold(directory / "log", content);
    RunningHost host(whole_file_server(directory / "log", 5'000'000));
    ASSERT_TRUE(host.probe->wait_for_line("open"));
    Client client(host.port(), 8192);
    client.send(framed("x"));
    EXPECT_TRUE(client.receive(content.size()) == content);
}

}  // namespace
}  // namespace barnabas::host
