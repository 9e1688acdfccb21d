// Compaction of one log, a slice at a time: goes over the dirty part and notes the last offset of
// each key, then over the whole and writes what is left of each group of segments into one new
// segment, NNN.log.cleaned beside its indexes. Knows files and offsets only: whoever owns the log
// takes each segment when it is stored, swaps it in, and says so.
//
// A batch with too much in it for a turn is looked at elsewhere (effect::Compute): its keys come
// back, are looked up some at a time, and go out again as what is to be kept.
//
// A slice is one read and what it costs, and at most one write. After each the job stands still
// until advance(): so its owner decides how fast it goes, and nobody waits for it.
//
// Every batch that is read is checked against its CRC. Nothing is changed in the log's own files: a
// job that cannot go on leaves the log as it was.
#pragma once

#include <map>

#include "engine/base/hash.h"
#include "engine/log/cleaning_filter.h"
#include "engine/log/config.h"
#include "engine/log/segment.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

// What is left of a group of segments.
struct CleanedSegment {
    Segment segment;  // its files are open, and end in .cleaned
    Offset next{};    // it stands for all segments from its base up to here
    bool has_transactions = false;  // a .txnindex.cleaned is there too
};

class Cleaner {
  public:
    struct Source {  // a sealed segment, flushed
        Offset base;
        std::uint32_t size = 0;  // of each file
        std::uint32_t offset_bytes = 0;
        std::uint32_t time_bytes = 0;
    };
    struct Plan {
        std::string directory;
        std::vector<Source> sources;  // all of the log up to `rules.end`, in order, at least one
        Offset first_dirty{};
        CleaningRules rules;  // map_end is found out
        LogConfig config;
        std::uint64_t map_bytes_max = 128u << 20;
        std::int64_t map_load_millionths = 900'000;
    };
    enum class Trouble : std::uint8_t {
        none,
        no_space,  // worth another try later
        stopped,   // the log is being closed
        corrupt,   // a batch is damaged: this log cannot be cleaned
        storage,   // the disk failed
    };

    // Slots for the files that it reads and for those that it writes.
    Cleaner(Plan plan, std::uint32_t reading_slot, std::uint32_t writing_slot);

    // Begins, when it is known which transactions were aborted of those with records below
    // `rules.end`. Their markers may stand behind it.
    void learn(const std::vector<AbortedTransaction>& aborted);

    // Needs: is_waiting().
    void advance(Ids& ids, Turn& turn);
    // Needs: Purpose::clean. Answers to others are ignored.
    void on(const event::StorageDone& done, Ids& ids, Turn& turn);
    void on(const event::Computed& done, Ids& ids, Turn& turn);

    bool is_waiting() const { return is_waiting_; }
    // Bytes read and written since the last call: what a throttle counts.
    std::uint64_t take_moved() { return std::exchange(moved_, 0); }

    // A segment waits to be swapped in. The job goes on when the next slot is given.
    bool has_segment() const { return stage_ == Stage::swapping; }
    const CleanedSegment& segment() const { return cleaned_; }
    void go_on(std::uint32_t writing_slot);

    // Lets go of its files and takes back what it wrote; ends in has_failed().
    void give_up(Trouble trouble, std::string why, Ids& ids, Turn& turn);
    StorageStatus status() const { return status_; }  // of the disk, when that is the trouble

    bool is_done() const { return stage_ == Stage::done; }
    bool has_failed() const { return stage_ == Stage::failed; }
    Trouble trouble() const { return trouble_; }
    const std::string& failure() const { return failure_; }
    // When it is done: all below was cleaned.
    Offset cleaned_end() const { return plan_.rules.map_end; }
    const CleaningFilter& filter() const { return filter_; }
    std::uint64_t bytes_before() const { return bytes_before_; }
    std::uint64_t bytes_after() const { return bytes_after_; }
    bool uses(std::uint32_t slot) const { return slot == reading_slot_ || slot == writing_slot_; }

    // How much a slice reads, unless a batch is larger; how much of records it unpacks, and how
    // many keys it looks up of a batch that was looked at elsewhere.
    static constexpr std::uint32_t slice_bytes = 256u << 10;
    static constexpr std::uint64_t unpacked_bytes = 256u << 10;
    static constexpr std::size_t slice_keys = 8192;
    // How much is written between flushes: nobody else's waits long behind one.
    static constexpr std::uint32_t flushed_bytes = 4u << 20;

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        learning,  // the owner's part
        mapping,
        filtering,
        storing,   // the indexes of what was written, and all of it to the disk
        swapping,  // the owner's part
        giving_up,
        done,
        failed,
    };
    enum class Part : std::uint8_t { open, read, write, store, compute };
    // A batch that is looked at elsewhere.
    struct Away {
        records::Batch batch;
        KeyList keys = {};
        std::size_t at = 0;  // the next of them
        std::vector<std::uint32_t> overtaken = {};
        bool is_kept_asked = false;
    };

    const Source& source() const { return plan_.sources[at_]; }
    Offset end_of_source() const;
    std::string path(Offset base, FileKind kind, std::string_view suffix = {}) const;
    FileId reading(FileKind kind, const Ids& ids) const { return ids.file(reading_slot_, kind); }
    FileId writing(FileKind kind, const Ids& ids) const { return ids.file(writing_slot_, kind); }
    Token ask(Part part, Ids& ids);

    void open_source(Ids& ids, Turn& turn);
    void read_on(Ids& ids, Turn& turn);
    void on_read(const Bytes& bytes, Ids& ids, Turn& turn);
    void flush_log(Part part, Ids& ids, Turn& turn);
    bool take_batches(const Bytes& bytes, Chain& out, Ids& ids, Turn& turn);
    std::optional<Result<bool, std::string>> map_batch(const records::Batch& batch);
    std::optional<Result<Bytes, std::string>> filter_batch(const records::Batch& batch);
    Result<void, std::string> take_left(const Bytes& left);
    void write_out(Chain out, Ids& ids, Turn& turn);
    void give_up_corrupt(const std::string& why, Ids& ids, Turn& turn);
    void go_on_away(Ids& ids, Turn& turn);
    void look_up_keys();
    void on_kept(const Kept& kept, Ids& ids, Turn& turn);
    void on_slice_done(Ids& ids, Turn& turn);
    void leave_source(Ids& ids, Turn& turn);
    void begin_filtering();
    void begin_group(Ids& ids, Turn& turn);
    void store_group(Ids& ids, Turn& turn);
    void finish_group();

    Plan plan_;
    std::uint32_t reading_slot_ = 0;
    std::uint32_t writing_slot_ = 0;
    Stage stage_ = Stage::learning;
    Trouble trouble_ = Trouble::none;
    StorageStatus status_ = StorageStatus::ok;
    std::string failure_;
    std::map<Token, Part> under_way_;
    bool is_waiting_ = false;
    std::uint64_t moved_ = 0;

    AbortedTransactions aborted_;
    OffsetMap map_;
    bool is_map_full_ = false;
    CleaningFilter filter_;

    std::optional<Away> away_;

    std::size_t at_ = 0;  // the source that is read
    bool is_source_open_ = false;
    std::uint32_t position_ = 0;  // in it, behind the last batch
    std::uint32_t bytes_wanted_ = slice_bytes;
    std::uint64_t unpacked_ = 0;  // in this slice
    Offset next_{};  // no batch begins below

    Offset sources_end_{};  // of the last source
    std::size_t group_begin_ = 0;
    std::size_t group_end_ = 0;  // behind the last source of the group
    bool is_group_open_ = false;
    bool has_open_transactions_file_ = false;
    std::uint32_t written_ = 0;
    std::uint32_t flushed_ = 0;  // of that, or asked to be
    SegmentIndex index_;
    std::vector<std::uint8_t> group_aborted_;  // the entries of its .txnindex
    CleanedSegment cleaned_;
    std::uint64_t bytes_before_ = 0;
    std::uint64_t bytes_after_ = 0;
};

// How many of the sources from `first` on fit into one new segment: within segment.bytes, its
// indexes within segment.index.bytes, its offsets within 2^31. At least one.
std::size_t group_end(const std::vector<Cleaner::Source>& sources, std::size_t first, Offset end,
                      const LogConfig& config);

}  // namespace barnabas::log
