#include "engine/node/commit_queue.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/controller/refusal.h"
#include "engine/node/commit_row.h"

namespace barnabas::node {

CommitQueue::CommitQueue() = default;
CommitQueue::CommitQueue(const CommitQueue& other) = default;
CommitQueue::CommitQueue(CommitQueue&& other) noexcept = default;
CommitQueue& CommitQueue::operator=(const CommitQueue& other) = default;
CommitQueue& CommitQueue::operator=(CommitQueue&& other) noexcept = default;
CommitQueue::~CommitQueue() = default;

void CommitQueue::add(Row&& row) {
    CHECK(rows_.empty() || rows_.back().until <= row.until);
    rows_.push_back(std::move(row));
}

std::vector<CommitQueue::Row> CommitQueue::take_committed(Offset high_watermark) {
    const auto end =
        std::ranges::find_if(rows_, [&](const Row& row) { return row.until > high_watermark; });
    std::vector<Row> out(std::make_move_iterator(rows_.begin()), std::make_move_iterator(end));
    rows_.erase(rows_.begin(), end);
    return out;
}

std::vector<CommitQueue::Row> CommitQueue::take_lost(Offset from) {
    const auto first =
        std::ranges::find_if(rows_, [&](const Row& row) { return row.until > from; });
    std::vector<Row> out(std::make_move_iterator(first), std::make_move_iterator(rows_.end()));
    rows_.erase(first, rows_.end());
    for (Row& row : out) controller::refuse_decided(row.response);
    return out;
}

std::size_t CommitQueue::size() const { return rows_.size(); }

void CommitQueue::digest(Hasher& hasher) const { digest_all(hasher, rows_); }

}  // namespace barnabas::node
