// The answers that wait for the metadata log, ascending by the offset that they wait for: what was
// decided before an answer was made is committed before the answer leaves, so that nobody is told
// of anything that may be lost.
#pragma once

#include <vector>

#include "engine/base/hash.h"
#include "engine/protocol/asking.h"
#include "engine/protocol/types.h"

namespace barnabas::node {

class CommitQueue {
  public:
    struct Row;  // commit_row.h

    CommitQueue();
    CommitQueue(const CommitQueue& other);
    CommitQueue(CommitQueue&& other) noexcept;
    CommitQueue& operator=(const CommitQueue& other);
    CommitQueue& operator=(CommitQueue&& other) noexcept;
    ~CommitQueue();

    // Needs: no row waits for more.
    void add(Row&& row);
    // Those that wait for nothing more.
    std::vector<Row> take_committed(Offset high_watermark);
    // What was decided from this offset on is lost: those that wait for it, made refusals of it.
    std::vector<Row> take_lost(Offset from);

    std::size_t size() const;
    void digest(Hasher& hasher) const;

  private:
    std::vector<Row> rows_;
};

}  // namespace barnabas::node
