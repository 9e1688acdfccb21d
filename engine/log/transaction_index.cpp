#include "engine/log/transaction_index.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/put_big.h"

namespace barnabas::log {

namespace {

constexpr std::int16_t entry_version = 0;

}  // namespace

void put_transaction_entry(std::vector<std::uint8_t>& out, const AbortedTransaction& entry) {
    put_big(out, entry_version);
    put_big(out, entry.producer.value());
    put_big(out, entry.first.value());
    put_big(out, entry.last.value());
    put_big(out, entry.last_stable.value());
}

std::optional<AbortedTransaction> load_transaction_entry(const std::uint8_t* from) {
    if (load_big<std::int16_t>(from) != entry_version) return std::nullopt;
    const auto number = [&](std::size_t nth) { return load_big<std::int64_t>(from + 2 + 8 * nth); };
    return AbortedTransaction{ProducerId(number(0)), Offset(number(1)), Offset(number(2)),
                              Offset(number(3))};
}

std::optional<std::vector<AbortedTransaction>> load_transaction_entries(ByteView bytes,
                                                                        Offset from) {
    if (bytes.size() % transaction_entry_bytes != 0) return std::nullopt;
    std::vector<AbortedTransaction> all;
    for (std::size_t at = 0; at < bytes.size(); at += transaction_entry_bytes) {
        const auto entry = load_transaction_entry(bytes.data() + at);
        const bool is_sound = entry && entry->first >= Offset(0) && entry->first <= entry->last &&
                              entry->last >= from && entry->last < Offset(INT64_MAX);
        if (!is_sound) return std::nullopt;
        all.push_back(*entry);
        from = entry->last + 1;
    }
    return all;
}

void AbortedCollector::take(const AbortedTransaction& entry) {
    if (is_complete_) return;
    if (entry.last >= from_ && entry.first < below_) found_.push_back(entry);
    is_complete_ = entry.last_stable >= below_;
}

TransactionIndex::TransactionIndex(std::uint32_t entries, std::vector<AbortedTransaction> newest)
    : written_(entries), kept_(std::move(newest)) {
    CHECK(kept_.size() <= entries);
    first_ = entries - static_cast<std::uint32_t>(kept_.size());
    // What was not read is taken to reach up to the first that was.
    if (first_ > 0) last_forgotten_ = kept_.front().last - 1;
}

void TransactionIndex::add(const AbortedTransaction& entry) {
    kept_.push_back(entry);
    forget_oldest();
}

void TransactionIndex::cut_end(Offset end) {
    while (!kept_.empty() && kept_.back().last >= end) kept_.pop_back();
    CHECK(written_ + asked_ <= this->end());
}

std::vector<std::uint8_t> TransactionIndex::ask(Offset written_end) {
    CHECK(asked_ == 0);
    std::vector<std::uint8_t> bytes;
    for (std::uint32_t at = written_; at < end() && kept_[at - first_].last < written_end; ++at) {
        put_transaction_entry(bytes, kept_[at - first_]);
        ++asked_;
    }
    return bytes;
}

void TransactionIndex::settle(bool is_done) {
    if (is_done) written_ += asked_;
    asked_ = 0;
    forget_oldest();
}

void TransactionIndex::forget_oldest() {
    if (kept_.size() < 2 * kept_max || written_ < first_ + kept_max) return;
    last_forgotten_ = kept_[kept_max - 1].last;
    kept_.erase(kept_.begin(), kept_.begin() + kept_max);
    first_ += kept_max;
}

bool TransactionIndex::collect(AbortedCollector& collector, std::uint32_t entries_read) const {
    if (entries_read < first_ && collector.from() <= last_forgotten_) return false;
    for (std::uint32_t at = std::max(first_, entries_read); at < end(); ++at)
        collector.take(kept_[at - first_]);
    return true;
}

}  // namespace barnabas::log
