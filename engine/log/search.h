// Looking things up in the files of one segment: each search says which bytes it wants to see next
// and is fed with them, until it is done.
#pragma once

#include <optional>

#include "engine/base/hash.h"
#include "engine/log/index.h"
#include "engine/log/names.h"

namespace barnabas::log {

struct Want {
    FileKind file = FileKind::log;
    std::uint32_t position = 0;
    std::uint32_t length = 0;
};

// The last entry of an index file whose key is not above the one that is sought. The key is the
// offset in .index, or the position; the timestamp in .timeindex.
class IndexSearch {
  public:
    IndexSearch() = default;
    // `last_key`: a guess at the key of the file's last entry, which only speed depends on.
    IndexSearch(FileKind kind, Offset base, std::uint32_t file_bytes, std::int64_t key,
                std::int64_t last_key);
    // In .index, by position: `end`, where the segment's batches end, serves as last key.
    static IndexSearch by_position(Offset base, std::uint32_t file_bytes, std::uint32_t position,
                                   std::uint32_t end);

    std::optional<Want> wanted() const;
    void feed(ByteView bytes);

    // When nothing is wanted any more. Entries before all of which the key lies: nothing.
    const std::optional<OffsetEntry>& offset_entry() const { return offset_entry_; }
    const std::optional<TimeEntry>& time_entry() const { return time_entry_; }
    // And the one that follows it in .index.
    const std::optional<OffsetEntry>& next_offset_entry() const { return next_offset_entry_; }

    static constexpr std::uint32_t page_entries = 128;

    void digest(Hasher& hasher) const;

  private:
    std::uint32_t entry_bytes() const;
    std::int64_t key_at(const std::uint8_t* entry) const;
    void keep(const std::uint8_t* entry);
    void choose_page();

    FileKind kind_ = FileKind::index;
    bool is_by_position_ = false;
    Offset base_{};
    std::int64_t key_ = 0;
    // The answer is the one kept or among the entries [begin_, end_), whose keys lie between these.
    std::uint32_t begin_ = 0;
    std::uint32_t end_ = 0;
    std::int64_t key_before_ = 0;
    std::int64_t key_behind_ = 0;
    std::uint32_t page_ = 0;  // the first entry of the page that is wanted
    bool is_halving_ = false;
    std::optional<OffsetEntry> offset_entry_;
    std::optional<TimeEntry> time_entry_;
    std::optional<OffsetEntry> next_offset_entry_;
};

// The first batch from a position on that ends behind `offset` and whose largest timestamp is at
// least `timestamp`.
class BatchSearch {
  public:
    BatchSearch() = default;
    // `end`: where the file's batches end.
    BatchSearch(std::uint32_t position, std::uint32_t end, Offset offset,
                std::int64_t timestamp = INT64_MIN)
        : position_(position), end_(end), offset_(offset), timestamp_(timestamp) {}

    std::optional<Want> wanted() const;
    void feed(ByteView bytes);

    bool is_found() const { return is_found_; }
    bool is_broken() const { return is_broken_; }  // the file holds no batch where one must be
    std::uint32_t position() const { return position_; }
    const records::BatchHeader& header() const { return header_; }

    static constexpr std::uint32_t step_bytes = 4096;

    void digest(Hasher& hasher) const;

  private:
    std::uint32_t position_ = 0;
    std::uint32_t end_ = 0;
    Offset offset_{};
    std::int64_t timestamp_ = INT64_MIN;
    bool is_found_ = false;
    bool is_broken_ = false;
    records::BatchHeader header_;
};

}  // namespace barnabas::log
