#include "sim/checkers/log_follower.h"

#include <charconv>
#include <utility>

#include "engine/records/record.h"

namespace barnabas::sim {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

// directory/topic-3/00000000000000000042.log
std::optional<LogFollower::Segment> LogFollower::segment_at(const std::string& path) const {
    constexpr std::string_view suffix = ".log";
    constexpr std::size_t digits = 20;
    std::string_view rest = path;
    if (!rest.starts_with(directory_ + '/') || !rest.ends_with(suffix)) return std::nullopt;
    rest.remove_prefix(directory_.size() + 1);
    rest.remove_suffix(suffix.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos || rest.size() - slash - 1 != digits) return std::nullopt;
    const auto base = number_of<std::int64_t>(rest.substr(slash + 1));
    const std::string_view name = rest.substr(0, slash);
    const std::size_t dash = name.rfind('-');
    if (!base || dash == std::string_view::npos) return std::nullopt;
    const auto index = number_of<std::int32_t>(name.substr(dash + 1));
    std::string topic(name.substr(0, dash));
    if (!index || !topics_.contains(topic)) return std::nullopt;
    return Segment{{std::move(topic), PartitionIndex(*index)}, Offset(*base), {}, {}};
}

void LogFollower::grow(Segment& segment, const Bytes& bytes, std::vector<LogChange>* changes) {
    const std::uint64_t before = segment.parsed();
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) {
        if (!batch->has_good_crc()) return;  // being written, or torn: not there
        segment.batches.push_back({before + reader.position(), batch->header.next_offset()});
        if (changes == nullptr) continue;
        const Bytes body = batch->records();
        records::RecordReader records(batch->header, body);
        while (const auto record = records.next()) {
            std::optional<Stamp> stamp;
            if (record->value) stamp = stamp_of(*record->value);
            changes->push_back(
                {LogChange::Kind::stored, segment.partition, record->offset, std::move(stamp)});
        }
    }
}

std::vector<LogChange> LogFollower::follow(const Disk& disk) {
    std::vector<LogChange> changes;
    if (std::exchange(changes_, disk.changes()) == disk.changes()) return changes;
    if (name_changes_ != disk.name_changes()) follow_names(disk, changes);
    name_changes_ = disk.name_changes();
    const Segment* before = nullptr;
    for (auto& [path, segment] : segments_) {
        // Behind a hole nothing stands: a batch may be written before the one before it is.
        const bool is_behind_hole = before != nullptr && before->partition == segment.partition &&
                                    before->next() != segment.base;
        before = &segment;
        const std::uint64_t size = disk.size_of(segment.file);
        if (size == segment.parsed()) continue;
        if (size < segment.parsed()) {
            while (size < segment.parsed()) segment.batches.pop_back();
            changes.push_back(
                {LogChange::Kind::cut, segment.partition, segment.next(), std::nullopt});
        }
        if (size > segment.parsed() && !is_behind_hole) {
            const std::uint64_t parsed = segment.parsed();
            grow(segment, disk.read(segment.file, parsed, size - parsed).flatten(), &changes);
        }
    }
    return changes;
}

// Segments that are new, and those that are gone.
void LogFollower::follow_names(const Disk& disk, std::vector<LogChange>& changes) {
    std::set<std::string> present;
    disk.each_file([&](const std::string& path, FileNumber file) {
        auto found = segments_.find(path);
        if (found == segments_.end()) {
            auto segment = segment_at(path);
            if (!segment) return;
            found = segments_.emplace(path, std::move(*segment)).first;
        }
        found->second.file = file;
        present.insert(path);
    });
    for (auto one = segments_.begin(); one != segments_.end();) {
        if (present.contains(one->first)) {
            ++one;
            continue;
        }
        const auto next = std::next(one);
        const bool is_last =
            next == segments_.end() || next->second.partition != one->second.partition;
        if (is_last) {  // an older one went its way by retention
            changes.push_back(
                {LogChange::Kind::cut, one->second.partition, one->second.base, std::nullopt});
        }
        one = segments_.erase(one);
    }
    follow_starts(changes);
}

void LogFollower::follow_starts(std::vector<LogChange>& changes) {
    const auto before = std::exchange(starts_, {});
    for (const auto& [path, segment] : segments_) {
        if (!starts_.emplace(segment.partition, segment.base).second) continue;
        const auto known = before.find(segment.partition);
        if ((known == before.end() ? Offset(0) : known->second) == segment.base) continue;
        changes.push_back(
            {LogChange::Kind::begins, segment.partition, segment.base, std::nullopt});
    }
}

std::vector<LogChange> LogFollower::read_anew(const Disk& disk) {
    segments_.clear();
    changes_ = name_changes_ = UINT64_MAX;
    return follow(disk);
}

std::map<TopicPartition, Offset> LogFollower::durable_ends(const Disk& disk) const {
    std::map<TopicPartition, Offset> ends;
    for (const auto& [path, known] : segments_) {
        const auto bytes = disk.read_durable(path);
        if (!bytes) continue;
        const auto end = ends.emplace(known.partition, known.base).first;
        if (end->second != known.base) continue;  // behind a hole
        Segment segment{known.partition, known.base, {}, {}};
        grow(segment, *bytes, nullptr);
        end->second = segment.next();
    }
    return ends;
}

}  // namespace barnabas::sim
