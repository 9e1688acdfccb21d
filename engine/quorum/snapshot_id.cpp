#include "engine/quorum/snapshot_id.h"

#include <fmt/format.h>

#include <charconv>

namespace barnabas::quorum {
namespace {

constexpr std::size_t offset_digits = 20;
constexpr std::size_t epoch_digits = 10;
constexpr std::string_view whole_suffix = ".checkpoint";
constexpr std::string_view part_suffix = ".checkpoint.part";

template <class Number>
std::optional<Number> all_digits(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

}  // namespace

std::string file_name(const SnapshotId& id) {
    return fmt::format("{:020}-{:010}{}", id.end.value(), id.epoch.value(), whole_suffix);
}

std::string part_name(const SnapshotId& id) { return file_name(id) + ".part"; }

std::optional<SnapshotName> snapshot_name(std::string_view name) {
    constexpr std::size_t stem = offset_digits + 1 + epoch_digits;
    if (name.size() < stem || name[offset_digits] != '-') return std::nullopt;
    const auto end = all_digits<std::int64_t>(name.substr(0, offset_digits));
    const auto epoch = all_digits<std::int32_t>(name.substr(offset_digits + 1, epoch_digits));
    if (!end || !epoch) return std::nullopt;
    const SnapshotId id{Offset(*end), LeaderEpoch(*epoch)};
    if (name.substr(stem) == whole_suffix) return SnapshotName{SnapshotName::What::whole, id};
    if (name.ends_with(part_suffix)) return SnapshotName{SnapshotName::What::part, id};
    return std::nullopt;
}

}  // namespace barnabas::quorum
