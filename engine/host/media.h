// Where files lie, as far as their disks are told apart: each locked directory (a log directory) is
// a medium, and all that lies in none of them is one more.
//
// A medium on which something took long is slow: nothing that may block is done on the loop's
// thread for any of its files, until enough of its writes in a row were fast again.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace barnabas::host {

// One medium's jobs of different kinds do not stand in each other's way.
enum class LaneKind : std::uint8_t { changes, flushes, reads, warming, last };

struct Medium {
    // What is to be done to the page cache or to names, and took this long, waited for the disk.
    static constexpr Duration slow = std::chrono::milliseconds(20);
    static constexpr int fast_needed = 64;

    std::string directory;
    std::uint32_t number = 0;
    bool is_slow = false;
    int fast_in_a_row = 0;

    void note_inline(Duration took) {
        if (took < slow) return;
        is_slow = true;
        fast_in_a_row = 0;
    }
    // Of a write that was done for this medium while it was slow.
    void note_on_lane(Duration took) {
        fast_in_a_row = took < slow ? fast_in_a_row + 1 : 0;
        if (fast_in_a_row >= fast_needed) is_slow = false;
    }
    std::size_t lane(LaneKind kind) const {
        return number * static_cast<std::size_t>(LaneKind::last) + static_cast<std::size_t>(kind);
    }
};

class Media {
  public:
    // There may be a thread for each lane of each medium: directories beyond that are not told
    // apart from what lies in none.
    static constexpr std::uint32_t count_max = 16;
    static constexpr std::uint32_t common = 0;  // of what lies in no locked directory

    Media();
    Media(const Media&) = delete;
    Media& operator=(const Media&) = delete;

    void add(std::string_view directory);
    // Stays where it is while the table lives.
    Medium& of(std::string_view path);
    Medium& at(std::uint32_t number) { return media_[number]; }

  private:
    std::array<Medium, count_max> media_;
    std::uint32_t count_ = 1;
};

// `path` names something in `directory`, or in a directory below it.
bool is_below(std::string_view path, std::string_view directory);

}  // namespace barnabas::host
