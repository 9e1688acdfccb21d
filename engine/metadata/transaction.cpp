#include "engine/metadata/transaction.h"

#include <utility>

namespace barnabas::metadata {

Result<std::vector<Record>, std::string> Transaction::take(Record record) {
    const bool is_begin = std::holds_alternative<protocol::BeginTransactionRecord>(record);
    const bool is_end = std::holds_alternative<protocol::EndTransactionRecord>(record);
    const bool is_abort = std::holds_alternative<protocol::AbortTransactionRecord>(record);
    if (is_begin && is_open_) {
        return unexpected(std::string("a metadata transaction begins within another"));
    }
    if ((is_end || is_abort) && !is_open_) {
        return unexpected(std::string("a metadata transaction ends that never began"));
    }
    std::vector<Record> now;
    if (is_begin) {
        is_open_ = true;
    } else if (is_end) {
        is_open_ = false;
        now = std::exchange(held_, {});
    } else if (is_abort) {
        is_open_ = false;
        held_.clear();
    } else {
        (is_open_ ? held_ : now).push_back(std::move(record));
    }
    return now;
}

void Transaction::digest(Hasher& hasher) const {
    hasher.add(static_cast<std::uint64_t>(is_open_));
    hasher.add(static_cast<std::uint64_t>(held_.size()));
    for (const Record& record : held_) hasher.add(encode(record).view());
}

}  // namespace barnabas::metadata
