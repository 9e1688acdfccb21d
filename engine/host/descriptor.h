// An open file descriptor that several may hold: the table of files, a job on a lane, a range
// that is being sent. The last one closes it.
#pragma once

#include <unistd.h>

#include <memory>
#include <utility>

namespace barnabas::host {

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

using SharedDescriptor = std::shared_ptr<const Descriptor>;

}  // namespace barnabas::host
