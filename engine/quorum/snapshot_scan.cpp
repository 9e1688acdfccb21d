#include "engine/quorum/snapshot_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::quorum {

void SnapshotScan::feed(const Bytes& bytes) {
    records::BatchReader reader(bytes);
    std::size_t taken = 0;
    while (const auto batch = reader.next()) {
        if (control_.has_footer) {
            why_ = "goes on behind its footer";
            return;
        }
        auto read = read_batch(*batch, control_);
        if (!read) {
            why_ = std::move(read.error());
            return;
        }
        if (!control_.has_header) {
            why_ = "does not begin with a snapshot header";
            return;
        }
        if (*read) {
            (*read)->is_of_snapshot = true;
            batches_.push_back(**std::move(read));
        }
        taken = reader.position();
    }
    position_ += taken;
    if (reader.ending() == records::BatchReader::Ending::implausible) {
        why_ = fmt::format("holds no batch at byte {}", position_);
    } else if (position_ == file_size_) {
        if (!control_.has_footer) why_ = "ends without a snapshot footer";
    } else if (taken == 0) {
        // A batch larger than a slice: as much as its head asks for, within the file.
        const auto header = records::BatchHeader::parse(bytes.view());
        const std::uint64_t wanted = header ? header->size() : bytes_wanted_;
        if (bytes.size() >= wanted || position_ + wanted > file_size_) {
            why_ = "ends inside a batch";
        } else {
            bytes_wanted_ = static_cast<std::uint32_t>(wanted);
        }
    } else {
        bytes_wanted_ = slice_bytes;
    }
}

SnapshotScan scan_snapshot(const Bytes& file) {
    SnapshotScan scan(file.size());
    scan.feed(file);
    return scan;
}

}  // namespace barnabas::quorum
