#include "sim/program/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace barnabas::program {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

Duration duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

Result<Child, std::string> Child::start(const std::string& program, std::vector<std::string> words,
                                        std::vector<std::string> environment) {
    words.insert(words.begin(), program);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return unexpected(std::string("no pipe: ") + std::strerror(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    pid_t process = 0;
    const int trouble = ::posix_spawn(&process, program.c_str(), &actions, nullptr,
                                      pointers_to(words).data(), pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (trouble == 0) return Child(process, ends[0]);
    ::close(ends[0]);
    return unexpected(program + ": " + std::strerror(trouble));
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, 0)),
      output_(std::exchange(other.output_, -1)),
      said_(std::move(other.said_)) {}

Child& Child::operator=(Child&& other) noexcept {
    std::swap(process_, other.process_);
    std::swap(output_, other.output_);
    std::swap(said_, other.said_);
    return *this;
}

Child::~Child() {
    if (process_ != 0) {
        kill();
        reap();
    }
    if (output_ >= 0) ::close(output_);
}

bool Child::listen() {
    std::array<char, 1 << 16> piece{};
    ssize_t count = 0;
    do {
        count = ::read(output_, piece.data(), piece.size());
    } while (count < 0 && errno == EINTR);
    if (count > 0) said_.append(piece.data(), static_cast<std::size_t>(count));
    return count > 0;
}

Child::Ended Child::wait() {
    while (listen()) {}
    return reap();
}

void Child::kill() { ::kill(process_, SIGKILL); }

Child::Ended Child::reap() {
    int status = 0;
    rusage usage{};
    while (::wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {}
    process_ = 0;
    Ended ended{.said = std::move(said_)};
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    ended.cpu = duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
    return ended;
}

std::vector<std::string> environment() {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) all.emplace_back(*one);
    return all;
}

}  // namespace barnabas::program
