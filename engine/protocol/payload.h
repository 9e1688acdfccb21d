// What a message carries without looking into it: records, bytes of elsewhere, fields of a later
// Kafka.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/chain.h"

namespace barnabas::protocol {

// Bytes that are not in memory: the sender of the frame puts them in from elsewhere, such as a
// range of a file. `tag` is the sender's own name for them.
struct External {
    std::uint64_t tag = 0;
    std::uint32_t size = 0;

    friend bool operator==(const External&, const External&) = default;
};

// A field of record batches, as they lie in the log: null, in memory, or elsewhere.
class Records {
  public:
    Records() = default;                                       // null
    Records(Chain chain) : value_(std::move(chain)) {}         // NOLINT: a chain is records
    Records(Bytes bytes) : value_(Chain(std::move(bytes))) {}  // NOLINT
    Records(External external) : value_(external) {}           // NOLINT

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    // Nothing when they are null or elsewhere.
    const Chain* chain() const { return std::get_if<Chain>(&value_); }
    const External* external() const { return std::get_if<External>(&value_); }

    // In bytes; zero when null.
    std::size_t size() const {
        if (const External* elsewhere = external()) return elsewhere->size;
        return chain() ? chain()->size() : 0;
    }
    // One contiguous run. Decoding makes one piece, so that nothing is copied; needs: not external.
    Bytes bytes() const {
        CHECK(external() == nullptr);
        return chain() ? chain()->flatten() : Bytes();
    }

    friend bool operator==(const Records&, const Records&) = default;

  private:
    std::variant<std::monostate, Chain, External> value_;
};

// Tagged fields that no line of the message's description knows: kept, and written back. In
// ascending order of their tags, which are those of no field that the version has.
struct UnknownTag {
    std::uint32_t tag = 0;
    Bytes bytes;

    friend bool operator==(const UnknownTag&, const UnknownTag&) = default;
};
using UnknownTags = std::vector<UnknownTag>;

// An encoded message in order: runs in memory, and places where external bytes belong.
class Gathered {
  public:
    using Piece = std::variant<Bytes, External>;
    using Pieces = boost::container::small_vector<Piece, 3>;  // of nearly all: no allocation

    void push(Bytes bytes) {
        if (bytes.empty()) return;
        size_ += bytes.size();
        pieces_.emplace_back(std::move(bytes));
    }
    void push(External external) {
        if (external.size == 0) return;
        size_ += external.size;
        pieces_.emplace_back(external);
    }

    void append(const Gathered& more) {
        size_ += more.size_;
        pieces_.insert(pieces_.end(), more.pieces_.begin(), more.pieces_.end());
    }
    // Puts a new head in place of the first bytes. Needs: that many are in memory, in one piece.
    void replace_head(Bytes head) {
        const Bytes rest = std::get<Bytes>(pieces_.front()).from(head.size());
        pieces_.front() = std::move(head);
        if (!rest.empty()) pieces_.insert(pieces_.begin() + 1, rest);
    }

    const Pieces& pieces() const { return pieces_; }
    std::size_t size() const { return size_; }  // external bytes included

    // All of it as a chain, when no piece is external.
    std::optional<Chain> chain() const {
        Chain all;
        for (const Piece& piece : pieces_) {
            if (!std::holds_alternative<Bytes>(piece)) return std::nullopt;
            all.push(std::get<Bytes>(piece));
        }
        return all;
    }

  private:
    Pieces pieces_;
    std::size_t size_ = 0;
};

}  // namespace barnabas::protocol
