// What the benchmark programs share: flags, the clock, processor time and memory of a process, and
// percentiles. Each program prints one line of NAME=VALUE pairs, which `run` collects.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace barnabas::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] inline void fail(const std::string& why) {
    std::fprintf(stderr, "error: %s\n", why.c_str());
    std::exit(1);
}

// MODE [--name value]... [-- COMMAND...]
class Flags {
  public:
    Flags(int argc, char** argv) {
        int at = 1;
        if (at < argc) mode_ = argv[at++];
        for (; at < argc && std::string(argv[at]) != "--"; at += 2) {
            const std::string name = argv[at];
            if (name.substr(0, 2) != "--" || at + 1 >= argc) fail("not a flag and value: " + name);
            values_[name.substr(2)] = argv[at + 1];
        }
        for (++at; at < argc; ++at) command_.push_back(argv[at]);
    }

    const std::string& mode() const { return mode_; }
    const std::vector<char*>& command() const { return command_; }
    bool has(const std::string& name) const { return values_.contains(name); }
    std::string text(const std::string& name, const std::string& otherwise) const {
        const auto found = values_.find(name);
        return found == values_.end() ? otherwise : found->second;
    }
    std::int64_t number(const std::string& name, std::int64_t otherwise) const {
        return has(name) ? std::stoll(values_.at(name)) : otherwise;
    }

  private:
    std::string mode_;
    std::map<std::string, std::string> values_;
    std::vector<char*> command_;
};

struct Cpu {
    double user = 0;  // seconds
    double system = 0;
    friend Cpu operator-(Cpu a, Cpu b) { return {a.user - b.user, a.system - b.system}; }
};

inline Cpu cpu_of(const rusage& usage) {
    const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec / 1e6; };
    return {seconds(usage.ru_utime), seconds(usage.ru_stime)};
}

inline Cpu own_cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return cpu_of(usage);
}

// Of a process with all its threads, from /proc. Zero when there is none.
inline Cpu cpu_of_process(std::int64_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');  // a name may hold blanks
    if (name_end == std::string::npos) return {};
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return {user / ticks, system / ticks};
}

// A line of /proc/PID/status in KiB, such as VmRSS or its peak VmHWM.
inline std::int64_t memory_kib(std::int64_t pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
    }
    return 0;
}

// Needs: sorted. `share` of all are at most the result.
inline double percentile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(at, sorted.size() - 1)];
}

inline void print_percentiles(const char* what, std::vector<double> microseconds) {
    std::sort(microseconds.begin(), microseconds.end());
    std::printf("%s_p50_us=%.0f %s_p99_us=%.0f %s_p999_us=%.0f ", what,
                percentile(microseconds, 0.5), what, percentile(microseconds, 0.99), what,
                percentile(microseconds, 0.999));
}

// Payload moved, how fast, and what it cost the process that served it.
inline void print_transfer(std::int64_t payload_bytes, double seconds, Cpu cpu) {
    const double gigabytes = static_cast<double>(payload_bytes) / 1e9;
    std::printf("mb_s=%.1f cpu_user=%.3f cpu_system=%.3f ", gigabytes * 1e3 / seconds,
                cpu.user / gigabytes, cpu.system / gigabytes);
}

}  // namespace barnabas::bench
