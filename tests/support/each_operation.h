// Every operation of a disk in turn, as long as there is a next one: whichever it is that fails, or
// that the node does not live to see.
//
//   for (EachOperation nth; nth.next();) {
//       ... prepare ...
//       nth.fails(disk, StorageStatus::io_error);  // or nth.is_not_reached(disk)
//       ... act, and look ...
//   }
#pragma once

#include "tests/support/fake_disk.h"

namespace barnabas::tests {

class EachOperation {
  public:
    explicit EachOperation(std::uint64_t step = 1) : step_(step) {}

    // The next one; false when the disk did not come to the last one.
    bool next() {
        if (came_ && !*came_) return false;
        n_ += came_ ? step_ : 1;
        came_ = std::make_shared<bool>(false);
        return true;
    }
    // Counted from this call on.
    void fails(FakeDisk& disk, StorageStatus status) const {
        disk.fail_operation(n_, status, came_);
    }
    void is_not_reached(FakeDisk& disk) const { disk.stop_before(n_, came_); }

    // The disk has come to it.
    bool came() const { return *came_; }
    std::uint64_t number() const { return n_; }

  private:
    std::uint64_t step_;
    std::uint64_t n_ = 0;
    std::shared_ptr<bool> came_;
};

}  // namespace barnabas::tests
