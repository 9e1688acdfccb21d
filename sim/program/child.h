// Another process of this program, and what it says.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace barnabas::program {

// Runs until it ends, or until this value does: then it is killed.
class Child {
  public:
    struct Ended {
        std::string said;
        int code = -1;   // -1: a signal ended it
        int signal = 0;  // that one
        Duration cpu{};  // user and system
    };

    // `words` follow the program's name.
    static Result<Child, std::string> start(const std::string& program,
                                            std::vector<std::string> words,
                                            std::vector<std::string> environment);
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    ~Child();

    // To poll for: readable when it has said something, or will say no more.
    int output() const { return output_; }
    // Takes what it has said. False: it will say no more.
    bool listen();
    // Listens to the end.
    Ended wait();
    void kill();

  private:
    Child(pid_t process, int output) : process_(process), output_(output) {}
    Ended reap();

    pid_t process_ = 0;  // 0: reaped
    int output_ = -1;
    std::string said_;
};

// This process's environment.
std::vector<std::string> environment();

}  // namespace barnabas::program
