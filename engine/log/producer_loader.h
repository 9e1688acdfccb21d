// Finds out at the opening of a log who its producers are: takes the newest snapshot that can be
// trusted and goes through the batches behind it. Makes the transaction indexes anew of segments
// whose other indexes were made anew. One operation is under way at a time.
//
// A snapshot is trusted where a segment begins, and at the log's end after a clean stop; anything
// else that looks like one is of a time that was cut off, and is removed. One that is damaged is
// removed with a note, and the next older one taken, or the whole log gone through. Where there is
// none at all, sealed segments hold no producer's batch: the log stores one before a segment with
// such a batch counts as recovered.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/log/producer_states.h"
#include "engine/log/segment.h"
#include "engine/runtime/whole_file.h"

namespace barnabas::log {

class ProducerLoader {
  public:
    struct Plan {
        std::string subject;  // for notes: the partition
        std::string directory;
        bool was_clean_stop = false;
        Offset log_start{};
        Offset next{};  // where the log ends
        std::int64_t expiration_ms = INT64_MAX;
        std::map<Offset, std::uint64_t> snapshots;  // those that are there, and their sizes
        // Segments that were read from end to end, and whether a producer's batch was there.
        std::map<Offset, bool> checked;
    };

    ProducerLoader() = default;
    explicit ProducerLoader(Plan plan) : plan_(std::move(plan)) {}

    // Needs: the segments as they are now, the last one being active. Updates the sizes of their
    // transaction indexes.
    void start(std::vector<Segment>& segments, Ids& ids, Turn& turn);
    void on(const event::StorageDone& done, std::vector<Segment>& segments, Ids& ids, Turn& turn);

    bool is_done() const { return stage_ == Stage::done; }
    const std::string& failure() const { return failure_; }  // empty while all is well
    StorageStatus status() const { return status_; }         // what the disk said then

    ProducerStates take_states() { return std::move(states_); }
    // Of the active segment; nothing when it has no aborted transaction.
    std::optional<TransactionIndex> take_transactions() { return std::move(transactions_); }
    std::optional<Offset> newest_snapshot() const;

    static constexpr std::uint32_t slice_bytes = 256u << 10;

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        reading_snapshot,
        opening_segment,
        reading_segment,
        opening_index,  // of the segment that was gone through, to be written anew
        writing_index,
        flushing_index,
        reading_index,  // the active one's, which is as it was
        opening_stray,
        removing_stray,
        settling,
        done,
    };
    using Segments = std::vector<Segment>;

    void choose_snapshots(const Segments& segments);
    void next_snapshot(Segments& segments, Ids& ids, Turn& turn);
    void on_snapshot(Segments& segments, Ids& ids, Turn& turn);
    void begin_replay(Offset from, Segments& segments, Ids& ids, Turn& turn);
    void next_segment(Segments& segments, Ids& ids, Turn& turn);
    void read_on(Segments& segments, Ids& ids, Turn& turn);
    void take(const Bytes& run, Segments& segments, Ids& ids, Turn& turn);
    void leave_segment(Segments& segments, Ids& ids, Turn& turn);
    void write_index(Segments& segments, Ids& ids, Turn& turn);
    void read_active_index(Segments& segments, Ids& ids, Turn& turn);
    void on_active_index(Segments& segments, Ids& ids, Turn& turn);
    void next_stray(Ids& ids, Turn& turn);
    void open(Stage stage, const std::string& name, OpenMode mode, Ids& ids, Turn& turn);
    bool is_to_be_indexed(const Segment& segment) const {
        return plan_.checked.contains(segment.base);
    }
    Offset end_of(const Segments& segments, std::size_t at) const;
    void fail(std::string what, StorageStatus status);
    void tell(std::string text, Turn& turn) const;

    Plan plan_;
    Token token_;  // of the operation that is under way
    Stage stage_ = Stage::done;
    std::string failure_;
    StorageStatus status_ = StorageStatus::ok;
    ReadFile snapshot_file_;
    FileId file_;
    bool has_snapshots_ = false;      // there were some, whatever they are worth
    Offset limit_{};                  // the first segment that may be gone through begins here
    std::vector<Offset> candidates_;  // snapshots to try, newest last
    std::vector<Offset> strays_;      // snapshots to remove

    ProducerStates states_;
    std::optional<TransactionIndex> transactions_;
    Offset replay_from_{};
    std::size_t at_ = 0;  // the segment that is gone through
    std::uint32_t position_ = 0;
    std::uint32_t bytes_wanted_ = slice_bytes;
    std::uint32_t bytes_asked_ = 0;
    std::vector<AbortedTransaction> aborted_;  // in it
    bool has_changed_names_ = false;
};

}  // namespace barnabas::log
