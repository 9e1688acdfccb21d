// Every event of a run that was seen so far, in columns: what the timeline and the event list read
// while the engine's thread goes on appending.
//
// Append-only, one writer, any number of readers, no lock. Row i is the event that brought the run
// from position i to position i + 1. About 40 bytes an event, its words aside.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/runtime/occurrence.h"
#include "gui/store/column.h"

namespace barnabas::gui {

enum class EventKind : std::uint8_t {
    started,
    listening,
    connected,
    arriving,
    received,  // a request or a response, see EventRow::is_response
    drained,
    disconnected,
    timer,
    storage,
    continued,
    order,
    computed,
    deed,  // something was done to the world
    last,
};

constexpr std::uint16_t nobody = UINT16_MAX;
constexpr std::int16_t no_api = -1;

struct EventRow {
    Instant at;
    Instant sent;            // received: when the frame left its sender, if known; else `at`
    std::uint32_t size = 0;  // bytes of the frame, of what was read
    std::uint16_t node = nobody;
    std::uint16_t peer = nobody;
    std::int16_t api = no_api;
    std::int16_t version = 0;
    EventKind kind = EventKind::started;
    std::uint8_t detail = 0;  // storage: its status; disconnected: the reason
    bool is_response = false;
    bool has_note = false;
    Severity severity = Severity::debug;  // the gravest of its notes

    friend bool operator==(const EventRow&, const EventRow&) = default;
};

class EventStore {
  public:
    explicit EventStore(std::size_t nodes);

    std::size_t nodes() const { return nodes_; }
    std::uint64_t size() const { return published_.load(std::memory_order_acquire); }
    bool is_full() const { return at_.is_full(); }

    // The writer's. Needs: not earlier than the row before; event.node < nodes(); !is_full().
    // `words` is what the machine said in this turn, empty when it said nothing.
    void append(const EventRow& event, std::string words);

    // The readers'. Needs: row < size().
    EventRow operator[](std::uint64_t row) const;
    Instant time(std::uint64_t row) const { return Instant(Duration(at_[row])); }
    const std::string& words(std::uint64_t row) const;

    // How many rows are before `time`; how many are not after it.
    std::uint64_t before(Instant time) const;
    std::uint64_t until(Instant time) const;

    // Adds to counts[node] how many of the rows [first, last) are that node's.
    // Needs: first <= last <= size(); counts.size() == nodes().
    void count(std::uint64_t first, std::uint64_t last, std::span<std::uint64_t> counts) const;

  private:
    static constexpr std::uint64_t block_rows = 256;

    template <class Before>
    std::uint64_t search(Before before) const;
    void count_to(std::uint64_t row, std::span<std::uint64_t> counts, bool add) const;

    struct Tail {  // what is read one row at a time
        std::uint32_t size;
        std::uint32_t words;  // 1 + into words_; 0: none
        std::uint16_t peer;
        std::int16_t api;
        std::int16_t version;
        EventKind kind;
        std::uint8_t detail;
        bool is_response;
        Severity severity;
    };

    std::size_t nodes_;
    Column<std::int64_t> at_;
    Column<std::int64_t> sent_;
    Column<std::uint16_t> node_;
    Column<Tail> tails_;
    Column<std::string> words_;
    Column<std::uint32_t> before_;  // [block * nodes + node]: its rows before that block
    std::vector<std::uint32_t> running_;
    std::atomic<std::uint64_t> published_ = 0;
};

}  // namespace barnabas::gui
