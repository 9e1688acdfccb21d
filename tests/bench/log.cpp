// Logs on this machine's files with no network and no broker around them, beside the same bytes by
// plain system calls: what the log itself costs, over few partitions and over many.
//
//   log append --directory DIR [--partitions N] [--batch BYTES] [--bytes TOTAL]
//   log write  ...    the same bytes into as many files, each piece by one pwritev
//   log read   ...    reads of --piece BYTES from the log to a loopback connection, end to end
//   log send   ...    the same pieces of as many files by sendfile
//
// Each piece goes to the next partition. Eight are under way at once, as in a broker's pass.
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <filesystem>
#include <memory>

#include "engine/host/storage.h"
#include "engine/log/partition_log.h"
#include "engine/records/validate.h"
#include "tests/bench/load.h"
#include "tests/support/loopback.h"

using namespace barnabas;
using namespace barnabas::bench;
using support::Socket;

namespace {

constexpr int in_pass = 8;

struct Shape {
    std::string directory;
    std::int64_t partitions;
    std::size_t batch_bytes;
    std::int64_t piece;  // of a read
    std::int64_t total;
};

Shape shape_of(const Flags& flags) {
    return {flags.text("directory", ""), flags.number("partitions", 1),
            static_cast<std::size_t>(flags.number("batch", 4096)), flags.number("piece", 1 << 20),
            flags.number("bytes", 400'000'000)};
}

std::size_t descriptors_for_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return std::min<rlim_t>(limit.rlim_cur / 4 * 3, 65'536);
}

// A peer that takes whatever comes.
class Peer {
  public:
    Peer() {
        auto listener = support::listen_on_loopback();
        child_ = ::fork();
        if (child_ == 0) {
            const Socket socket = support::dial_loopback(listener.port);
            std::vector<std::uint8_t> buffer(1 << 20);
            while (::recv(socket.descriptor(), buffer.data(), buffer.size(), 0) > 0) {}
            ::_exit(0);
        }
        socket_ = Socket(::accept(listener.socket.descriptor(), nullptr, nullptr));
    }
    ~Peer() {
        socket_.close();
        ::waitpid(child_, nullptr, 0);
    }
    int socket() const { return socket_.descriptor(); }

  private:
    pid_t child_ = 0;
    Socket socket_;
};

class Logs {
  public:
    explicit Logs(const Shape& shape) : shape_(shape) {
        Random ids(7);
        const Cow<log::LogConfig> config;
        for (std::int64_t i = 0; i < shape.partitions; ++i) {
            const auto name = static_cast<std::uint64_t>(i + 1) * log::Names::range;
            logs_.emplace_back(TopicPartition{"load", PartitionIndex(static_cast<int>(i))},
                               Uuid::draw(ids),
                               shape.directory + "/load-" + std::to_string(i), config,
                               log::Names{name});
        }
        for (auto& log : logs_) {
            Turn one = turn();
            log.open(true, {}, {}, one);
            settle();
        }
    }

    void append(const records::Prepared& batch, std::int64_t pieces) {
        for (std::int64_t number = 0; number < pieces;) {
            for (int i = 0; i < in_pass && number < pieces; ++i, ++number) {
                Turn one = turn();
                CHECK(at(number).append(batch, LeaderEpoch(0), one));
                ask();
            }
            settle();
        }
    }

    void read(const records::Prepared& batch, int socket, std::int64_t pieces) {
        const auto step = std::max<std::int64_t>(
            1, shape_.piece / static_cast<std::int64_t>(batch.size()) * batch.offsets());
        host::Sender sender;
        for (std::int64_t number = 0; number < pieces; ++number) {
            log::PartitionLog& log = at(number);
            const std::int64_t end = log.written_end().value();
            const Offset from(number / shape_.partitions * step % end);
            Turn one = turn();
            auto found = log.locate(from, log.written_end(),
                                    static_cast<std::uint32_t>(shape_.piece),
                                    log::LookupId(static_cast<std::uint64_t>(number) + 1), one);
            while (std::holds_alternative<log::Pending>(found)) {
                settle();
                const auto answers = log.take_found();
                if (!answers.empty()) found = std::get<log::FileRange>(answers.front().what);
            }
            ask();
            const auto& range = std::get<log::FileRange>(found);
            sender.push(storage_.range({{}, range.file, range.position, range.length}));
            moved_ += range.length;
            while (sender.send(socket) != host::Sender::Outcome::empty) {}
        }
    }

    std::int64_t moved() const { return moved_; }

    void settle() {
        for (;;) {
            ask();
            storage_.finish();
            if (events_.empty()) return;
            std::vector<Event> events = std::exchange(events_, {});
            for (const Event& event : events) {
                const auto& done = std::get<event::StorageDone>(event);
                Turn one = turn();
                logs_[done.operation.value() / log::Names::range - 1].on(done, one);
            }
        }
    }

  private:
    log::PartitionLog& at(std::int64_t number) {
        return logs_[static_cast<std::size_t>(number % shape_.partitions)];
    }
    Turn turn() {
        return {Instant(Clock::now().time_since_epoch()),
                WallTime(std::chrono::milliseconds(wall_)), randoms_, effects_};
    }
    void ask() {
        for (Effect& effect : effects_)
            std::visit(
                [this](auto& wanted) {
                    using Wanted = std::decay_t<decltype(wanted)>;
                    if constexpr (std::constructible_from<host::FileOperation, Wanted>) {
                        const FileId file = wanted.file;
                        storage_.ask(file, host::FileOperation(std::move(wanted)));
                    } else if constexpr (std::constructible_from<host::DirectoryOperation,
                                                                 Wanted>) {
                        storage_.ask(host::DirectoryOperation(std::move(wanted)));
                    }
                },
                effect);
        effects_.clear();
    }

    Shape shape_;
    std::int64_t wall_ = wall_milliseconds();
    Randoms randoms_{1};
    std::vector<Effect> effects_;
    std::vector<Event> events_;
    host::Storage storage_{events_, [] {}, descriptors_for_files()};
    std::vector<log::PartitionLog> logs_;
    std::int64_t moved_ = 0;
};

// Files of the same names and number, for what is done without a log.
class Files {
  public:
    explicit Files(const Shape& shape) {
        descriptors_for_files();
        for (std::int64_t i = 0; i < shape.partitions; ++i) {
            const std::string directory = shape.directory + "/load-" + std::to_string(i);
            std::filesystem::create_directories(directory);
            const std::string path = directory + "/plain";
            const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
            if (file < 0) fail("cannot open a file in " + directory);
            files_.push_back({file, 0});
        }
    }
    ~Files() {
        for (const File& file : files_) ::close(file.descriptor);
    }

    void write(ByteView bytes, std::int64_t pieces) {
        for (std::int64_t number = 0; number < pieces; ++number) {
            File& file = at(number);
            const iovec piece{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
            if (::pwritev(file.descriptor, &piece, 1, file.size) < 0) fail("cannot write");
            file.size += static_cast<off_t>(bytes.size());
        }
    }

    std::int64_t send(int socket, std::int64_t piece, std::int64_t pieces) {
        std::int64_t moved = 0;
        for (std::int64_t number = 0; number < pieces; ++number) {
            const File& file = at(number);
            off_t position = number / static_cast<std::int64_t>(files_.size()) * piece % file.size;
            const off_t end = std::min<off_t>(file.size, position + piece);
            while (position < end) {
                const auto went = ::sendfile(socket, file.descriptor, &position,
                                             static_cast<std::size_t>(end - position));
                if (went <= 0) fail("cannot send");
                moved += went;
            }
        }
        return moved;
    }

  private:
    struct File {
        int descriptor;
        off_t size;
    };
    File& at(std::int64_t number) {
        return files_[static_cast<std::size_t>(number) % files_.size()];
    }
    std::vector<File> files_;
};

// Runs it and prints what it moved and cost.
void measured(auto run) {
    const auto begin = Clock::now();
    const Cpu before = own_cpu();
    const std::int64_t moved = run();
    const double seconds = seconds_since(begin);
    const Cpu cpu = own_cpu() - before;
    print_transfer(moved, seconds, cpu);
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    const Shape shape = shape_of(flags);
    if (shape.directory.empty() || shape.partitions < 1) fail("log append|write|read|send ...");
    const Load load = load_of(shape.batch_bytes, 1024);
    const auto batch = records::validate_produce(
        load.batch, {.now = WallTime(std::chrono::milliseconds(wall_milliseconds()))});
    CHECK(batch);
    const auto bytes = static_cast<std::int64_t>(batch->size());
    const std::int64_t writes = std::max(shape.total / bytes, shape.partitions);
    const std::int64_t reads = std::max(shape.total / shape.piece, shape.partitions);
    if (flags.mode() == "append" || flags.mode() == "read") {
        Logs logs(shape);
        logs.append(*batch, shape.partitions);  // files are made with the first batch
        if (flags.mode() == "append") {
            measured([&] { return logs.append(*batch, writes), writes * bytes; });
        } else {
            logs.append(*batch, writes);
            const Peer peer;
            measured([&] { return logs.read(*batch, peer.socket(), reads), logs.moved(); });
        }
    } else if (flags.mode() == "write" || flags.mode() == "send") {
        Files files(shape);
        files.write(batch->batch, shape.partitions);
        if (flags.mode() == "write") {
            measured([&] { return files.write(batch->batch, writes), writes * bytes; });
        } else {
            files.write(batch->batch, writes);
            const Peer peer;
            measured([&] { return files.send(peer.socket(), shape.piece, reads); });
        }
    } else {
        fail("log append|write|read|send ...");
    }
}
