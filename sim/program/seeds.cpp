#include "sim/program/seeds.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sim/explore/draw.h"

namespace barnabas::program {
namespace {

using explore::Outcome;
using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{120};  // a seed takes a fraction of a second
constexpr int poll_milliseconds = 1000;

// The run's own line, and what its process took beside it.
std::string with_cpu(const std::string& line, Duration cpu) {
    const auto brace = line.rfind('}');
    return line.substr(0, brace) + fmt::format(",\"cpu_us\":{}}}", cpu / Duration(1us));
}

Outcome outcome_of_death(std::string rule, std::string text) {
    Outcome outcome;
    outcome.violations.push_back({std::move(rule), std::move(text)});
    return outcome;
}

}  // namespace

std::string Seeds::file_of(std::uint64_t seed) const {
    return wanted_.file.empty() ? explore::swarm_file(seed) : wanted_.file;
}

std::optional<std::string> Seeds::run(const OnOutcome& on_outcome) {
    next_ = wanted_.first;
    if (auto trouble = read_results()) return trouble;
    for (std::uint64_t due = wanted_.first; due < wanted_.first + wanted_.count;) {
        while (has_more() && jobs_.size() < std::max<std::uint64_t>(wanted_.jobs, 1)) {
            if (outcomes_.contains(next_)) {
                ++next_;
            } else if (auto trouble = start_next()) {
                return trouble;
            }
        }
        for (auto found = outcomes_.find(due); found != outcomes_.end();
             found = outcomes_.find(++due)) {
            const Outcome outcome = std::move(found->second);
            outcomes_.erase(found);
            on_outcome(outcome);
            if (outcome.is_violated() && wanted_.until_violated) return std::nullopt;
        }
        if (jobs_.empty()) continue;
        if (auto trouble = wait_for_some()) return trouble;
        say_progress();
    }
    return std::nullopt;
}

std::optional<std::string> Seeds::read_results() {
    if (wanted_.results.empty()) return std::nullopt;
    std::ifstream file(wanted_.results);
    std::uintmax_t whole = 0;  // bytes of whole lines
    std::string line;
    for (std::uint64_t number = 1; std::getline(file, line); ++number) {
        if (file.eof()) {  // it was being written: what follows must not stand behind it
            std::filesystem::resize_file(wanted_.results, whole);
            break;
        }
        whole += line.size() + 1;
        auto outcome = explore::read_outcome(line);
        if (!outcome) return fmt::format("{}:{}: {}", wanted_.results, number, outcome.error());
        if (outcome->scenario != file_of(outcome->seed) || outcome->without != wanted_.without) {
            return fmt::format("{}:{}: is of {}, with {} guards off; name another file",
                               wanted_.results, number, outcome->scenario,
                               outcome->without.size());
        }
        const std::uint64_t seed = outcome->seed;
        if (seed < wanted_.first || seed - wanted_.first >= wanted_.count) continue;
        violated_ += outcome->is_violated();
        if (outcomes_.emplace(seed, std::move(*outcome)).second) ++done_;
    }
    return std::nullopt;
}

std::optional<std::string> Seeds::start_next() {
    const std::uint64_t seed = next_++;
    std::vector<std::string> words{"sim",    "run",    file_of(seed), "--seed",
                                   std::to_string(seed), "--json"};
    for (const std::string& guard : wanted_.without)
        words.insert(words.end(), {"--without", guard});
    auto child = Child::start(wanted_.program, std::move(words), environment());
    if (!child) return child.error();
    jobs_.push_back({seed, std::move(*child), steady_clock::now()});
    return std::nullopt;
}

std::optional<std::string> Seeds::wait_for_some() {
    std::vector<pollfd> polled;
    for (const Job& job : jobs_) polled.push_back({job.child.output(), POLLIN, 0});
    ::poll(polled.data(), polled.size(), poll_milliseconds);
    const auto now = steady_clock::now();
    for (std::size_t i = polled.size(); i-- > 0;) {
        Job& job = jobs_[i];
        if (now - job.since > patience && !job.is_hung) {
            job.is_hung = true;
            job.child.kill();
        }
        if (polled[i].revents == 0 || job.child.listen()) continue;
        Job over = std::move(job);
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
        if (auto trouble = take(std::move(over))) return trouble;
    }
    return std::nullopt;
}

std::optional<std::string> Seeds::take(Job job) {
    Child::Ended ended = job.child.wait();
    Outcome outcome;
    if (job.is_hung) {
        outcome = outcome_of_death("hung", fmt::format("it took more than {} s", patience.count()));
    } else if (ended.code < 0) {
        outcome = outcome_of_death("crashed", fmt::format("signal {} ended it", ended.signal));
    } else {
        const std::string line = with_cpu(ended.said, ended.cpu);
        auto read = explore::read_outcome(line);
        if (!read) {
            return fmt::format("a process for seed {} ended with {} and came to nothing", job.seed,
                               ended.code);
        }
        outcome = std::move(*read);
        if (auto trouble = keep(line)) return trouble;
    }
    outcome.scenario = file_of(job.seed);
    outcome.seed = job.seed;
    outcome.without = wanted_.without;
    outcome.cpu = ended.cpu;
    ++done_;
    violated_ += outcome.is_violated();
    is_enough_ |= outcome.is_violated() && wanted_.until_violated;
    outcomes_.emplace(job.seed, std::move(outcome));
    return std::nullopt;
}

std::optional<std::string> Seeds::keep(const std::string& line) {
    if (wanted_.results.empty()) return std::nullopt;
    std::ofstream file(wanted_.results, std::ios::app);
    file << line << '\n' << std::flush;
    if (file) return std::nullopt;
    return wanted_.results + ": " + std::strerror(errno);
}

void Seeds::say_progress() {
    if (::isatty(STDERR_FILENO) == 0) return;
    const bool is_over = done_ == wanted_.count || (is_enough_ && jobs_.empty());
    std::fputs(fmt::format("\r{} of {} seeds, {} violated{}", done_, wanted_.count, violated_,
                           is_over ? "\r\x1b[K" : "")
                   .c_str(),
               stderr);
    std::fflush(stderr);
}

}  // namespace barnabas::program
