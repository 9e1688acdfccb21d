// Reads a snapshot file, a run of bytes at a time: a header, batches of records, a footer, and
// nothing behind it.
#pragma once

#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/quorum/batches.h"

namespace barnabas::quorum {

class SnapshotScan {
  public:
    SnapshotScan() = default;
    explicit SnapshotScan(std::uint64_t file_size) : file_size_(file_size) {}

    // Takes the bytes that stand at position(): as many whole batches as they hold.
    void feed(const Bytes& bytes);

    // Read to its end and good, or not good: then why() says it.
    bool is_done() const {
        return !why_.empty() || (control_.has_footer && position_ == file_size_);
    }
    const std::string& why() const { return why_; }
    std::uint64_t position() const { return position_; }
    // How much to read there. Needs: !is_done().
    std::uint32_t bytes_wanted() const { return bytes_wanted_; }

    const ControlState& control() const { return control_; }
    // The batches since the last call.
    std::vector<Committed> take() { return std::exchange(batches_, {}); }

    static constexpr std::uint32_t slice_bytes = 1u << 20;

    void digest(Hasher& hasher) const;

  private:

    std::uint64_t file_size_ = 0;
    std::uint64_t position_ = 0;
    std::uint32_t bytes_wanted_ = slice_bytes;
    std::string why_;
    ControlState control_;
    std::vector<Committed> batches_;
};

// A whole file at once.
SnapshotScan scan_snapshot(const Bytes& file);

}  // namespace barnabas::quorum
