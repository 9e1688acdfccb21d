#include "engine/log/largest_time.h"

namespace barnabas::log {

LargestTime::LargestTime(Offset base, Offset end, const Files& files)
    : base_(base), end_(end), files_(files), stage_(Stage::entry) {
    if (files.time_bytes >= time_entry_bytes) return;
    is_index_right_ = files.time_bytes == 0;  // as long as no batch has a timestamp
    look_at_heads(0);
}

std::optional<Want> LargestTime::wanted() const {
    switch (stage_) {
        case Stage::entry:
            return Want{FileKind::timeindex,
                        (files_.time_bytes / time_entry_bytes - 1) * time_entry_bytes,
                        time_entry_bytes};
        case Stage::index: return index_.wanted();
        case Stage::batch:
        case Stage::heads: return batch_.wanted();
        case Stage::done: break;
    }
    return std::nullopt;
}

void LargestTime::feed(ByteView bytes) {
    if (stage_ == Stage::entry) {
        if (bytes.size() == time_entry_bytes) entry_ = load_time_entry(bytes.data(), base_);
        if (entry_.timestamp < 0 || entry_.offset < base_ || entry_.offset >= end_)
            return look_at_heads(0);
        stage_ = Stage::index;
        index_ = IndexSearch(FileKind::index, base_, files_.offset_bytes, entry_.offset.value(),
                             end_.value());
        return settle();
    }
    stage_ == Stage::index ? index_.feed(bytes) : batch_.feed(bytes);
    settle();
}

// Goes on as long as no further bytes are wanted for it.
void LargestTime::settle() {
    while (stage_ != Stage::done && !wanted()) {
        if (stage_ == Stage::index) {
            const auto& near = index_.offset_entry();
            stage_ = Stage::batch;
            batch_ = BatchSearch(near && near->position < files_.log_bytes ? near->position : 0,
                                 files_.log_bytes, entry_.offset);
            continue;
        }
        const records::BatchHeader& head = batch_.header();
        if (stage_ == Stage::batch) {
            const bool is_borne_out = batch_.is_found() && head.base_offset <= entry_.offset &&
                                      head.max_timestamp == entry_.timestamp;
            if (!is_borne_out) return look_at_heads(0);
            largest_ = entry_;
            is_index_right_ = files_.time_bytes % time_entry_bytes == 0;
            return look_at_heads(batch_.position());
        }
        is_broken_ = batch_.is_broken();
        if (!batch_.is_found()) {
            stage_ = Stage::done;
            return;
        }
        largest_ = {head.max_timestamp, head.last_offset()};
        is_index_right_ = false;
        look_at_heads(batch_.position());
    }
}

// For the next one with a larger timestamp.
void LargestTime::look_at_heads(std::uint32_t position) {
    stage_ = Stage::heads;
    if (largest_.timestamp == INT64_MAX) {
        stage_ = Stage::done;
        return;
    }
    batch_ = BatchSearch(position, files_.log_bytes, base_, largest_.timestamp + 1);
    settle();
}

}  // namespace barnabas::log
