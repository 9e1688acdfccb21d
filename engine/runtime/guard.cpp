#include "engine/runtime/guard.h"

#include <array>

namespace barnabas {
namespace {

constexpr std::array<GuardRow, static_cast<std::size_t>(Guard::last)> rows = {{
    {Guard::clean_stop_mark_is_removed, "clean_stop_mark_is_removed",
     "a start removes the mark of a clean stop before it loads anything, or a crash would leave "
     "it for the next start to trust (KAFKA-10471)"},
    {Guard::directory_names_are_flushed, "directory_names_are_flushed",
     "a directory that was made is flushed into the one above it before anything in it counts"},
    {Guard::segment_names_are_flushed, "segment_names_are_flushed",
     "what a segment holds counts as flushed when its name is flushed too"},
    {Guard::replaced_files_are_flushed, "replaced_files_are_flushed",
     "a small file is flushed before it takes the name of the old one (KAFKA-16541)"},
    {Guard::torn_tails_are_cut, "torn_tails_are_cut",
     "after an unclean stop every CRC behind the recovery point is checked, and the log is cut at "
     "the first bad one"},
    {Guard::holes_are_cut, "holes_are_cut",
     "after an unclean stop the log ends where a segment lost its end, whatever stands behind"},
    {Guard::metadata_is_flushed, "metadata_is_flushed",
     "a record of the metadata log is committed when it is flushed"},
    {Guard::answers_keep_their_order, "answers_keep_their_order",
     "a connection's answers go out in the order of its requests"},
    {Guard::sequences_are_checked, "sequences_are_checked",
     "a batch of an idempotent producer is appended once, and only behind the one before it"},
    {Guard::cleaned_segments_are_flushed, "cleaned_segments_are_flushed",
     "what compaction left of some segments is flushed before it takes their place"},
}};

constexpr bool are_in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].guard != static_cast<Guard>(i)) return false;
    return true;
}
static_assert(are_in_order());

}  // namespace

std::span<const GuardRow> all_guards() { return rows; }

std::string_view name_of(Guard guard) { return rows[static_cast<std::size_t>(guard)].name; }

std::optional<Guard> guard_named(std::string_view name) {
    for (const GuardRow& row : rows)
        if (row.name == name) return row.guard;
    return std::nullopt;
}

}  // namespace barnabas
