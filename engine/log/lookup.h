// A question about a log that needs a look into its files: where records from an offset on stand,
// or which offset has a timestamp. One read is under way at a time.
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log/batch_work.h"
#include "engine/log/largest_time.h"
#include "engine/log/segment.h"
#include "engine/log/transaction_index.h"

namespace barnabas::log {

using LookupId = Id<struct LookupTag, std::uint64_t>;
constexpr LookupId own_lookup{UINT64_MAX};  // the log's own question: nobody else waits for it

// A run of a .log: whole batches from the first byte on; the last one may be cut off.
struct FileRange {
    FileId file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;  // 0: there is nothing to read yet
    Offset below{};            // its whole batches lie below; there may be fewer than that
    std::uint32_t first_length = 0;  // of its first batch
    friend bool operator==(const FileRange&, const FileRange&) = default;
};
struct Pending {};     // the answer comes with take_found()
struct OutOfRange {};  // the log has no such offset (any more)
struct Void {};        // what was asked about is being cut off: to be asked again
struct TimestampOffset {
    std::int64_t timestamp = records::no_timestamp;  // -1, -1: no record is that late
    Offset offset{-1};
    LeaderEpoch epoch = no_leader_epoch;
    friend bool operator==(const TimestampOffset&, const TimestampOffset&) = default;
};
struct Unreadable {  // the disk or the file failed; the log says so in a note
    bool is_record_too_large = false;  // or one unpacks to more than max.decompressed.message.bytes
};

struct Found {
    LookupId id;
    std::variant<FileRange, TimestampOffset, std::vector<AbortedTransaction>, OutOfRange, Void,
                 Unreadable>
        what;
};

// What a lookup may know of the log at this moment.
struct LookupView {
    std::vector<Segment>& segments;  // a lookup adds what it learns of sealed ones
    const SegmentIndex& active_index;
    const std::map<Offset, Sealing>& sealing;
    const RecentBatches& recent;
    const Ids& ids;
    Offset log_start;
    Offset written_end;
    std::int32_t record_bytes_max;

    // The index of a segment whose entries are not all in its files; else nothing.
    const SegmentIndex* index_of(Offset base) const;
    // Needs: it is known.
    TimeEntry largest_of(const Segment& segment) const;
};

class Lookup {
  public:
    // With `is_below_close`, FileRange::below is not far behind what `bytes_max` leaves of it.
    static Lookup of_range(LookupId id, Offset from, Offset below, std::uint32_t bytes_max,
                           bool is_below_close);
    // The first record at or behind `timestamp`.
    static Lookup of_time(LookupId id, std::int64_t timestamp);
    static Lookup of_largest_time(LookupId id);

    // Begins, or begins anew when the log was cut while a read was under way.
    void start(const LookupView& view);
    // The segment that it works on, whose files must be open before the read that it wants.
    Offset segment() const { return segment_; }
    // Its files are others now: what comes of the read under way counts for nothing.
    void forget_segment() { segment_ = Offset(-1); }
    LookupId id() const { return id_; }
    std::optional<Want> wanted() const;
    void feed(const Bytes& bytes, const LookupView& view);
    // Instead of bytes: work on a batch that is too much for a turn.
    bool wants_work() const { return !found_ && stage_ == Stage::work; }
    effect::Compute work(Token job, const LookupView& view) const;
    void feed_work(const Bytes& result, const LookupView& view);
    // Set when nothing is wanted any more.
    const std::optional<Found>& found() const { return found_; }
    // Since the last call, a segment was found whose .timeindex does not say what its batches do.
    std::optional<Offset> take_wrong_index() { return std::exchange(wrong_index_, std::nullopt); }

    void digest(Hasher& hasher) const;

  private:
    enum class Aim : std::uint8_t { range, time, largest_time };
    enum class Stage : std::uint8_t {
        largest,      // timestamp of a segment
        time_index,   // from a timestamp to an offset near it
        index,        // from an offset to a position near it
        batch,        // from there to the batch
        below_index,  // the same for the end of a range
        below_batch,
        bound,    // from the end of a range that `bytes_max` cut off to an offset behind it
        records,  // the record within the batch
        work,     // the same, as a job for another thread
    };

    static Segment& row(Offset base, const LookupView& view);
    void begin_largest(const Segment& segment, const LookupView& view);
    void on_largest(const LookupView& view);
    bool is_active(const LookupView& view) const { return segment_ == view.segments.back().base; }
    Offset segment_end(const LookupView& view) const;
    void consider_times(const LookupView& view);
    void seek_time(const LookupView& view);
    void seek_offset(Offset offset, Stage stage, const LookupView& view);
    void settle(const LookupView& view);
    void on_time_index_done(const std::optional<TimeEntry>& entry, const LookupView& view);
    void on_index_done(const std::optional<OffsetEntry>& entry, const LookupView& view);
    void on_batch_done(const LookupView& view);
    void on_range_begin(const LookupView& view);
    void finish_range(std::uint32_t end, const LookupView& view);
    void seek_bound(const LookupView& view);
    void on_bound_found(std::optional<OffsetEntry> entry, const LookupView& view);
    void answer_range(Offset end, const LookupView& view);
    TimeQuery time_query(const LookupView& view) const;
    void find_record(const Bytes& bytes, const LookupView& view);
    void on_record(const TimeAnswer& answered, const LookupView& view);
    void answer(decltype(Found::what) what) { found_ = Found{id_, std::move(what)}; }

    LookupId id_;
    Aim aim_ = Aim::range;
    Offset from_{};
    Offset below_{};
    std::uint32_t bytes_max_ = 0;
    bool is_below_close_ = false;
    std::int64_t timestamp_ = 0;

    Stage stage_ = Stage::index;
    Offset segment_{};
    Offset sought_{};  // what index_ and batch_ are after
    LargestTime largest_;
    std::optional<Offset> wrong_index_;
    IndexSearch index_;
    BatchSearch batch_;
    std::uint32_t range_position_ = 0;
    std::uint32_t range_length_ = 0;
    std::uint32_t first_batch_bytes_ = 0;
    bool is_index_doubted_ = false;
    Bytes batch_bytes_;        // to be worked on
    bool is_work_heavy_ = false;
    std::optional<Found> found_;
};

}  // namespace barnabas::log
