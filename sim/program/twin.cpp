#include "sim/program/twin.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "engine/base/check.h"

namespace barnabas::program {
namespace {

// Above that a process says that it was not told what to do, or a signal ended it.
constexpr int exit_code_most = 3;

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

// glibc fills what it gives out and what it takes back with this byte; the environment lies above
// the stack and moves it.
std::vector<std::string> environment_of(bool is_other) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        if (!std::string_view(*one).starts_with("MALLOC_PERTURB_=")) all.emplace_back(*one);
    }
    if (!is_other) return all;
    all.emplace_back("MALLOC_PERTURB_=165");
    all.emplace_back("BARNABAS_TWIN=" + std::string(40'000, 'x'));
    return all;
}

std::string read_all(int descriptor) {
    std::string all;
    std::array<char, 1 << 16> piece{};
    for (;;) {
        const ssize_t count = ::read(descriptor, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return all;
        all.append(piece.data(), static_cast<std::size_t>(count));
    }
}

// The number of the first line that differs, from 1.
std::uint64_t first_difference(std::string_view one, std::string_view other) {
    for (std::uint64_t line = 1;; ++line) {
        const std::size_t end = one.find('\n');
        if (end == std::string_view::npos || one.substr(0, end) != other.substr(0, end)) {
            return line;
        }
        one.remove_prefix(end + 1);
        other.remove_prefix(std::min(end + 1, other.size()));
    }
}

}  // namespace

Twins::Twins(std::vector<std::string> words, std::string program)
    : words_(std::move(words)), program_(std::move(program)) {}

Result<std::string, std::string> Twins::say(std::vector<std::string> before,
                                            std::vector<std::string> after, Layout layout) const {
    std::vector<std::string> command{program_, "sim"};
    for (const auto& part : {before, words_, after}) {
        command.insert(command.end(), part.begin(), part.end());
    }
    std::vector<std::string> environment = environment_of(layout == Layout::other);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return unexpected(std::string("no pipe: ") + std::strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t child = 0;
    const int trouble = ::posix_spawn(&child, program_.c_str(), &actions, nullptr,
                                      pointers_to(command).data(),
                                      pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string said = trouble == 0 ? read_all(ends[0]) : std::string();
    ::close(ends[0]);
    if (trouble != 0) return unexpected(program_ + ": " + std::strerror(trouble));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!WIFEXITED(status) || WEXITSTATUS(status) > exit_code_most || said.empty()) {
        return unexpected(std::string("a second process of this program came to nothing"));
    }
    return said;
}

Result<std::optional<Difference>, std::string> Twins::compare() const {
    const auto one = say({"run"}, {"--json"}, Layout::usual);
    if (!one) return unexpected(one.error());
    const auto other = say({"run"}, {"--json"}, Layout::other);
    if (!other) return unexpected(other.error());
    if (*one == *other) return std::optional<Difference>();
    const auto steps = say({"steps"}, {}, Layout::usual);
    if (!steps) return unexpected(steps.error());
    const auto other_steps = say({"steps"}, {}, Layout::other);
    if (!other_steps) return unexpected(other_steps.error());
    Difference difference;
    difference.step = first_difference(*steps, *other_steps);
    const std::vector<std::string> which{"--step", std::to_string(difference.step)};
    difference.one = say({"steps"}, which, Layout::usual).value_or("");
    difference.other = say({"steps"}, which, Layout::other).value_or("");
    return std::optional(std::move(difference));
}

}  // namespace barnabas::program
