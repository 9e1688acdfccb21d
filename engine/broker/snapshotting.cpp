#include "engine/broker/snapshotting.h"

#include <algorithm>

namespace barnabas::broker {

Snapshotting::Snapshotting(const settings::BrokerSettings& settings)
    : bytes_between_(static_cast<std::uint64_t>(
          settings.number("metadata.log.max.record.bytes.between.snapshots"))) {
    const std::int64_t interval = settings.number("metadata.log.max.snapshot.interval.ms");
    if (interval > 0) interval_ = std::chrono::milliseconds(interval);
}

void Snapshotting::on_committed(const quorum::Committed& batch) {
    timestamp_ = std::max(timestamp_, batch.timestamp);
    if (batch.is_of_snapshot) return;
    reached_ = {batch.next_offset, batch.epoch};
    bytes_ += batch.size;
}

void Snapshotting::advance(const metadata::Image& image, bool may_begin, quorum::Quorum& quorum,
                           Turn& turn) {
    if (!dump_ && may_begin && is_due() && !quorum.is_snapshotting()) {
        bytes_ = 0;
        is_interval_over_ = false;
        if (quorum.begin_snapshot(reached_, timestamp_, turn)) {
            dump_.emplace(metadata::Dump(image));
        }
    }
    if (!dump_) return;
    if (!quorum.is_snapshotting()) return dump_.reset();  // it came to nothing: the disk
    if (!quorum.snapshot_wants_records()) return;
    std::vector<Bytes> values;
    for (const metadata::Record& record : dump_->edit().next(slice_records)) {
        values.push_back(metadata::encode(record));
    }
    if (!values.empty()) return quorum.add_to_snapshot(values, turn);
    dump_.reset();
    quorum.finish_snapshot(turn);
}

}  // namespace barnabas::broker
