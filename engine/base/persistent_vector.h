// A long run of values that copies share: copying one is copying two pointers, and the first change
// after that copies the chunk that it falls into and the way there, however long the run is.
//
// For what a world remembers of a run: forks are many, and each changes a little of what it shares.
// A vector that is short, or that nobody copies, is better a std::vector.
//
//     root -> branches of 32 -> chunks of 32 values, all of them full;  tail -> the last 1 to 32
//
// References are good until the vector changes or is copied. Needs of values: they can be copied.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/cow.h"

namespace barnabas {

template <class T>
class PersistentVector {
  public:
    using value_type = T;
    class const_iterator;

    PersistentVector() = default;
    PersistentVector(const PersistentVector& other) = default;
    PersistentVector(PersistentVector&& other) noexcept
        : root_(std::move(other.root_)),
          height_(std::exchange(other.height_, 0)),
          tail_(std::move(other.tail_)),
          size_(std::exchange(other.size_, 0)) {}
    PersistentVector& operator=(const PersistentVector& other) = default;
    PersistentVector& operator=(PersistentVector&& other) noexcept {
        root_ = std::move(other.root_);
        height_ = std::exchange(other.height_, 0);
        tail_ = std::move(other.tail_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~PersistentVector() = default;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    const T& operator[](std::size_t at) const {
        CHECK(at < size_);
        return chunk_at(at)[at % width];
    }
    const T& front() const { return (*this)[0]; }
    const T& back() const { return (*this)[size_ - 1]; }
    const_iterator begin() const { return {*this, 0}; }
    const_iterator end() const { return {*this, size_}; }

    // The value, ours alone from here on. Needs: at < size().
    T& edit(std::size_t at) {
        CHECK(at < size_);
        if (at >= tail_begin()) return own(tail_)[at % width];
        return own_chunk(at)[at % width];
    }

    void push_back(T value) {
        if (tail_ && tail_->size() == width) put_tail_away();
        Chunk& tail = own(tail_);
        if (tail.empty() && size_ >= width) tail.reserve(width);  // it will come to that
        tail.push_back(std::move(value));
        ++size_;
    }
    // Needs: !empty().
    void pop_back() {
        CHECK(size_ > 0);
        own(tail_).pop_back();
        --size_;
        if (tail_->empty() && size_ > 0) fetch_tail();
    }
    // Cuts, or grows by copies of `value`.
    void resize(std::size_t size, const T& value = T()) {
        if (size == 0) return clear();
        while (size_ > size) pop_back();
        while (size_ < size) push_back(value);
    }
    void clear() { *this = PersistentVector(); }

    friend bool operator==(const PersistentVector& a, const PersistentVector& b) {
        if (a.size_ != b.size_) return false;
        if (a.root_ == b.root_ && a.tail_ == b.tail_) return true;
        for (std::size_t i = 0; i < a.size_; ++i)
            if (!(a[i] == b[i])) return false;
        return true;
    }

  private:
    static constexpr unsigned bits = 5;
    static constexpr std::size_t width = 1 << bits;

    using Chunk = std::vector<T>;
    using Node = std::shared_ptr<void>;  // a Branch, or a Chunk where the height is 0
    struct Branch {
        std::array<Node, width> children;
    };

    std::size_t tail_begin() const { return size_ == 0 ? 0 : (size_ - 1) & ~(width - 1); }
    // Of the values of a node at that height.
    static std::size_t place(std::size_t at, unsigned height) {
        return (at >> (bits * height)) & (width - 1);
    }

    template <class Held>
    static Held& own(std::shared_ptr<Held>& held) {
        if (!held) {
            held = std::make_shared<Held>();
        } else if (!is_sole(held)) {
            held = std::make_shared<Held>(*held);
        }
        return *held;
    }
    template <class Held>
    static Held& own_as(Node& node) {
        if (!node) {
            node = std::make_shared<Held>();
        } else if (!is_sole(node)) {
            node = std::make_shared<Held>(*static_cast<const Held*>(node.get()));
        }
        return *static_cast<Held*>(node.get());
    }

    const Chunk& chunk_at(std::size_t at) const {
        if (at >= tail_begin()) return *tail_;
        const void* node = root_.get();
        for (unsigned height = height_; height > 0; --height)
            node = static_cast<const Branch*>(node)->children[place(at, height)].get();
        return *static_cast<const Chunk*>(node);
    }
    Chunk& own_chunk(std::size_t at) {
        Node* node = &root_;
        for (unsigned height = height_; height > 0; --height)
            node = &own_as<Branch>(*node).children[place(at, height)];
        return own_as<Chunk>(*node);
    }

    // Into the tree, which grows a level where it is full.
    void put_tail_away() {
        const std::size_t at = size_ - width;
        if (at >> (bits * (height_ + 1)) != 0) {
            auto above = std::make_shared<Branch>();
            above->children[0] = std::move(root_);
            root_ = std::move(above);
            ++height_;
        }
        Node* node = &root_;
        for (unsigned height = height_; height > 0; --height)
            node = &own_as<Branch>(*node).children[place(at, height)];
        *node = std::move(tail_);
    }
    // Out of the tree again: the last chunk there. Levels that one child is left of stay.
    void fetch_tail() {
        const std::size_t at = size_ - 1;
        Node* node = &root_;
        for (unsigned height = height_; height > 0; --height)
            node = &own_as<Branch>(*node).children[place(at, height)];
        tail_ = std::static_pointer_cast<Chunk>(std::exchange(*node, nullptr));
    }

    Node root_;
    unsigned height_ = 0;  // of the root: a chunk's is 0
    std::shared_ptr<Chunk> tail_;
    std::size_t size_ = 0;
};

template <class T>
class PersistentVector<T>::const_iterator {
  public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() = default;
    const_iterator(const PersistentVector& of, std::size_t at) : of_(&of), at_(at) {}

    reference operator*() const { return (*of_)[at_]; }
    pointer operator->() const { return &(*of_)[at_]; }
    reference operator[](difference_type by) const { return *(*this + by); }
    const_iterator& operator++() { return *this += 1; }
    const_iterator operator++(int) { return std::exchange(*this, *this + 1); }
    const_iterator& operator--() { return *this -= 1; }
    const_iterator operator--(int) { return std::exchange(*this, *this - 1); }
    const_iterator& operator+=(difference_type by) {
        at_ += static_cast<std::size_t>(by);
        return *this;
    }
    const_iterator& operator-=(difference_type by) { return *this += -by; }
    friend const_iterator operator+(const_iterator it, difference_type by) { return it += by; }
    friend const_iterator operator+(difference_type by, const_iterator it) { return it += by; }
    friend const_iterator operator-(const_iterator it, difference_type by) { return it -= by; }
    friend difference_type operator-(const const_iterator& a, const const_iterator& b) {
        return static_cast<difference_type>(a.at_ - b.at_);
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) {
        return a.at_ == b.at_;
    }
    friend auto operator<=>(const const_iterator& a, const const_iterator& b) {
        return a.at_ <=> b.at_;
    }

  private:
    const PersistentVector* of_ = nullptr;
    std::size_t at_ = 0;
};

}  // namespace barnabas
