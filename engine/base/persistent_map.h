// A sorted map whose copies share what neither has changed: its rows stand in chunks of at most 64,
// and a change copies one chunk and the list of chunks, not the map.
//
// Iterators and references are good until the map changes.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/cow.h"

namespace barnabas {

template <class Key, class Value>
class PersistentMap {
  public:
    using key_type = Key;
    using mapped_type = Value;
    using value_type = std::pair<Key, Value>;
    static constexpr std::size_t chunk_rows_max = 64;

  private:
    using Chunk = std::vector<value_type>;  // ascending, never empty
    using Chunks = std::vector<Cow<Chunk>>;
    struct Place {
        std::size_t chunk = 0;
        std::size_t row = 0;
        friend bool operator==(const Place&, const Place&) = default;
    };

  public:
    class const_iterator {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = PersistentMap::value_type;
        using difference_type = std::ptrdiff_t;
        using pointer = const value_type*;
        using reference = const value_type&;

        const_iterator() = default;
        reference operator*() const { return (*(*chunks_)[at_.chunk])[at_.row]; }
        pointer operator->() const { return &**this; }
        const_iterator& operator++() {
            if (++at_.row == (*chunks_)[at_.chunk]->size()) at_ = {at_.chunk + 1, 0};
            return *this;
        }
        const_iterator operator++(int) {
            const_iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const const_iterator& a, const const_iterator& b) {
            return a.at_ == b.at_;
        }

      private:
        friend class PersistentMap;
        const_iterator(const Chunks* chunks, Place at) : chunks_(chunks), at_(at) {}
        const Chunks* chunks_ = nullptr;
        Place at_;
    };

    const_iterator begin() const { return {&*chunks_, {}}; }
    const_iterator end() const { return {&*chunks_, {chunks_->size(), 0}}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    // The first row whose key is not less, and the first whose key is greater.
    template <class K>
    const_iterator lower_bound(const K& key) const {
        const std::size_t chunk = chunk_of(key);
        if (chunk == chunks_->size()) return end();
        const Chunk& rows = *(*chunks_)[chunk];
        const auto row = std::lower_bound(rows.begin(), rows.end(), key, row_is_less<K>);
        if (row == rows.end()) return {&*chunks_, {chunk + 1, 0}};
        return {&*chunks_, {chunk, static_cast<std::size_t>(row - rows.begin())}};
    }
    template <class K>
    const_iterator upper_bound(const K& key) const {
        const_iterator at = lower_bound(key);
        if (at != end() && !std::less<>()(key, at->first)) ++at;
        return at;
    }
    template <class K>
    const_iterator find(const K& key) const {
        const const_iterator at = lower_bound(key);
        return at == end() || std::less<>()(key, at->first) ? end() : at;
    }
    template <class K>
    bool contains(const K& key) const {
        return find(key) != end();
    }
    // Needs: contains(key).
    template <class K>
    const Value& at(const K& key) const {
        const const_iterator found = find(key);
        CHECK(found != end());
        return found->second;
    }

    // The value, ours alone until the map is copied or changed. Needs: contains(key).
    template <class K>
    Value& edit(const K& key) {
        const Place at = find(key).at_;
        CHECK(at.chunk < chunks_->size());
        return chunks_.edit()[at.chunk].edit()[at.row].second;
    }
    void insert_or_assign(const Key& key, Value value) {
        if (contains(key)) {
            edit(key) = std::move(value);
            return;
        }
        ++size_;
        Chunks& chunks = chunks_.edit();
        if (chunks.empty()) return chunks.push_back(Cow<Chunk>({{key, std::move(value)}}));
        std::size_t at = std::min(chunk_of(key), chunks.size() - 1);
        if (chunks[at]->size() == chunk_rows_max) {
            // Behind all others: those that come in order fill their chunks.
            const bool is_last = at + 1 == chunks.size() && chunks[at]->back().first < key;
            split(chunks, at, is_last ? chunk_rows_max : chunk_rows_max / 2);
            if (is_last) return chunks.push_back(Cow<Chunk>({{key, std::move(value)}}));
            if (chunks[at]->back().first < key) ++at;
        }
        Chunk& rows = chunks[at].edit();
        const auto row = std::lower_bound(rows.begin(), rows.end(), key, row_is_less<Key>);
        rows.emplace(row, key, std::move(value));
    }
    template <class K>
    void erase(const K& key) {
        const Place at = find(key).at_;
        if (at.chunk == chunks_->size()) return;
        --size_;
        Chunks& chunks = chunks_.edit();
        if (chunks[at.chunk]->size() == 1) {
            chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(at.chunk));
            return;
        }
        Chunk& rows = chunks[at.chunk].edit();
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at.row));
    }

    friend bool operator==(const PersistentMap& a, const PersistentMap& b) {
        if (a.size_ != b.size_) return false;
        return a.chunks_ == b.chunks_ || std::equal(a.begin(), a.end(), b.begin());
    }

  private:
    template <class K>
    static bool row_is_less(const value_type& row, const K& key) {
        return std::less<>()(row.first, key);
    }
    // The first chunk whose last key is not less.
    template <class K>
    std::size_t chunk_of(const K& key) const {
        const auto found = std::lower_bound(
            chunks_->begin(), chunks_->end(), key,
            [](const Cow<Chunk>& chunk, const K& key) { return row_is_less(chunk->back(), key); });
        return static_cast<std::size_t>(found - chunks_->begin());
    }
    static void split(Chunks& chunks, std::size_t at, std::size_t rows_kept) {
        if (rows_kept == chunk_rows_max) return;
        Chunk& rows = chunks[at].edit();
        const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows_kept);
        Chunk behind(std::make_move_iterator(middle), std::make_move_iterator(rows.end()));
        rows.erase(middle, rows.end());
        chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                      Cow<Chunk>(std::move(behind)));
    }

    Cow<Chunks> chunks_;
    std::size_t size_ = 0;
};

}  // namespace barnabas
