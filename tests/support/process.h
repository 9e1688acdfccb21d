// Processes that a test starts: ends them when it is done, and only them.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace barnabas::support {

// Patience for anything that ought to happen soon; generous, since it is only used up when a test
// fails.
constexpr std::chrono::seconds patience_usual{60};

// Asks again and again until `is_so`; false when it never was.
inline bool eventually(auto is_so, std::chrono::milliseconds patience = patience_usual) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));  // polls a foreign process
    }
    return true;
}

inline std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A running child whose input and output are files.
class Process {
  public:
    struct Files {
        std::string input = "/dev/null";
        std::string output = "/dev/null";  // standard output
        std::string errors = "/dev/null";  // may be the same path as `output`
    };

    Process() = default;
    Process(std::vector<std::string> command, const Files& files) {
        std::vector<char*> arguments;
        for (std::string& argument : command) arguments.push_back(argument.data());
        arguments.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ != 0) return;
        const auto put = [](const std::string& path, int flags, int at) {
            const int descriptor = ::open(path.c_str(), flags, 0600);
            if (descriptor < 0 || ::dup2(descriptor, at) < 0) ::_exit(126);
        };
        put(files.input, O_RDONLY, 0);
        put(files.output, O_WRONLY | O_CREAT | O_APPEND, 1);
        put(files.errors, O_WRONLY | O_CREAT | O_APPEND, 2);
        ::execvp(arguments.front(), arguments.data());
        ::_exit(127);
    }
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Process& operator=(Process&& other) noexcept {
        std::swap(pid_, other.pid_);
        return *this;
    }
    ~Process() {
        if (pid_ > 0) {
            signal(SIGKILL);
            wait();
        }
    }

    pid_t pid() const { return pid_; }
    bool is_running() { return pid_ > 0 && !collect(WNOHANG); }
    void signal(int number) const {
        if (pid_ > 0) ::kill(pid_, number);
    }
    // The exit code, or 128 plus the signal's number; nothing when it still runs after `patience`.
    std::optional<int> wait(std::chrono::milliseconds patience = patience_usual) {
        if (pid_ > 0 && !eventually([&] { return collect(WNOHANG); }, patience)) return {};
        return code_;
    }

  private:
    bool collect(int options) {
        int status = 0;
        if (::waitpid(pid_, &status, options) != pid_) return false;
        code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        pid_ = -1;
        return true;
    }

    pid_t pid_ = -1;
    std::optional<int> code_;
};

// A directory of its own, removed at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "barnabas.XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

struct Finished {
    int code = -1;  // -1: it did not end in time
    std::string output;
    std::string errors;
};

// Runs a command to its end.
inline Finished run(std::vector<std::string> command, std::string_view input = {},
                    std::chrono::milliseconds patience = patience_usual) {
    const TemporaryDirectory files;
    std::ofstream(files.file("in"), std::ios::binary) << input;
    Process process(
        std::move(command),
        {.input = files.file("in"), .output = files.file("out"), .errors = files.file("err")});
    const auto code = process.wait(patience);
    return {code.value_or(-1), text_of_file(files.file("out")), text_of_file(files.file("err"))};
}

}  // namespace barnabas::support
