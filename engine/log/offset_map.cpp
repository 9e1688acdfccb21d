#include "engine/log/offset_map.h"

#include <algorithm>

namespace barnabas::log {

namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

OffsetMap::OffsetMap(std::uint64_t bytes_max, std::int64_t load_millionths,
                     std::uint64_t keys_max) {
    // Twice the room that its keys need: probing is short as long as memory allows.
    const std::uint64_t entries =
        std::max<std::uint64_t>(1, std::min(bytes_max / entry_bytes, keys_max * 2));
    entries_each_ = std::min(entries, piece_entries);
    pieces_.resize(entries / entries_each_);
    const Wide filled = Wide(pieces_.size() * entries_each_) *
                        static_cast<std::uint64_t>(std::clamp<std::int64_t>(load_millionths, 0,
                                                                            1'000'000)) /
                        1'000'000;
    keys_max_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(filled));
}

std::size_t OffsetMap::piece_of(const Hash128& key) const {
    return static_cast<std::size_t>((Wide(key.high) * pieces_.size()) >> 64);
}

bool OffsetMap::put(const Hash128& key, Offset offset) {
    Piece& piece = pieces_[piece_of(key)];
    if (piece.empty()) piece.resize(entries_each_);
    std::uint64_t at = key.low % entries_each_;
    for (std::uint64_t tried = 0; tried < entries_each_; ++tried) {
        Entry& entry = piece[at];
        if (entry.offset < Offset(0)) {
            if (size_ == keys_max_) return false;
            entry = {key, offset};
            ++size_;
            return true;
        }
        if (entry.key == key) {
            entry.offset = std::max(entry.offset, offset);
            return true;
        }
        if (++at == entries_each_) at = 0;
    }
    return false;
}

std::optional<Offset> OffsetMap::find(const Hash128& key) const {
    const Piece& piece = pieces_[piece_of(key)];
    std::uint64_t at = key.low % entries_each_;
    for (std::uint64_t tried = 0; tried < piece.size(); ++tried) {
        const Entry& entry = piece[at];
        if (entry.offset < Offset(0)) return std::nullopt;
        if (entry.key == key) return entry.offset;
        if (++at == entries_each_) at = 0;
    }
    return std::nullopt;
}

}  // namespace barnabas::log
