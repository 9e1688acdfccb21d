// What is to happen in a world, soonest first; ties go by the order in which they were put down.
//
// A binary heap of small plain items. Items are never taken out: what has been overtaken is
// recognised by whoever it was for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "sim/network/link.h"

namespace barnabas::sim {

struct Item {
    enum class Kind : std::uint8_t { turn, timer, network, storage, computed };

    Instant at = {};
    std::uint64_t sequence = 0;
    std::uint64_t number = 0;  // timer: its token; network: more of Due; else the life
    NodeIndex node = {};
    std::uint32_t slot = 0;
    Kind kind = Kind::turn;
    std::uint8_t network_kind = 0;
    std::uint8_t side = 0;
};

class Agenda {
  public:
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    const Item& first() const { return heap_.front(); }

    void put(Item item) {
        item.sequence = ++sequence_;
        heap_.push_back(item);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    Item take() {
        CHECK(!heap_.empty());
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const Item item = heap_.back();
        heap_.pop_back();
        return item;
    }

  private:
    static bool later(const Item& a, const Item& b) {
        return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }

    std::vector<Item> heap_;
    std::uint64_t sequence_ = 0;
};

}  // namespace barnabas::sim
