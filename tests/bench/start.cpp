// From exec to the first acknowledged record: starts a broker, dials it each millisecond, and sends
// a record as soon as somebody listens.
//
//   start run --port PORT --topic NAME [--until record|metadata] [--log FILE] -- COMMAND
//   [ARGUMENT]...
//
// The topic must be there. `metadata` is for brokers that are slow enough: the first answer counts.
// The broker is left running for a second, its memory read, and then told to end (SIGTERM).
#include <sys/wait.h>

#include <csignal>

#include "tests/bench/load.h"

using namespace barnabas;
using namespace barnabas::bench;

namespace {

pid_t start(const Flags& flags) {
    std::vector<char*> command = flags.command();
    if (command.empty()) fail("start run --port PORT --topic NAME -- COMMAND");
    command.push_back(nullptr);
    const std::string log = flags.text("log", "/dev/null");
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::execvp(command.front(), command.data());
    ::_exit(127);
}

// One attempt on a connection of its own.
bool is_served(std::uint16_t port, const std::string& topic, bool with_record, ByteView batch) {
    support::Wire wire(port);
    if (!wire) return false;
    if (!with_record) return wire.ask(support::metadata_request(topic)).has_value();
    return wire.produce(topic, 0, 1, batch).error == 0;
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    const std::string topic = flags.text("topic", "start");
    const bool with_record = flags.text("until", "record") == "record";
    const Load load = load_of(1, 100);

    const auto begin = Clock::now();
    const pid_t broker = start(flags);
    double seconds = 0;
    while (!is_served(port_of(flags), topic, with_record, load.batch)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        int status = 0;
        if (::waitpid(broker, &status, WNOHANG) != 0) fail("the broker ended while starting");
        if (seconds_since(begin) > 60) {
            ::kill(broker, SIGKILL);
            fail("no record was acknowledged within a minute");
        }
    }
    seconds = seconds_since(begin);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::printf("start_ms=%.1f rss_kib=%lld\n", seconds * 1e3,
                static_cast<long long>(memory_kib(broker, "VmRSS")));
    const auto ending = Clock::now();
    ::kill(broker, SIGTERM);
    int status = 0;
    while (::waitpid(broker, &status, WNOHANG) == 0) {
        if (seconds_since(ending) > 15) ::kill(broker, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}
