#include "engine/node/snapshotting.h"

#include <algorithm>

#include "engine/base/wait.h"

namespace barnabas::node {

Snapshotting::Snapshotting(const settings::BrokerSettings& settings)
    : bytes_between_(static_cast<std::uint64_t>(
          settings.number("metadata.log.max.record.bytes.between.snapshots"))) {
    const std::int64_t interval = settings.number("metadata.log.max.snapshot.interval.ms");
    if (interval > 0) interval_ = wait_of(interval);
}

void Snapshotting::on_committed(const quorum::Committed& batch) {
    timestamp_ = std::max(timestamp_, batch.timestamp);
    if (batch.is_of_snapshot) return;
    reached_ = {batch.next_offset, batch.epoch};
    bytes_ += batch.size;
}

void Snapshotting::begin(const metadata::Image& image, quorum::MetadataLog& log, Turn& turn) {
    const std::uint64_t bytes = std::exchange(bytes_, 0);
    is_interval_over_ = false;
    if (!log.begin_snapshot(reached_, timestamp_, turn)) return;
    begun_ = {reached_, bytes, image.record_level()};
    dump_.emplace(metadata::Dump(image));
}

// One that came to nothing, for the disk's sake, is due again.
void Snapshotting::on_ended(const quorum::MetadataLog& log) {
    const bool is_written =
        !log.snapshots().empty() && log.snapshots().back().id == begun_->id;
    if (!is_written) {
        bytes_ += begun_->bytes;
        is_interval_over_ = is_refused_ = true;
    }
    begun_.reset();
    dump_.reset();
}

void Snapshotting::advance(const metadata::Image& image, bool may_begin, quorum::MetadataLog& log,
                           Turn& turn) {
    if (begun_ && !log.is_snapshotting()) on_ended(log);
    if (!begun_ && may_begin && is_due() && !is_refused_) begin(image, log, turn);
    if (!dump_ || !log.snapshot_wants_records()) return;
    std::vector<Bytes> values;
    for (bool is_all = false; values.empty() && !is_all;) {
        std::vector<metadata::Record> records = dump_->edit().next(slice_records);
        is_all = records.empty();
        for (metadata::Record& record : records) {
            const auto one = metadata::as_of(std::move(record), begun_->level);
            if (one) values.push_back(metadata::encode(*one, begun_->level));
        }
    }
    if (!values.empty()) return log.add_to_snapshot(values, turn);
    dump_.reset();
    log.finish_snapshot(turn);
}

}  // namespace barnabas::node
