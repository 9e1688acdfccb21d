// A `barnabas broker` on a free loopback port, with a data directory of its own.
#pragma once

#include <sys/resource.h>

#include "tests/support/frames.h"
#include "tests/support/places.h"
#include "tests/support/process.h"

namespace barnabas::interop {

using support::Finished;
using support::Process;
using support::Wire;

// Where the program is; another one that takes the same arguments may stand in for it.
inline std::string broker_program() {
    const char* named = std::getenv("BARNABAS_PROGRAM");
    return named ? named : support::build_path("barnabas");
}

// As many descriptors as this process may have; children inherit it.
inline std::size_t raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(limit.rlim_cur);
}

class Broker {
  public:
    // NAME=VALUE; {port} and {controller} stand for the client port and the one behind it.
    using Settings = std::vector<std::string>;

    explicit Broker(Settings settings = {})
        : settings_(std::move(settings)), port_(support::free_port()) {
        start();
    }

    std::uint16_t port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    const std::string& directory() const { return directory_.path(); }
    std::string data() const { return directory_.file("data"); }
    // Of a topic's partition, or of the metadata log.
    std::string file(const std::string& partition, const std::string& name) const {
        return data() + "/" + partition + "/" + name;
    }
    std::string said() const { return support::text_of_file(directory_.file("said")); }
    Process& process() { return process_; }

    // True when it serves: somebody answers ApiVersions on its port.
    bool start() {
        process_ = Process(command(),
                           {.output = directory_.file("said"), .errors = directory_.file("said")});
        return support::eventually([&] {
                   return !process_.is_running() ||
                          Wire(port_).ask(support::api_versions_request());
               }) &&
               process_.is_running();
    }
    std::optional<int> stop() {
        process_.signal(SIGTERM);
        return process_.wait();
    }
    void kill() {
        process_.signal(SIGKILL);
        process_.wait();
    }

    std::vector<std::string> command() const {
        std::vector<std::string> words{
            broker_program(),     "broker", "--set", "listeners=PLAINTEXT://" + address(), "--set",
            "log.dirs=" + data(),
        };
        for (std::string setting : settings_) {
            fill_in(setting, "{port}", port_);
            fill_in(setting, "{controller}", port_ + 1);
            words.insert(words.end(), {"--set", setting});
        }
        return words;
    }

    // Resident, in KiB.
    std::int64_t memory() const {
        std::ifstream status("/proc/" + std::to_string(process_.pid()) + "/status");
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
        }
        return 0;
    }

  private:
    static void fill_in(std::string& text, std::string_view name, int number) {
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
            text.replace(at, name.size(), std::to_string(number));
        }
    }

    support::TemporaryDirectory directory_;
    Settings settings_;
    std::uint16_t port_ = 0;
    Process process_;
};

// kcat's command lines. `flags` go before the topic.
inline Finished kcat_send(const Broker& broker, const std::string& topic, std::string_view lines,
                          std::vector<std::string> flags = {}) {
    std::vector<std::string> words{"kcat", "-P", "-b", broker.address(), "-p", "0", "-t", topic};
    words.insert(words.end(), flags.begin(), flags.end());
    return support::run(std::move(words), lines);
}

inline Finished kcat_read(const std::string& address, const std::string& topic) {
    return support::run(
        {"kcat", "-C", "-q", "-e", "-b", address, "-p", "0", "-o", "beginning", "-t", topic});
}

// `count` lines without an empty one, of many lengths and bytes.
inline std::string some_lines(int count, std::uint64_t seed = 1) {
    std::string lines;
    std::uint64_t state = seed;
    for (int i = 0; i < count; ++i) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        lines += std::to_string(i) + ' ';
        for (std::uint64_t left = state >> 33 & 0xff; left > 0; --left) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            const auto byte = static_cast<char>(state >> 56);
            lines += byte == '\n' ? ' ' : byte;
        }
        lines += '\n';
    }
    return lines;
}

}  // namespace barnabas::interop
