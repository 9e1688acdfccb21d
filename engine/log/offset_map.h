// For each key its last offset, in bounded memory: what compaction must know of a log's dirty part
// before it can say which records are overtaken.
//
// A key is its 128-bit hash and an entry has 24 bytes, whatever the keys are. Memory is taken a
// piece at a time, as keys come: a small log costs little, and no turn pays for all of it.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/hash.h"
#include "engine/protocol/types.h"

namespace barnabas::log {

class OffsetMap {
  public:
    OffsetMap() : OffsetMap(0, 0, 0) {}
    // At most `bytes_max`, filled up to `load_millionths` of it (log.cleaner.dedupe.buffer.size and
    // .io.buffer.load.factor), and no more than `keys_max` keys need. Takes one key at least.
    OffsetMap(std::uint64_t bytes_max, std::int64_t load_millionths, std::uint64_t keys_max);

    // Keeps the later offset. False when the key is new and there is no room for it.
    bool put(const Hash128& key, Offset offset);
    std::optional<Offset> find(const Hash128& key) const;

    std::uint64_t size() const { return size_; }
    std::uint64_t keys_max() const { return keys_max_; }

    static constexpr std::uint64_t entry_bytes = 24;

    void digest(Hasher& hasher) const;

  private:
    struct Entry {
        Hash128 key;
        Offset offset{-1};  // -1: nothing stands here
    };
    static_assert(sizeof(Entry) == entry_bytes);
    static constexpr std::uint64_t piece_entries = 2048;
    using Piece = std::vector<Entry>;  // a table of its own, empty until a key comes

    std::size_t piece_of(const Hash128& key) const;

    std::vector<Piece> pieces_;
    std::uint64_t entries_each_ = 1;  // of a piece
    std::uint64_t keys_max_ = 1;
    std::uint64_t size_ = 0;
};

}  // namespace barnabas::log
