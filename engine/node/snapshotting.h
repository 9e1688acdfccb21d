// When the committed image is written down as a snapshot of the metadata log, and the writing of
// it, a slice of records at a time.
//
// One is due when so many bytes of records were committed since the last one, or so much time has
// passed and there is something new. Between slices the image goes on: the snapshot holds a copy,
// which shares what does not change.
#pragma once

#include <optional>

#include "engine/base/hash.h"
#include "engine/metadata/dump.h"
#include "engine/quorum/metadata_log.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::node {

class Snapshotting {
  public:
    explicit Snapshotting(const settings::BrokerSettings& settings);

    // The batch is in the image.
    void on_committed(const quorum::Committed& batch);
    void on_interval() { is_interval_over_ = true; }
    // Begins one when it is due and `image` is what the batches so far made; goes on with one that
    // wants records. To be called after whatever moves the metadata log.
    void advance(const metadata::Image& image, bool may_begin, quorum::MetadataLog& log,
                 Turn& turn);

    // One could not be written: it begins anew after try_again(), to be called every so often.
    bool waits_for_room() const { return is_refused_; }
    void try_again() { is_refused_ = false; }

    // Nothing when no time makes one due.
    std::optional<Duration> interval() const { return interval_; }

    static constexpr std::size_t slice_records = 1000;

    void digest(Hasher& hasher) const;

  private:
    bool is_due() const {
        return bytes_ >= bytes_between_ || (is_interval_over_ && bytes_ > 0);
    }
    void begin(const metadata::Image& image, quorum::MetadataLog& log, Turn& turn);
    void on_ended(const quorum::MetadataLog& log);

    std::uint64_t bytes_between_;
    std::optional<Duration> interval_;
    std::uint64_t bytes_ = 0;  // committed since the last one began
    bool is_interval_over_ = false;
    quorum::SnapshotId reached_{Offset(0), LeaderEpoch(0)};
    std::int64_t timestamp_ = records::no_timestamp;  // of the last record
    struct Begun {
        quorum::SnapshotId id;
        std::uint64_t bytes = 0;
        std::int16_t level = 0;  // the metadata.version of the image
    };
    std::optional<Begun> begun_;               // until it is written, or is not
    std::optional<Cow<metadata::Dump>> dump_;  // until all its records are given
    bool is_refused_ = false;
};

}  // namespace barnabas::node
