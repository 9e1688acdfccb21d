// Files as a machine sees them: order, what is visible when, errors, and ranges sent to a peer.
#include "engine/host/storage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/host/file_calls.h"
#include "tests/engine/host/running_host.h"

namespace barnabas::host {
namespace {

Chain chain(std::string_view text) { return Chain(Bytes::copy(text)); }

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

class StorageTest : public testing::Test {
  protected:
    // Carries all out and gives the answers in the order in which they came.
    std::vector<event::StorageDone> finish() {
        storage.finish();
        std::vector<event::StorageDone> answers;
        for (Event& event : events) answers.push_back(std::get<event::StorageDone>(event));
        events.clear();
        return answers;
    }
    std::vector<std::uint64_t> finished_operations() {
        std::vector<std::uint64_t> operations;
        for (const auto& answer : finish()) operations.push_back(answer.operation.value());
        return operations;
    }
    event::StorageDone only_answer() {
        auto answers = finish();
        EXPECT_EQ(answers.size(), 1u);
        return answers.empty() ? event::StorageDone{} : answers.front();
    }
    void open(FileId file, const std::string& name, OpenMode mode = OpenMode::create) {
        storage.ask(file, effect::Open{Token(0), file, directory / name, mode});
    }
    void write(FileId file, Token operation, std::uint64_t position, std::string_view text) {
        storage.ask(file, effect::Write{operation, file, position, chain(text)});
    }
    void read(FileId file, Token operation, std::uint64_t position, std::uint32_t length) {
        storage.ask(file, effect::Read{operation, file, position, length});
    }

    TestDirectory directory;
    std::vector<Event> events;
    Storage storage{events, [] {}, 4};
    const FileId a = FileId(1);
    const FileId b = FileId(2);
};

// Open and Flush go to lanes, writes and reads would not: they must not overtake.
TEST_F(StorageTest, TheAnswersOfOneFileComeInTheOrderOfItsEffects) {
    open(a, "a");
    write(a, Token(1), 0, "one");
    storage.ask(a, effect::Flush{Token(2), a});
    storage.ask(a, effect::Flush{Token(3), a});
    write(a, Token(4), 3, "two");
    read(a, Token(5), 0, 100);
    storage.ask(a, effect::Truncate{Token(6), a, 2});
    read(a, Token(7), 0, 100);
    const auto answers = finish();
    ASSERT_EQ(answers.size(), 8u);
    for (std::uint64_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i].operation, Token(i));
        EXPECT_EQ(answers[i].status, StorageStatus::ok);
    }
    EXPECT_EQ(answers[5].bytes.text(), "onetwo");
    EXPECT_EQ(answers[7].bytes.text(), "on");
}

TEST_F(StorageTest, WritesOfOnePassLieInTheFileAsIfWrittenOneByOne) {
    open(a, "a");
    finish();
    std::string expected;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        Chain both = chain("head" + std::to_string(i));
        both.append(chain("tail"));
        const std::uint64_t position = expected.size();
        expected += both.flatten().text();
        storage.ask(a, effect::Write{Token(i), a, position, std::move(both)});
    }
    write(a, Token(1000), 2, "xx");  // behind, but not after: a gap in the run
    expected.replace(2, 2, "xx");
    EXPECT_EQ(finish().size(), 1001u);
    EXPECT_EQ(content_of(directory / "a"), expected);
}

TEST_F(StorageTest, AWriteOfNothingIsAnswered) {
    open(a, "a");
    write(a, Token(1), 0, "");
    EXPECT_EQ(finished_operations(), (std::vector<std::uint64_t>{0, 1}));
}

TEST_F(StorageTest, AReadIsCutAtTheEndOfTheFile) {
    open(a, "a");
    write(a, Token(1), 0, "0123456789");
    finish();
    read(a, Token(2), 8, 100);
    read(a, Token(3), 10, 100);
    read(a, Token(4), UINT64_MAX, 100);
    read(a, Token(5), 2, 3);
    const auto answers = finish();
    EXPECT_EQ(answers[0].bytes.text(), "89");
    EXPECT_EQ(answers[1].bytes.text(), "");
    EXPECT_EQ(answers[2].bytes.text(), "");
    EXPECT_EQ(answers[3].bytes.text(), "234");
}

TEST_F(StorageTest, ALargeReadComesBackWhole) {
    const std::string large(3 * Storage::inline_read_max + 17, 'x');
    open(a, "a");
    write(a, Token(1), 0, large);
    finish();
    read(a, Token(2), 0, UINT32_MAX);
    EXPECT_EQ(only_answer().bytes.text(), large);
}

TEST_F(StorageTest, TheOpenModesDiffer) {
    open(a, "a", OpenMode::existing);
    EXPECT_EQ(only_answer().status, StorageStatus::not_found);
    open(a, "a", OpenMode::create);
    EXPECT_EQ(only_answer().size, 0u);
    write(a, Token(1), 0, "text");
    finish();
    open(b, "a", OpenMode::create);
    EXPECT_EQ(only_answer().size, 4u);
    open(b, "a", OpenMode::create_emptied);
    EXPECT_EQ(only_answer().size, 0u);
    EXPECT_EQ(content_of(directory / "a"), "");
}

TEST_F(StorageTest, WhatIsAskedOfAFileThatCouldNotBeOpenedIsAnsweredAllTheSame) {
    open(a, "a", OpenMode::existing);
    write(a, Token(1), 0, "text");
    storage.ask(a, effect::Flush{Token(2), a});
    storage.ask(a, effect::Close{a});
    const auto answers = finish();
    ASSERT_EQ(answers.size(), 3u);
    for (const auto& answer : answers) EXPECT_EQ(answer.status, StorageStatus::not_found);
}

TEST_F(StorageTest, ARenamedFileKeepsItsIdAndReplacesWhatIsThere) {
    open(a, "a");
    open(b, "b");
    write(a, Token(1), 0, "from a");
    write(b, Token(2), 0, "from b");
    finish();
    storage.ask(a, effect::Rename{Token(3), a, directory / "b"});
    write(a, Token(4), 5, "A");
    EXPECT_EQ(finished_operations(), (std::vector<std::uint64_t>{3, 4}));
    EXPECT_EQ(content_of(directory / "b"), "from A");
    EXPECT_FALSE(std::filesystem::exists(directory / "a"));
}

TEST_F(StorageTest, ARemovedFileFreesItsId) {
    open(a, "a");
    storage.ask(a, effect::Remove{Token(1), a});
    write(a, Token(2), 0, "nowhere");
    open(a, "other");
    const auto answers = finish();
    EXPECT_EQ(answers[1].status, StorageStatus::ok);
    EXPECT_EQ(answers[2].status, StorageStatus::not_found);
    EXPECT_EQ(answers[3].status, StorageStatus::ok);
    EXPECT_FALSE(std::filesystem::exists(directory / "a"));
}

TEST_F(StorageTest, MoreFilesThanDescriptorsAreServed) {
    for (std::uint64_t i = 0; i < 20; ++i) open(FileId(i), std::to_string(i));
    finish();
    for (std::uint64_t round = 0; round < 3; ++round)
        for (std::uint64_t i = 0; i < 20; ++i)
            write(FileId(i), Token(i), round, std::to_string(i % 10));
    for (const auto& answer : finish()) EXPECT_EQ(answer.status, StorageStatus::ok);
    EXPECT_LE(storage.open_descriptors(), 4u);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(content_of(directory / std::to_string(i)),
                  std::string(3, static_cast<char>('0' + i % 10)));
}

// Its name went to another file meanwhile: who opened it anew would write there.
TEST_F(StorageTest, AFileThatIsUsedKeepsItsDescriptorWhileOthersComeAndGo) {
    open(a, "a");
    write(a, Token(1), 0, "one");
    finish();
    std::filesystem::rename(directory / "a", directory / "moved");
    for (int i = 0; i < 100; ++i) {
        open(FileId(10 + static_cast<std::uint64_t>(i)), "other" + std::to_string(i));
        write(a, Token(2), 0, "two");
        finish();
    }
    EXPECT_EQ(content_of(directory / "moved"), "two");
    EXPECT_FALSE(std::filesystem::exists(directory / "a"));
    EXPECT_LE(storage.open_descriptors(), 4u);
}

// The log file's descriptor may be dropped, the file removed, while a peer still takes its range.
// A log that was idle names its file anew and sends from it in the same turn.
TEST_F(StorageTest, ARangeOfAFileWhoseOpenIsOnItsWayIsThere) {
    open(FileId(1), "log");
    write(FileId(1), Token(1), 0, "records");
    storage.ask(FileId(1), effect::Close{FileId(1)});
    finish();
    open(FileId(2), "log", OpenMode::existing);
    EXPECT_TRUE(storage.range({ConnectionId(1), FileId(2), 0, 7}).file);
    storage.carry_out();
    EXPECT_TRUE(storage.range({ConnectionId(1), FileId(2), 0, 7}).file);
    finish();
    EXPECT_TRUE(storage.range({ConnectionId(1), FileId(2), 0, 7}).file);
    EXPECT_FALSE(storage.range({ConnectionId(1), FileId(3), 0, 7}).file);
    open(FileId(4), "absent", OpenMode::existing);
    EXPECT_FALSE(storage.range({ConnectionId(1), FileId(4), 0, 7}).file);
}

TEST_F(StorageTest, ARangeUnderWayOutlivesItsDescriptorAndItsName) {
    open(a, "a");
    write(a, Token(1), 0, "range");
    finish();
    const FileRange range = storage.range({ConnectionId(1), a, 0, 5});
    for (std::uint64_t i = 10; i < 20; ++i) open(FileId(i), std::to_string(i));
    storage.ask(a, effect::Remove{Token(2), a});
    finish();
    ASSERT_TRUE(range.file);
    std::string text(5, ' ');
    EXPECT_EQ(::pread(range.file->number(), text.data(), text.size(), 0), 5);
    EXPECT_EQ(text, "range");
    EXPECT_FALSE(storage.range({ConnectionId(1), a, 0, 5}).file);
}

TEST_F(StorageTest, AFullDiskIsNoSpaceForEveryWriteBehindTheFirst) {
    storage.ask(a, effect::Open{Token(0), a, "/dev/full", OpenMode::existing});
    write(a, Token(1), 0, "one");
    write(a, Token(2), 3, "two");
    const auto answers = finish();
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[0].status, StorageStatus::ok);
    EXPECT_EQ(answers[1].status, StorageStatus::no_space);
    EXPECT_EQ(answers[2].status, StorageStatus::no_space);
}

// In a process of its own: the limit is the process's.
void write_beyond_the_limit() {
    TestDirectory directory;
    std::vector<event::StorageDone> done;
    const OpenedFile file = open_file(directory / "a", OpenMode::create);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{6, 6};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const FileId id(1);
    const std::vector<FileOperation> run = {effect::Write{Token(1), id, 0, chain("0123")},
                                            effect::Write{Token(2), id, 4, chain("4567")},
                                            effect::Write{Token(3), id, 8, chain("89")}};
    write_run(file.descriptor->number(), run, done);
    const bool is_right = done.size() == 3 && done[0].status == StorageStatus::ok &&
                          done[1].status == StorageStatus::no_space &&
                          done[2].status == StorageStatus::no_space &&
                          content_of(directory / "a") == "012345";
    std::filesystem::remove_all(directory.path());
    std::exit(is_right ? 0 : 1);
}

TEST(StorageDeathTest, AWriteThatFitsOnlyInPartIsNoSpaceAndThoseBeforeItAreDone) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(write_beyond_the_limit(), testing::ExitedWithCode(0), "");
}

TEST_F(StorageTest, DirectoriesAreMadeListedAndFlushed) {
    const std::string nested = directory / "x/y";
    storage.ask(effect::MakeDirectory{Token(1), nested});
    storage.ask(effect::MakeDirectory{Token(2), nested});
    finish();
    std::ofstream(nested + "/b") << "12345";
    std::ofstream(nested + "/a");
    std::filesystem::create_directory(nested + "/c");
    storage.ask(effect::FlushDirectory{Token(3), nested});
    EXPECT_EQ(only_answer().status, StorageStatus::ok);
    storage.ask(effect::List{Token(4), nested});
    EXPECT_EQ(only_answer().entries, (std::vector<DirectoryEntry>{{"a", EntryKind::file, 0},
                                                                  {"b", EntryKind::file, 5},
                                                                  {"c", EntryKind::directory, 0}}));
    storage.ask(effect::List{Token(5), nested + "/none"});
    EXPECT_EQ(only_answer().status, StorageStatus::not_found);
    storage.ask(effect::MakeDirectory{Token(6), nested + "/a"});
    EXPECT_EQ(only_answer().status, StorageStatus::exists);
    storage.ask(effect::MakeDirectory{Token(7), nested + "/a/below a file"});
    EXPECT_NE(only_answer().status, StorageStatus::ok);
}

StorageStatus lock_status(Storage& storage, std::vector<Event>& events, const std::string& path) {
    storage.ask(effect::LockDirectory{Token(1), path});
    const auto answer = std::get<event::StorageDone>(events.back());
    events.clear();
    return answer.status;
}

// What a listing left out would be taken for gone.
TEST_F(StorageTest, AListingWithSomethingThatCannotBeLookedAtIsAnError) {
    std::ofstream(directory / "a");
    std::filesystem::create_symlink("gone", directory / "b");
    storage.ask(effect::List{Token(1), directory / ""});
    EXPECT_EQ(only_answer().entries, (std::vector<DirectoryEntry>{{"a", EntryKind::file, 0}}));
    std::filesystem::create_symlink("itself", directory / "itself");
    storage.ask(effect::List{Token(2), directory / ""});
    const event::StorageDone answer = only_answer();
    EXPECT_EQ(answer.status, StorageStatus::foreign);
    EXPECT_TRUE(answer.entries.empty());
}

TEST_F(StorageTest, ADirectoryIsLockedOnceInThisProcess) {
    EXPECT_EQ(lock_status(storage, events, directory.path()), StorageStatus::ok);
    {
        std::vector<Event> others_events;
        Storage other(others_events, [] {}, 4);
        EXPECT_EQ(lock_status(other, others_events, directory.path() + "/."),
                  StorageStatus::locked);
    }
    // Nor does the attempt take away the first one's lock, as closing the file would.
    EXPECT_EQ(lock_status(storage, events, directory.path()), StorageStatus::locked);
}

TEST_F(StorageTest, ALockEndsWithItsStorage) {
    {
        std::vector<Event> others_events;
        Storage other(others_events, [] {}, 4);
        EXPECT_EQ(lock_status(other, others_events, directory.path()), StorageStatus::ok);
    }
    EXPECT_EQ(lock_status(storage, events, directory.path()), StorageStatus::ok);
}

TEST_F(StorageTest, ADirectoryThatAnotherProcessHasIsLocked) {
    int ready[2], done[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(done), 0);
    const pid_t other = ::fork();
    char byte = 0;
    if (other == 0) {  // as Java's FileChannel.tryLock: the whole file, exclusively
        const int file = ::open((directory / ".lock").c_str(), O_RDWR | O_CREAT, 0644);
        struct flock whole{};
        whole.l_type = F_WRLCK;
        whole.l_whence = SEEK_SET;
        const bool is_taken = ::fcntl(file, F_SETLK, &whole) == 0;
        const ssize_t told = ::write(ready[1], &byte, 1);
        const ssize_t heard = ::read(done[0], &byte, 1);
        ::_exit(is_taken && told == 1 && heard == 1 ? 0 : 1);
    }
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_EQ(lock_status(storage, events, directory.path()), StorageStatus::locked);
    EXPECT_EQ(::write(done[1], &byte, 1), 1);
    int status = -1;
    ::waitpid(other, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(lock_status(storage, events, directory.path()), StorageStatus::ok);
    for (const int end : {ready[0], ready[1], done[0], done[1]}) ::close(end);
}

TEST(FileCalls, AnErrnoBecomesTheStatusThatSaysWhatToDo) {
    EXPECT_EQ(status_of(ENOENT), StorageStatus::not_found);
    EXPECT_EQ(status_of(ENOSPC), StorageStatus::no_space);
    EXPECT_EQ(status_of(EDQUOT), StorageStatus::no_space);
    EXPECT_EQ(status_of(EACCES), StorageStatus::access_denied);
    EXPECT_EQ(status_of(EROFS), StorageStatus::read_only);
    EXPECT_EQ(status_of(EIO), StorageStatus::io_error);
    for (const int error : {EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN})
        EXPECT_EQ(status_of(error), StorageStatus::shortage) << error;
    for (const int error : {EISDIR, ELOOP, ENAMETOOLONG})
        EXPECT_EQ(status_of(error), StorageStatus::foreign) << error;
}

TEST_F(StorageTest, ADirectoryInThePlaceOfAFileIsForeign) {
    std::filesystem::create_directory(directory / "a");
    for (const OpenMode mode : {OpenMode::existing, OpenMode::create, OpenMode::create_emptied}) {
        open(a, "a", mode);
        EXPECT_EQ(only_answer().status, StorageStatus::foreign);
    }
}

// All descriptors that this process may still have, until the end of the scope.
class TakenDescriptors {
  public:
    TakenDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit limit{256, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &limit);
        for (;;) {
            Descriptor one(::open("/dev/null", O_RDONLY));
            if (!one.is_open()) return;
            taken_.push_back(std::move(one));
        }
    }
    ~TakenDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
    std::vector<Descriptor> taken_;
};

TEST_F(StorageTest, WhenDescriptorsRunShortSomeOfTheFilesGo) {
    for (std::uint64_t i = 0; i < 4; ++i) open(FileId(i), std::to_string(i));
    finish();
    const TakenDescriptors others;
    storage.ask(effect::List{Token(9), directory.path()});
    EXPECT_EQ(only_answer().entries.size(), 4u);
    EXPECT_EQ(storage.open_descriptors(), 2u);
    for (std::uint64_t i = 0; i < 8; ++i) {
        open(FileId(i), std::to_string(i));
        write(FileId(i), Token(i), 0, "text");
    }
    std::size_t answered = 0;
    const auto count = [&](const std::vector<event::StorageDone>& answers) {
        for (const auto& answer : answers) EXPECT_EQ(answer.status, StorageStatus::ok);
        answered += answers.size();
    };
    count(finish());
    while (storage.retry_at()) count(finish());
    EXPECT_EQ(answered, 16u);
}

TEST_F(StorageTest, AShortageOfDescriptorsThatNothingEndsIsWaitedOutInOrder) {
    open(b, "b");
    write(b, Token(1), 0, "of b");
    storage.ask(b, effect::Close{b});
    finish();
    {
        const TakenDescriptors others;
        open(a, "a");
        write(a, Token(2), 0, "of a");
        storage.ask(a, effect::Flush{Token(3), a});
        storage.ask(effect::List{Token(4), directory.path()});
        EXPECT_TRUE(finish().empty());
        EXPECT_TRUE(storage.take_shortage());
        EXPECT_TRUE(storage.retry_at());
        EXPECT_FALSE(storage.range({ConnectionId(1), a, 0, 4}).file);
        write(a, Token(5), 4, " and more");
        EXPECT_TRUE(finish().empty());
    }
    while (storage.retry_at()) storage.carry_out();
    std::vector<std::uint64_t> of_file;
    for (const auto& answer : finish()) {
        EXPECT_EQ(answer.status, StorageStatus::ok);
        if (answer.operation != Token(4)) of_file.push_back(answer.operation.value());
    }
    EXPECT_EQ(of_file, (std::vector<std::uint64_t>{0, 2, 3, 5}));
    EXPECT_EQ(content_of(directory / "a"), "of a and more");
}

enum class Verdict : int { right = 0, wrong = 1, not_allowed = 2 };

// In a process of its own: it mounts a file system there.
Verdict use_a_read_only_file_system(const std::string& at) {
    if (::unshare(CLONE_NEWNS) < 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return Verdict::not_allowed;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("none", at.c_str(), "tmpfs", 0, nullptr) < 0) return Verdict::not_allowed;
    std::ofstream(at + "/old") << "text";
    if (::mount("none", at.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) < 0)
        return Verdict::not_allowed;
    const FileId id(1);
    const OpenedFile old = open_file(at + "/old", OpenMode::existing);
    if (old.status != StorageStatus::ok) return Verdict::wrong;
    const int file = old.descriptor->number();
    std::vector<event::StorageDone> done;
    write_run(file, std::vector<FileOperation>{effect::Write{Token(1), id, 0, chain("new")}}, done);
    const bool is_readable = read_file(file, {Token(2), id, 0, 100}).bytes.text() == "text";
    for (const StorageStatus status :
         {done.front().status, truncate_file(file, 0), make_directory(at + "/new"),
          open_file(at + "/new", OpenMode::create).status, remove_file(at + "/old"),
          open_file(at + "/old", OpenMode::create).status, rename_file(at + "/old", at + "/new")})
        if (status != StorageStatus::read_only) return Verdict::wrong;
    return is_readable ? Verdict::right : Verdict::wrong;
}

TEST_F(StorageTest, AReadOnlyFileSystemIsReadAndNamedWhenItIsToBeWritten) {
    const pid_t other = ::fork();
    if (other == 0) ::_exit(static_cast<int>(use_a_read_only_file_system(directory.path())));
    int status = -1;
    ::waitpid(other, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    // Where nothing may be mounted there is nothing to see.
    EXPECT_NE(WEXITSTATUS(status), static_cast<int>(Verdict::wrong));
}

// Serves the file's ranges between bytes of its own: "<" range ">" range "." for each frame.
TestMachine file_server(std::string path, std::uint64_t at, std::uint32_t length) {
    return {.rest = [=](const Event& event, Turn& turn, Probe& probe) {
        const FileId file(1);
        if (std::holds_alternative<event::Started>(event))
            turn.ask(effect::Open{Token(1), file, path, OpenMode::existing});
        if (std::holds_alternative<event::StorageDone>(event)) probe.say("open");
        if (const auto* connected = std::get_if<event::Connected>(&event))
            turn.ask(effect::Admit{connected->connection, 1000});
        const auto* received = std::get_if<event::Received>(&event);
        if (!received) return;
        turn.ask(effect::Send{received->connection, chain("<")});
        turn.ask(effect::SendFile{received->connection, file, at, length});
        turn.ask(effect::Send{received->connection, chain(">")});
        turn.ask(effect::SendFile{received->connection, file, at, 1});
        turn.ask(effect::Send{received->connection, chain(".")});
    }};
}

TEST(SendFile, RangesAndBytesArriveInTheOrderInWhichTheyWereAsked) {
    TestDirectory directory;
    std::string content(10 << 20, ' ');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 7);
    std::ofstream(directory / "log") << content;
    const std::uint32_t length = (9 << 20) + 5;
    RunningHost host(file_server(directory / "log", 77, length));
    ASSERT_TRUE(host.probe->wait_for_line("open"));
    const std::string expected =
        "<" + content.substr(77, length) + ">" + content.substr(77, 1) + ".";
    Client client(host.port(), 8192);
    client.send(framed("first") + framed("second"));
    EXPECT_TRUE(client.receive(expected.size()) == expected);
    EXPECT_TRUE(client.receive(expected.size()) == expected);
}

TEST(SendFile, AFileShorterThanPromisedBreaksTheConnectionOff) {
    TestDirectory directory;
    std::ofstream(directory / "log") << "short";
    TestMachine machine = file_server(directory / "log", 2, 100);
    RunningHost host(machine);
    ASSERT_TRUE(host.probe->wait_for_line("open"));
    Client client(host.port());
    client.send(framed("x"));
    EXPECT_LT(client.receive(104).size(), 5u);
    EXPECT_EQ(client.error, ECONNRESET);
    Client other(host.port());
    EXPECT_TRUE(other.is_connected);
}

}  // namespace
}  // namespace barnabas::host
