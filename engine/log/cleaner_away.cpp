// Cleaner: a batch with too much in it for a turn.
#include "engine/log/cleaner.h"

namespace barnabas::log {

void Cleaner::on(const event::Computed& done, Ids& ids, Turn& turn) {
    if (under_way_.erase(done.job) == 0) return;  // nobody waits for it any more
    CHECK(away_);
    if (away_->is_kept_asked) return on_kept(read_kept(done.result, away_->batch.bytes), ids, turn);
    away_->keys = read_keys(done.result);
    away_->at = 0;
    if (away_->keys.trouble != BatchTrouble::none)
        return give_up_corrupt(words_for(away_->keys.trouble), ids, turn);
    is_waiting_ = true;
}

// One slice: some of the keys that have come, or the question for more of them, or, when all were
// looked up, what the stage makes of the batch.
void Cleaner::go_on_away(Ids& ids, Turn& turn) {
    const bool has_keys = away_->at < away_->keys.size();
    const records::Batch& batch = away_->batch;
    if (has_keys) {
        look_up_keys();
        return on_slice_done(ids, turn);
    }
    if (away_->keys.next < batch.header.record_count) {
        const Offset from = stage_ == Stage::mapping ? plan_.first_dirty : batch.header.base_offset;
        turn.ask(list_keys_job(ask(Part::compute, ids), batch.bytes, from, away_->keys.next,
                               plan_.rules.record_bytes_max));
    } else if (stage_ == Stage::mapping) {
        plan_.rules.map_end = batch.header.next_offset();
        away_.reset();
        on_slice_done(ids, turn);
    } else {
        away_->is_kept_asked = true;
        turn.ask(keep_records_job(ask(Part::compute, ids), batch.bytes, filter_.keeping(),
                                  away_->overtaken));
    }
}

void Cleaner::look_up_keys() {
    const KeyList& keys = away_->keys;
    const std::size_t stop = std::min(keys.size(), away_->at + slice_keys);
    for (; away_->at < stop; ++away_->at) {
        const Offset offset = keys.offset(away_->at);
        if (stage_ == Stage::filtering) {
            const auto latest = map_.find(keys.key(away_->at));
            if (latest && offset < *latest)
                away_->overtaken.push_back(
                    static_cast<std::uint32_t>(offset - away_->batch.header.base_offset));
        } else if (!map_.put(keys.key(away_->at), offset)) {
            plan_.rules.map_end = std::max(plan_.rules.map_end, offset);
            is_map_full_ = true;
            position_ = source().size;
            return away_.reset();
        }
    }
}

void Cleaner::on_kept(const Kept& kept, Ids& ids, Turn& turn) {
    const Away away = *std::exchange(away_, std::nullopt);
    const auto left = filter_.settle(away.batch, kept);
    if (!left) return give_up_corrupt(left.error(), ids, turn);
    if (const auto taken = take_left(*left); !taken)
        return give_up_corrupt(taken.error(), ids, turn);
    write_out(Chain(*left), ids, turn);
}

}  // namespace barnabas::log
