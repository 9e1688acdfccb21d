// Writes lines to a descriptor on a thread of its own, so that a pipe that nobody reads, a terminal
// that stands still or a disk that does not answer stops nobody else. When too many wait, the
// oldest are dropped, and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/time.h"

namespace barnabas::host {

class LineWriter {
  public:
    static constexpr std::size_t waiting_max = 1024;
    // A line up to this goes to a pipe whole or not at all.
    static constexpr std::size_t line_max = 4096;

    explicit LineWriter(int descriptor);
    ~LineWriter();  // gives up on what the descriptor does not take within a moment
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    // Needs: with a line feed at its end; from one thread at a time.
    void write(std::string_view line);
    // How many were dropped since the last call. Nothing while the descriptor takes no lines: to
    // say so would only drop others.
    std::uint64_t take_dropped();
    bool may_have_dropped() const { return may_have_dropped_; }
    // False when the descriptor takes no more for so long.
    bool wait_until_written(Duration patience);

  private:
    class Sink;
    struct Parts;
    std::unique_ptr<Parts> parts_;
    std::uint64_t given_ = 0;
    std::uint64_t told_ = 0;  // of those dropped
    std::atomic<bool> may_have_dropped_ = false;
};

}  // namespace barnabas::host
