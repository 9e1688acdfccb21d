#include "gui/store/event_store.h"

namespace barnabas::gui {

EventStore::EventStore(std::size_t nodes) : nodes_(nodes), running_(nodes) {}

void EventStore::append(const EventRow& event, std::string words) {
    const std::uint64_t row = at_.size();
    CHECK(event.node < nodes_);
    CHECK(row == 0 || at_[row - 1] <= event.at.time_since_epoch().count());
    if (row % block_rows == 0)
        for (const std::uint32_t count : running_) before_.push(count);
    ++running_[event.node];
    Tail tail{.size = event.size,
              .words = 0,
              .peer = event.peer,
              .api = event.api,
              .version = event.version,
              .kind = event.kind,
              .detail = event.detail,
              .is_response = event.is_response,
              .severity = event.severity};
    if (!words.empty()) {
        words_.push(std::move(words));
        tail.words = static_cast<std::uint32_t>(words_.size());
    }
    at_.push(event.at.time_since_epoch().count());
    sent_.push(event.sent.time_since_epoch().count());
    node_.push(event.node);
    tails_.push(tail);
    published_.store(row + 1, std::memory_order_release);
}

EventRow EventStore::operator[](std::uint64_t row) const {
    const Tail& tail = tails_[row];
    return {.at = time(row),
            .sent = Instant(Duration(sent_[row])),
            .size = tail.size,
            .node = node_[row],
            .peer = tail.peer,
            .api = tail.api,
            .version = tail.version,
            .kind = tail.kind,
            .detail = tail.detail,
            .is_response = tail.is_response,
            .has_note = tail.words != 0,
            .severity = tail.severity};
}

const std::string& EventStore::words(std::uint64_t row) const {
    static const std::string none;
    const std::uint32_t at = tails_[row].words;
    return at == 0 ? none : words_[at - 1];
}

template <class Before>
std::uint64_t EventStore::search(Before before) const {
    std::uint64_t first = 0;
    std::uint64_t count = size();
    while (count > 0) {
        const std::uint64_t half = count / 2;
        if (before(at_[first + half])) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return first;
}

std::uint64_t EventStore::before(Instant time) const {
    const std::int64_t wanted = time.time_since_epoch().count();
    return search([&](std::int64_t at) { return at < wanted; });
}

std::uint64_t EventStore::until(Instant time) const {
    const std::int64_t wanted = time.time_since_epoch().count();
    return search([&](std::int64_t at) { return at <= wanted; });
}

void EventStore::count_to(std::uint64_t row, std::span<std::uint64_t> counts, bool add) const {
    // A block's own counts are there as soon as its first row is.
    const std::uint64_t block =
        row % block_rows == 0 && row > 0 && row == size() ? row / block_rows - 1 : row / block_rows;
    const auto change = [&](std::size_t node, std::uint64_t by) {
        counts[node] += add ? by : 0 - by;
    };
    if (row == 0) return;
    for (std::size_t node = 0; node < nodes_; ++node) change(node, before_[block * nodes_ + node]);
    for (std::uint64_t at = block * block_rows; at < row; ++at) change(node_[at], 1);
}

void EventStore::count(std::uint64_t first, std::uint64_t last,
                       std::span<std::uint64_t> counts) const {
    CHECK(first <= last && last <= size());
    CHECK(counts.size() == nodes_);
    if (last - first <= block_rows) {
        for (std::uint64_t at = first; at < last; ++at) ++counts[node_[at]];
        return;
    }
    count_to(last, counts, true);
    count_to(first, counts, false);
}

}  // namespace barnabas::gui
