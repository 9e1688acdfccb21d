#include "engine/log_manager/placement.h"

#include <algorithm>

#include "engine/base/digest.h"
#include "engine/metadata/directory_id.h"
#include "engine/runtime/visit.h"

namespace barnabas::log_manager {
namespace {

// Where the image places this node's copy; zero when it does not say.
Uuid named_directory(NodeId node, const metadata::PartitionRow& row) {
    for (std::size_t i = 0; i < row.replicas.size() && i < row.directories.size(); ++i)
        if (row.replicas[i] == node && !metadata::is_reserved(row.directories[i]))
            return row.directories[i];
    return {};
}

template <class Matches>
std::optional<std::size_t> find_directory(const std::vector<LogDirectory>& directories,
                                          Matches matches) {
    const auto found = std::ranges::find_if(directories, matches);
    if (found == directories.end()) return std::nullopt;
    return static_cast<std::size_t>(found - directories.begin());
}

bool can_take(const LogDirectory& directory) {
    return directory.is_online && directory.holds_partitions;
}

// A single directory is not: nothing else can be meant.
bool are_listed(const std::vector<LogDirectory>& directories) { return directories.size() > 1; }

// Which directory has files of the partition, the named one before others.
std::optional<std::size_t> find_files(const std::string& partition,
                                      std::optional<std::size_t> named,
                                      const std::vector<LogDirectory>& directories) {
    const auto has_files = [&](const LogDirectory& one) {
        return can_take(one) && one.partitions.contains(partition);
    };
    if (named && has_files(directories[*named])) return named;
    return find_directory(directories, has_files);
}

}  // namespace

std::size_t Placement::place(const TopicPartition& name, const TopicId& topic,
                            const metadata::PartitionRow& row,
                            const std::vector<LogDirectory>& directories, Turn& turn) {
    loads_.resize(directories.size());
    const Uuid said = named_directory(node_, row);
    const auto named = find_directory(
        directories, [&](const LogDirectory& one) { return !said.is_zero() && one.id == said; });
    std::optional<std::size_t> found, offline;
    if (!are_added_new_) {
        found = find_files(name.text(), named, directories);
        offline = find_directory(directories, [](const LogDirectory& one) {
            return !one.is_online && one.holds_partitions;
        });
        if (named && !directories[*named].is_online) offline = named;
    }
    const std::size_t chosen = found     ? *found
                               : offline ? *offline
                               : named   ? *named
                                         : fewest(directories);
    ++loads_[chosen];
    if (!found && offline) return chosen;
    if (chosen != named) placed_.push_back({topic, name.partition, directories[chosen].id});
    const bool is_as_expected = chosen == named ? found || are_added_new_ : said.is_zero();
    if (is_as_expected || (chosen == named && !are_listed(directories))) return chosen;
    const std::string why = named ? "has no files of it" : "is none of log.dirs";
    const std::string where = found                     ? "was found in "
                              : are_listed(directories) ? "begins anew in "
                                                        : "is taken to be in ";
    turn.note(Occurrence::Kind::storage, name.text(),
              "its directory " + said.text() + ' ' + why + ": it " + where +
                  directories[chosen].path,
              Severity::warning);
    return chosen;
}

std::size_t Placement::fewest(const std::vector<LogDirectory>& directories) const {
    std::optional<std::size_t> chosen;
    for (std::size_t at = 0; at < directories.size(); ++at)
        if (can_take(directories[at]) && (!chosen || loads_[at] < loads_[*chosen])) chosen = at;
    CHECK(chosen);  // the node stops when no directory is left
    return *chosen;
}

void Placement::digest(Hasher& hasher) const {
    digest_all(hasher, node_, are_added_new_, loads_, placed_);
}

}  // namespace barnabas::log_manager
