// The physical limit: what loopback TCP and one copy into the page cache cost with nothing around
// them. A broker can come near this and not pass it.
//
//   limit receive --file FILE [--frame BYTES] [--bytes TOTAL]   frames come in, each is one pwrite
//   limit send    --file FILE [--frame BYTES] [--bytes TOTAL]   the file goes out by sendfile
//   limit warm    --file FILE [--bytes TOTAL]                   the file is written and removed
//   limit cold    --directory DIR                               its files leave the page cache
//   limit port                                                  prints a port that is free, and so
//   is the next
//
// On a virtual machine a page is costly when it is touched for the first time since the machine
// started; `warm` before a run takes that cost out of it.
//
// The process stands for the broker; its child, whose time is not counted, for the client.
#include <sys/sendfile.h>
#include <sys/wait.h>

#include <filesystem>

#include "engine/base/big_endian.h"
#include "tests/bench/measure.h"
#include "tests/support/loopback.h"

using namespace barnabas;
using namespace barnabas::bench;
using support::Socket;

namespace {

struct Task {
    int file;
    std::size_t frame_bytes;
    std::int64_t total;
};

bool receive_exactly(Socket& socket, std::uint8_t* to, std::size_t count) {
    for (std::size_t at = 0; at < count;) {
        const auto got = ::recv(socket.descriptor(), to + at, count - at, 0);
        if (got <= 0) return false;
        at += static_cast<std::size_t>(got);
    }
    return true;
}

// The client of `receive`: frames of a length prefix and that many bytes.
void send_frames(Socket socket, const Task& task) {
    std::vector<std::uint8_t> frame(4 + task.frame_bytes, 'x');
    store_big(frame.data(), static_cast<std::int32_t>(task.frame_bytes));
    for (std::int64_t sent = 0; sent < task.total;
         sent += static_cast<std::int64_t>(task.frame_bytes)) {
        if (!socket.send_all(frame)) return;
    }
}

std::int64_t receive(Socket socket, const Task& task) {
    std::vector<std::uint8_t> frame(task.frame_bytes);
    std::uint8_t prefix[4];
    std::int64_t position = 0;
    while (receive_exactly(socket, prefix, 4)) {
        const auto length = static_cast<std::size_t>(load_big<std::int32_t>(prefix));
        if (!receive_exactly(socket, frame.data(), length)) break;
        if (::pwrite(task.file, frame.data(), length, position) < 0) fail("cannot write");
        position += static_cast<std::int64_t>(length);
    }
    return position;
}

// The client of `send`.
void take_all(Socket socket, const Task&) {
    std::vector<std::uint8_t> buffer(1 << 20);
    while (::recv(socket.descriptor(), buffer.data(), buffer.size(), 0) > 0) {}
}

std::int64_t send(Socket socket, const Task& task) {
    std::int64_t sent = 0;
    for (off_t position = 0; sent < task.total;) {
        const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(task.frame_bytes),
                                                   task.total - position);
        const auto went =
            ::sendfile(socket.descriptor(), task.file, &position, static_cast<std::size_t>(wanted));
        if (went <= 0) fail("cannot send the file");
        sent += went;
    }
    return sent;
}

void fill(const Task& task) {
    const std::vector<std::uint8_t> piece(1 << 20, 'x');
    for (std::int64_t at = 0; at < task.total; at += static_cast<std::int64_t>(piece.size())) {
        if (::pwrite(task.file, piece.data(), piece.size(), at) < 0) fail("cannot write");
    }
}

void measure(const Task& task, bool receives) {
    auto listener = support::listen_on_loopback();
    const pid_t client = ::fork();
    if (client == 0) {
        Socket socket = support::dial_loopback(listener.port);
        receives ? send_frames(std::move(socket), task) : take_all(std::move(socket), task);
        ::_exit(0);
    }
    Socket socket(::accept(listener.socket.descriptor(), nullptr, nullptr));
    const auto begin = Clock::now();
    const Cpu before = own_cpu();
    const std::int64_t moved =
        receives ? receive(std::move(socket), task) : send(std::move(socket), task);
    const Cpu cpu = own_cpu() - before;
    print_transfer(moved, seconds_since(begin), cpu);
    std::printf("\n");
    ::waitpid(client, nullptr, 0);
}

// What is asked for next comes from the medium. Needs: a file system that stands on one.
void make_cold(const std::string& directory) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        const int file = ::open(entry.path().c_str(), O_RDONLY);
        if (file < 0 || ::fdatasync(file) != 0 ||
            ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
            fail("cannot make " + entry.path().string() + " cold");
        ::close(file);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    if (flags.mode() == "port") {
        std::printf("%d\n", support::free_port());
        return 0;
    }
    if (flags.mode() == "cold") {
        make_cold(flags.text("directory", ""));
        return 0;
    }
    const std::string path = flags.text("file", "");
    const Task task{.file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600),
                    .frame_bytes = static_cast<std::size_t>(flags.number("frame", 256 << 10)),
                    .total = flags.number("bytes", 1 << 30)};
    if (task.file < 0) fail("cannot open " + path);
    if (flags.mode() == "receive") {
        measure(task, true);
    } else if (flags.mode() == "send" || flags.mode() == "warm") {
        fill(task);
        if (flags.mode() == "send") measure(task, false);
    } else {
        fail("limit receive|send|warm --file FILE");
    }
    ::close(task.file);
    ::unlink(path.c_str());
}
