// What may be done of one long job in one turn: counted, not timed, so that it is the same on every
// machine. The next slice comes after the events that are ready.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace barnabas {

class Slice {
  public:
    static constexpr std::uint32_t rows_max = 400;

    bool is_over() const { return rows_ == 0; }
    bool is_fresh() const { return rows_ == rows_max; }
    void take(std::uint32_t rows = 1) { rows_ -= std::min(rows, rows_); }
    std::uint32_t rows() const { return rows_; }

  private:
    std::uint32_t rows_ = rows_max;
};

constexpr std::size_t discarded_at_once = 4000;  // elements of messages that nobody needs any more

}  // namespace barnabas
