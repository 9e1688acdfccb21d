#include "engine/log/search.h"

#include <algorithm>

namespace barnabas::log {

IndexSearch::IndexSearch(FileKind kind, Offset base, std::uint32_t file_bytes, std::int64_t key,
                         std::int64_t last_key)
    : kind_(kind), base_(base), key_(key), key_behind_(last_key) {
    end_ = file_bytes / entry_bytes();
    key_before_ = kind == FileKind::index ? base.value() : key;
    choose_page();
}

IndexSearch IndexSearch::by_position(Offset base, std::uint32_t file_bytes, std::uint32_t position,
                                     std::uint32_t end) {
    IndexSearch search;
    search.is_by_position_ = true;
    search.base_ = base;
    search.key_ = position;
    search.key_behind_ = end;
    search.end_ = file_bytes / offset_entry_bytes;
    search.choose_page();
    return search;
}

std::uint32_t IndexSearch::entry_bytes() const {
    return kind_ == FileKind::index ? offset_entry_bytes : time_entry_bytes;
}

std::int64_t IndexSearch::key_at(const std::uint8_t* entry) const {
    if (kind_ != FileKind::index) return load_time_entry(entry, base_).timestamp;
    const OffsetEntry of = load_offset_entry(entry, base_);
    return is_by_position_ ? of.position : of.last.value();
}

void IndexSearch::keep(const std::uint8_t* entry) {
    if (kind_ == FileKind::index)
        offset_entry_ = load_offset_entry(entry, base_);
    else
        time_entry_ = load_time_entry(entry, base_);
}

// Keys grow nearly evenly: guess, and halve every other time in case they do not.
void IndexSearch::choose_page() {
    const std::uint32_t entries = end_ - begin_;
    std::uint64_t guess = entries / 2;
    if (!is_halving_ && key_before_ < key_ && key_ < key_behind_) {
        __extension__ using Wide = unsigned __int128;
        const auto part = static_cast<std::uint64_t>(key_ - key_before_);
        const auto whole = static_cast<std::uint64_t>(key_behind_ - key_before_);
        guess = static_cast<std::uint64_t>(Wide(part) * entries / whole);
    }
    is_halving_ = !is_halving_;
    const std::uint64_t first = guess > page_entries / 2 ? guess - page_entries / 2 : 0;
    page_ = begin_ + static_cast<std::uint32_t>(
                         std::min<std::uint64_t>(first, entries - std::min(entries, page_entries)));
}

std::optional<Want> IndexSearch::wanted() const {
    if (begin_ == end_) return std::nullopt;
    return Want{kind_, page_ * entry_bytes(), std::min(page_entries, end_ - page_) * entry_bytes()};
}

void IndexSearch::feed(ByteView bytes) {
    const auto count = static_cast<std::uint32_t>(bytes.size()) / entry_bytes();
    if (count == 0) {  // the file is shorter than it was: what is left of it counts
        end_ = page_;
        begin_ = std::min(begin_, end_);
        return choose_page();
    }
    const auto entry = [&](std::uint32_t at) { return bytes.data() + at * entry_bytes(); };
    std::uint32_t below = 0;  // how many of the page are not above the key
    std::uint32_t above = count;
    while (below < above) {
        const std::uint32_t middle = below + (above - below) / 2;
        if (key_at(entry(middle)) <= key_)
            below = middle + 1;
        else
            above = middle;
    }
    if (below > 0) {
        keep(entry(below - 1));
        begin_ = page_ + below;
        key_before_ = key_at(entry(below - 1));
    }
    if (below < count) {
        end_ = page_ + below;
        key_behind_ = key_at(entry(below));
        if (kind_ == FileKind::index) next_offset_entry_ = load_offset_entry(entry(below), base_);
    }
    choose_page();
}

std::optional<Want> BatchSearch::wanted() const {
    if (is_found_ || is_broken_ || position_ >= end_) return std::nullopt;
    return Want{FileKind::log, position_, std::min(step_bytes, end_ - position_)};
}

void BatchSearch::feed(ByteView bytes) {
    const std::uint32_t begin = position_;
    while (position_ < end_) {
        const std::uint32_t used = position_ - begin;
        if (used >= bytes.size()) {
            is_broken_ = bytes.empty();
            return;
        }
        const auto header = records::BatchHeader::parse(bytes.subspan(used));
        if (!header) {
            is_broken_ = used == 0;  // else the next step begins with this head
            return;
        }
        if (!header->is_plausible() || header->size() > end_ - position_) {
            is_broken_ = true;
            return;
        }
        if (header->next_offset() > offset_ && header->max_timestamp >= timestamp_) {
            is_found_ = true;
            header_ = *header;
            return;
        }
        position_ += static_cast<std::uint32_t>(header->size());
    }
}

}  // namespace barnabas::log
