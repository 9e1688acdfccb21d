// What of a log survives power loss, and when that is asked for: by its owner, by flush.messages
// and by flush.ms. After a failed flush nobody knows what is stored: the log fails.
#pragma once

#include <algorithm>
#include <map>

#include "engine/base/cow.h"
#include "engine/log/config.h"
#include "engine/log/segment.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas::log {

struct LogParts;

class Flusher {
  public:
    // Needs: the log's segments are loaded. What they know to be flushed counts.
    void begin(const LogParts& log, const Turn& turn);

    // Asks that all appended so far survives power loss; end() tells when it does.
    void flush(LogParts& log, Turn& turn);
    // When flush.messages wants it. One at a time, for all that was appended while the last one was
    // under way.
    void flush_if_due(LogParts& log, Turn& turn);
    void flush_if_old(LogParts& log, Turn& turn);  // when flush.ms does
    void flush_segment(Segment& segment, Offset upto, LogParts& log, Turn& turn);
    // Covers the names of the segments that were made by now.
    void flush_directory(LogParts& log, Turn& turn);
    void set_config(Cow<LogConfig> config, LogParts& log, Turn& turn);

    Offset end() const { return end_; }        // all below survives power loss
    Offset wanted() const { return wanted_; }  // and all below was asked to
    // The written end, unless flush.messages wants more of it flushed first. Never falls while the
    // log is open.
    Offset acknowledged_end(const LogParts& log) const;
    bool is_flushing() const { return !flushes_.empty() || !directory_flushes_.empty(); }

    // The segments know more to be flushed.
    void move_end(const LogParts& log);
    // The log begins at `start` now.
    void raise_start(Offset start) { end_ = std::max(end_, start); }
    // The batches from `end` on were never stored.
    void cut_back(Offset end);
    // What was asked for the segment is void: it goes.
    void forget(Offset segment);

    void on_data_flushed(const event::StorageDone& done, LogParts& log, Turn& turn);
    void on_directory_flushed(const event::StorageDone& done, LogParts& log, Turn& turn);

    void digest(Hasher& hasher) const;

  private:
    struct UnderWay {
        Offset segment;
        Offset upto;
    };

    Offset end_{};
    Offset wanted_{};
    Instant asked_at_{};
    // What was acknowledged before flush.messages changed stays so: its producer was promised that.
    Offset acknowledged_before_{};
    std::map<Token, UnderWay> flushes_;
    std::map<Token, Offset> directory_flushes_;  // up to which segment the names are covered
};

}  // namespace barnabas::log
