#include "engine/settings/nearest.h"

#include <algorithm>
#include <array>
#include <vector>

namespace barnabas::settings {
namespace {

// Names longer than this are nobody's misspelling; it bounds the work.
constexpr std::size_t name_size_max = 200;

// Three rows of the edit table: two back for swaps, one back, and the one that is filled.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::vector<std::size_t>, 3> rows;
    for (auto& row : rows) row.resize(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const auto& before_last = rows[(i + 1) % 3];
        const auto& last = rows[(i + 2) % 3];
        auto& row = rows[i % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t exchanged = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, exchanged});
            const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

std::optional<std::string_view> nearest(std::string_view name, const auto& among, auto name_in) {
    if (name.size() > name_size_max) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t fewest = std::max<std::size_t>(2, name.size() / 4) + 1;
    for (const auto& one : among) {
        const std::size_t edits = distance(name, name_in(one));
        if (edits < fewest) {
            fewest = edits;
            best = name_in(one);
        }
    }
    return best;
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const Setting> among) {
    return nearest(name, among, [](const Setting& one) { return std::string_view(one.name); });
}

std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> among) {
    return nearest(word, among, [](std::string_view one) { return one; });
}

}  // namespace barnabas::settings
