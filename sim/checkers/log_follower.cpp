#include "sim/checkers/log_follower.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/records/compression.h"

namespace barnabas::sim {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<Stamp> stamp_in(const records::RecordView& record) {
    if (record.value) return stamp_of(*record.value);
    const auto header = records::HeaderReader(record).next();
    if (!header || as_text(header->key) != stamp_header || !header->value) return std::nullopt;
    return stamp_of(*header->value);
}

}  // namespace

// directory/topic-3/00000000000000000042.log
std::optional<LogFollower::Name> LogFollower::name_at(const std::string& path) const {
    constexpr std::size_t digits = 20;
    const auto above = std::ranges::find_if(directories_, [&](const std::string& directory) {
        return is_below(path, directory);
    });
    if (above == directories_.end()) return std::nullopt;
    const std::string_view rest = std::string_view(path).substr(above->size() + 1);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || rest.size() - slash - 1 < digits) return std::nullopt;
    const auto base = number_of<std::int64_t>(rest.substr(slash + 1, digits));
    const std::string_view name = rest.substr(0, slash);
    const std::size_t dash = name.rfind('-');
    if (!base || dash == std::string_view::npos) return std::nullopt;
    const auto index = number_of<std::int32_t>(name.substr(dash + 1));
    std::string topic(name.substr(0, dash));
    if (!index || !topics_.contains(topic)) return std::nullopt;
    return Name{{std::move(topic), PartitionIndex(*index)},
                Offset(*base),
                std::string(rest.substr(slash + 1 + digits))};
}

// Those that count.
LogFollower::Segments LogFollower::segments_on(const Disk& disk) const {
    constexpr std::string_view swap_suffix = ".swap";
    Segments found, swaps;
    std::map<TopicPartition, Offset> first_cleaned;
    disk.each_file([&](const std::string& path, FileNumber file) {
        auto name = name_at(path);
        if (!name) return;
        if (name->ending == ".log") {
            found[path] = Segment{name->partition, name->base, file, {}};
        } else if (!is_compacted(name->partition)) {
            return;
        } else if (name->ending == ".log.swap") {
            Segment& swap = swaps[path.substr(0, path.size() - swap_suffix.size())];
            swap = Segment{name->partition, name->base, file, {}};
            swap.is_cleaned = true;
        } else if (name->ending.ends_with(".cleaned")) {
            const auto first = first_cleaned.emplace(name->partition, name->base).first;
            first->second = std::min(first->second, name->base);
        }
    });
    for (auto& [path, swap] : swaps) {
        const auto cleaned = first_cleaned.find(swap.partition);
        if (cleaned != first_cleaned.end() && swap.base >= cleaned->second) continue;
        const Offset end = end_of_swap(path, swap, disk);
        for (auto one = found.lower_bound(path);
             one != found.end() && one->second.partition == swap.partition &&
             one->second.base < end;) {
            one = found.erase(one);
        }
        found[path] = std::move(swap);
    }
    return found;
}

Offset LogFollower::end_of_swap(const std::string& path, Segment swap, const Disk& disk) const {
    const auto known = segments_.find(path);
    if (known != segments_.end() && known->second.file == swap.file) return known->second.next();
    grow(swap, disk.read(swap.file, 0, disk.size_of(swap.file)).flatten(), nullptr);
    return swap.next();
}

// A batch may be written before the one before it is, and power loss may take that one: behind such
// a hole nothing stands. In a compacted log only a torn batch tells a hole from a gap.
bool LogFollower::has_hole_behind(const Segment& segment, Offset next_base,
                                  const Disk& disk) const {
    return is_compacted(segment.partition) ? disk.size_of(segment.file) != segment.parsed()
                                           : segment.next() != next_base;
}

// Behind a batch that is being written, torn, or that does not follow, nothing stands; behind one
// that rot has taken, the next one does.
void LogFollower::grow(Segment& segment, const Bytes& bytes,
                       std::vector<LogChange>* changes) const {
    const std::uint64_t begin = segment.parsed();
    for (std::size_t from = 0; from < bytes.size();) {
        records::BatchReader reader(bytes.from(from));
        bool is_whole = true;
        while (is_whole) {
            const auto batch = reader.next();
            is_whole = batch && take(segment, *batch, changes);
        }
        const auto spoiled = spoiled_.find({segment.file, segment.parsed()});
        if (spoiled == spoiled_.end() || spoiled->second.position > begin + bytes.size()) return;
        segment.batches.push_back(spoiled->second);
        from = segment.parsed() - begin;
    }
}

bool LogFollower::take(Segment& segment, const records::Batch& batch,
                       std::vector<LogChange>* changes) const {
    const records::BatchHeader& header = batch.header;
    const bool follows = is_compacted(segment.partition) || segment.is_cleaned
                             ? header.base_offset >= segment.next()
                             : header.base_offset == segment.next();
    if (!follows || !batch.has_good_crc()) return false;
    const auto body = records::plain_records(batch);
    if (!body) return false;
    const std::int64_t largest =
        segment.batches.empty() ? records::no_timestamp : segment.batches.back().largest;
    segment.batches.push_back({segment.parsed() + header.size(), header.next_offset(),
                               std::max(largest, header.max_timestamp)});
    if (changes == nullptr || header.is_control()) return true;
    records::RecordReader records(header, *body);
    while (const auto record = records.next()) {
        LogChange change{LogChange::Kind::stored, segment.partition, record->offset, {}};
        change.stamp = stamp_in(*record);
        RecordFacts& facts = change.facts;
        facts.is_tombstone = !record->value;
        facts.timestamp = record->timestamp;
        if (record->key) facts.key = as_text(*record->key);
        facts.headers = record->header_count;
        facts.is_append_time =
            header.timestamp_type() == records::TimestampType::log_append_time;
        facts.leader_epoch = header.leader_epoch;
        facts.producer = header.producer_id;
        facts.producer_epoch = header.producer_epoch;
        if (header.base_sequence != records::no_sequence)
            facts.sequence = header.base_sequence +
                             static_cast<std::int32_t>(record->offset - header.base_offset);
        changes->push_back(std::move(change));
    }
    return true;
}

// Bits outside of the CRC, those of a leader epoch, leave a batch readable.
std::vector<LogChange> LogFollower::spoil(const Disk& disk, const std::string& path,
                                          std::uint64_t byte) {
    std::vector<LogChange> changes;
    const auto found = segments_.find(path);
    if (found == segments_.end()) return changes;
    const Segment& segment = found->second;
    const auto hit = std::ranges::upper_bound(segment.batches, byte, {}, &Boundary::position);
    if (hit == segment.batches.end()) return changes;
    const bool is_first = hit == segment.batches.begin();
    const std::uint64_t begin = is_first ? 0 : std::prev(hit)->position;
    const Offset base = is_first ? segment.base : std::prev(hit)->next;
    Segment alone{segment.partition, base, segment.file, {}};
    alone.is_cleaned = segment.is_cleaned;
    const Bytes bytes = disk.read(segment.file, begin, hit->position - begin).flatten();
    records::BatchReader reader(bytes);
    const auto batch = reader.next();
    if (batch && take(alone, *batch, nullptr) && alone.next() == hit->next) return changes;
    spoiled_.insert_or_assign({segment.file, begin}, *hit);
    changes.push_back({LogChange::Kind::spoiled, segment.partition, base, {}, hit->next});
    return changes;
}

std::vector<LogChange> LogFollower::follow(const Disk& disk) {
    std::vector<LogChange> changes;
    if (std::exchange(changes_, disk.changes()) == disk.changes()) return changes;
    if (name_changes_ == disk.name_changes() && disk.touches() - touches_ <= Disk::touches_kept) {
        follow_touched(disk, changes);
    } else {
        if (name_changes_ != disk.name_changes()) follow_names(disk, changes);
        for (auto one = segments_.begin(); one != segments_.end(); ++one) {
            follow_segment(one, disk, changes);
        }
    }
    name_changes_ = disk.name_changes();
    touches_ = disk.touches();
    return changes;
}

// Those files, and what stands behind them in their partitions: a hole may have been filled.
void LogFollower::follow_touched(const Disk& disk, std::vector<LogChange>& changes) {
    std::set<std::string> first;
    for (std::uint64_t touch = touches_; touch < disk.touches(); ++touch) {
        const auto path = paths_.find(disk.touched(touch));
        if (path != paths_.end()) first.insert(path->second);
    }
    for (const std::string& path : first) {
        const auto begin = segments_.find(path);
        for (auto one = begin; one != segments_.end(); ++one) {
            if (one->second.partition != begin->second.partition) break;
            follow_segment(one, disk, changes);
        }
    }
}

void LogFollower::follow_segment(Segments::iterator one, const Disk& disk,
                                 std::vector<LogChange>& changes) {
    Segment& segment = one->second;
    segment.is_behind_hole = false;
    if (one != segments_.begin()) {
        const Segment& before = std::prev(one)->second;
        segment.is_behind_hole =
            before.partition == segment.partition &&
            (before.is_behind_hole || has_hole_behind(before, segment.base, disk));
    }
    const std::uint64_t size = disk.size_of(segment.file);
    if (size < segment.parsed()) {
        while (size < segment.parsed()) segment.batches.pop_back();
        changes.push_back({LogChange::Kind::cut, segment.partition, segment.next(), {}});
    }
    if (size > segment.parsed() && !segment.is_behind_hole) {
        const std::uint64_t parsed = segment.parsed();
        bytes_read_ += size - parsed;
        grow(segment, disk.read(segment.file, parsed, size - parsed).flatten(), &changes);
    }
}

// Segments that are new, those that are gone, and those that others stand for now.
void LogFollower::follow_names(const Disk& disk, std::vector<LogChange>& changes) {
    auto present = segments_on(disk);
    std::map<TopicPartition, std::pair<Offset, Offset>> gone;  // the first base, and the last
    for (auto one = segments_.begin(); one != segments_.end();) {
        const auto next = std::next(one);
        const Segment& segment = one->second;
        const auto found = present.find(one->first);
        if (found != present.end() && found->second.file == segment.file) {
            one = next;
            continue;
        }
        const bool is_last =
            next == segments_.end() || next->second.partition != segment.partition;
        if (is_last) {
            changes.push_back({LogChange::Kind::cut, segment.partition, segment.base, {}});
        } else if (segment.parsed() > 0) {
            const auto bases =
                gone.emplace(segment.partition, std::pair(segment.base, segment.base)).first;
            bases->second.second = segment.base;
        }
        one = segments_.erase(one);
    }
    segments_.merge(present);
    paths_.clear();
    for (const auto& [path, segment] : segments_) paths_.emplace(segment.file, path);
    follow_starts(changes);
    for (const auto& [partition, bases] : gone) {
        follow_rewriting(partition, bases.first, bases.second, disk, changes);
    }
}

void LogFollower::follow_rewriting(const TopicPartition& partition, Offset first, Offset last,
                                   const Disk& disk, std::vector<LogChange>& changes) {
    const auto start = starts_.find(partition);
    if (start == starts_.end() || last < start->second) return;  // retention took them
    LogChange change{LogChange::Kind::rewritten, partition, first, {}};
    change.end = Offset(INT64_MAX);
    std::vector<LogChange> records;
    for (auto& [path, segment] : segments_) {
        if (segment.partition != partition || segment.base < first) continue;
        if (segment.base > last) {
            change.end = segment.base;
            break;
        }
        segment.batches.clear();
        segment.is_cleaned = true;
        grow(segment, disk.read(segment.file, 0, disk.size_of(segment.file)).flatten(), &records);
    }
    for (LogChange& record : records) {
        change.left.push_back({record.offset, std::move(record.stamp)});
    }
    changes.push_back(std::move(change));
}

void LogFollower::follow_starts(std::vector<LogChange>& changes) {
    const auto before = std::exchange(starts_, {});
    for (const auto& [path, segment] : segments_) {
        if (!starts_.emplace(segment.partition, segment.base).second) continue;
        const auto known = before.find(segment.partition);
        if ((known == before.end() ? Offset(0) : known->second) == segment.base) continue;
        changes.push_back({LogChange::Kind::begins, segment.partition, segment.base, {}});
    }
}

std::vector<LogChange> LogFollower::read_anew(const Disk& disk) {
    segments_.clear();
    changes_ = name_changes_ = UINT64_MAX;
    return follow(disk);
}

std::map<TopicPartition, Offset> LogFollower::durable_ends(const Disk& disk) const {
    std::map<TopicPartition, Offset> ends;
    std::set<TopicPartition> ended;
    for (const auto& [path, known] : segments_) {
        Offset& end = ends.emplace(known.partition, known.base).first->second;
        const bool is_behind_hole = end != known.base && !is_compacted(known.partition);
        if (is_behind_hole || ended.contains(known.partition)) continue;
        Segment durable{known.partition, known.base, {}, {}};
        if (known.is_cleaned) {
            durable = known;
        } else if (const auto bytes = disk.read_durable(path)) {
            grow(durable, *bytes, nullptr);
        }
        end = durable.next();
        if (end < known.next()) ended.insert(known.partition);
    }
    return ends;
}

std::set<TopicPartition> LogFollower::partitions() const {
    std::set<TopicPartition> all;
    for (const auto& [path, segment] : segments_) all.insert(segment.partition);
    return all;
}

// Nothing of it: the end of all.
LogFollower::Segments::const_iterator LogFollower::first_of(
    const TopicPartition& partition) const {
    const std::string name = partition.text();
    for (const std::string& directory : directories_) {
        const auto first = segments_.lower_bound(directory + '/' + name + '/');
        if (first != segments_.end() && first->second.partition == partition) return first;
    }
    return segments_.end();
}

std::optional<std::string> LogFollower::directory_of(const TopicPartition& partition) const {
    const auto first = first_of(partition);
    if (first == segments_.end()) return std::nullopt;
    return *std::ranges::find_if(directories_, [&](const std::string& directory) {
        return is_below(first->first, directory);
    });
}

std::vector<SegmentView> LogFollower::segments() const {
    std::vector<SegmentView> all;
    for (const auto& [path, one] : segments_) {
        if (one.is_behind_hole) continue;
        all.push_back({one.partition, path, one.file, one.base, one.next(), one.parsed(),
                       one.batches.empty() ? records::no_timestamp : one.batches.back().largest});
    }
    return all;
}

Offset LogFollower::flushed_end(const TopicPartition& partition, const Disk& disk) const {
    Offset end{};
    for (auto one = first_of(partition); one != segments_.end(); ++one) {
        const Segment& segment = one->second;
        if (segment.partition != partition || !disk.is_name_flushed(one->first)) break;
        const std::uint64_t flushed = disk.flushed_size(segment.file);
        const auto behind =
            std::ranges::upper_bound(segment.batches, flushed, {}, &Boundary::position);
        end = behind == segment.batches.begin() ? segment.base : std::prev(behind)->next;
        if (flushed < segment.parsed()) break;
    }
    return end;
}

std::optional<Offset> LogFollower::first_end(const TopicPartition& partition) const {
    const auto first = first_of(partition);
    if (first == segments_.end()) return std::nullopt;
    const auto second = std::next(first);
    if (second == segments_.end() || second->second.partition != partition) return std::nullopt;
    return second->second.base;
}

Offset LogFollower::end(const TopicPartition& partition) const {
    Offset end{};
    for (auto one = first_of(partition); one != segments_.end(); ++one) {
        if (one->second.partition != partition) break;
        if (!one->second.is_behind_hole) end = one->second.next();
    }
    return end;
}

}  // namespace barnabas::sim
