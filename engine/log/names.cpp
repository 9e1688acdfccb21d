#include "engine/log/names.h"

#include <algorithm>
#include <array>

namespace barnabas::log {

namespace {

constexpr std::size_t offset_digits = 20;
constexpr std::array<std::string_view, 4> suffixes = {".log", ".index", ".timeindex", ".txnindex"};
constexpr std::string_view snapshot_suffix = ".snapshot";
constexpr std::array<std::string_view, 2> left_over_suffixes = {".deleted", ".tmp"};
constexpr std::array<std::pair<std::string_view, NameMeaning::What>, 2> compaction_suffixes = {
    {{".cleaned", NameMeaning::What::cleaned}, {".swap", NameMeaning::What::swap}}};

std::string digits_of(Offset offset) {
    std::string digits = std::to_string(offset.value());
    digits.insert(0, offset_digits - digits.size(), '0');
    return digits;
}

// Twenty digits that are an offset.
std::optional<Offset> parse_offset(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (INT64_MAX - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return Offset(static_cast<std::int64_t>(value));
}

}  // namespace

std::string file_name(Offset base, FileKind kind) {
    return digits_of(base) + std::string(suffixes[static_cast<std::size_t>(kind)]);
}

std::string snapshot_name(Offset at) { return digits_of(at) + std::string(snapshot_suffix); }

std::optional<NameMeaning> meaning_of(std::string_view name) {
    for (const std::string_view suffix : left_over_suffixes)
        if (name.ends_with(suffix))
            return NameMeaning{NameMeaning::What::left_over, Offset{}, FileKind::log};
    auto what = NameMeaning::What::segment;
    for (const auto& [suffix, meaning] : compaction_suffixes) {
        if (!name.ends_with(suffix)) continue;
        name.remove_suffix(suffix.size());
        what = meaning;
    }
    if (name.size() <= offset_digits) return std::nullopt;
    const auto found = std::find(suffixes.begin(), suffixes.end(), name.substr(offset_digits));
    const auto base = parse_offset(name.substr(0, offset_digits));
    if (base && name.substr(offset_digits) == snapshot_suffix)
        return NameMeaning{NameMeaning::What::snapshot, *base, FileKind::log};
    if (found == suffixes.end() || !base) return std::nullopt;
    return NameMeaning{what, *base,
                       static_cast<FileKind>(found - suffixes.begin())};
}

}  // namespace barnabas::log
