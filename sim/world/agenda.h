// What is to happen in a world, soonest first; ties go by the order in which they were put down.
//
// A heap of four children a node over small keys; the items themselves stay where they were put.
// Items are never taken out early: what has been overtaken is recognised by whoever it was for.
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
    Instant first_at() const { return heap_.front().at; }

    void put(const Item& item) {
        std::uint32_t place = static_cast<std::uint32_t>(items_.size());
        if (free_.empty()) {
            items_.push_back(item);
        } else {
            place = free_.back();
            free_.pop_back();
            items_[place] = item;
        }
        heap_.emplace_back();
        rise(heap_.size() - 1, {item.at, ++sequence_, place});
    }

    // Needs: !empty().
    Item take() {
        CHECK(!heap_.empty());
        const std::uint32_t place = heap_.front().place;
        const Key last = heap_.back();
        heap_.pop_back();
        if (!heap_.empty()) sink(last);
        free_.push_back(place);
        return items_[place];
    }

  private:
    static constexpr std::size_t children = 4;

    struct Key {
        Instant at;
        std::uint64_t sequence = 0;
        std::uint32_t place = 0;  // of the item

        bool is_before(const Key& other) const {
            return at != other.at ? at < other.at : sequence < other.sequence;
        }
    };

    // Both move the others past a hole until the key fits there.
    void rise(std::size_t hole, const Key& key) {
        while (hole > 0) {
            const std::size_t above = (hole - 1) / children;
            if (!key.is_before(heap_[above])) break;
            heap_[hole] = heap_[above];
            hole = above;
        }
        heap_[hole] = key;
    }
    void sink(const Key& key) {
        std::size_t hole = 0;
        for (;;) {
            const std::size_t first = hole * children + 1;
            if (first >= heap_.size()) break;
            const std::size_t end = std::min(first + children, heap_.size());
            std::size_t least = first;
            for (std::size_t child = first + 1; child < end; ++child)
                if (heap_[child].is_before(heap_[least])) least = child;
            if (!heap_[least].is_before(key)) break;
            heap_[hole] = heap_[least];
            hole = least;
        }
        heap_[hole] = key;
    }

    std::vector<Key> heap_;
    std::vector<Item> items_;
    std::vector<std::uint32_t> free_;  // places of items that were taken
    std::uint64_t sequence_ = 0;
};

}  // namespace barnabas::sim
