#include "engine/broker/startup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/broker/names.h"
#include "engine/metadata/bootstrap.h"

namespace barnabas::broker {
namespace {

constexpr Token token{names::startup};
constexpr FileId file{names::startup};

constexpr std::string_view properties_name = "meta.properties";
constexpr std::string_view clean_stop_name = ".kafka_cleanshutdown";
constexpr std::string_view recovery_points_name = "recovery-point-offset-checkpoint";
constexpr std::string_view log_starts_name = "log-start-offset-checkpoint";
constexpr std::string_view bootstrap_name = "bootstrap.checkpoint";

// What may stand in a directory that a format left unfinished, or that a file system makes itself.
constexpr std::array<std::string_view, 5> harmless = {".lock", "lost+found", "bootstrap.checkpoint",
                                                      "bootstrap.checkpoint.tmp",
                                                      "meta.properties.tmp"};

std::string why(StorageStatus status) {
    switch (status) {
        case StorageStatus::ok: return "nothing is wrong";
        case StorageStatus::not_found: return "it does not exist";
        case StorageStatus::exists: return "it exists already";
        case StorageStatus::no_space: return "the disk is full";
        case StorageStatus::io_error: return "the disk reports an error";
        case StorageStatus::access_denied: return "access is denied";
        case StorageStatus::locked: return "another process uses it";
    }
    return "unknown";
}

}  // namespace

Startup::Startup(NodeId node, const std::vector<std::string>& paths) : node_(node) {
    for (const std::string& path : paths) directories_.push_back({path, {}, false, {}, {}});
}

void Startup::start(Turn& turn) { enter(Stage::making, turn); }

void Startup::enter(Stage stage, Turn& turn) {
    stage_ = stage;
    const auto read = [&](std::string_view name) {
        read_ = ReadFile(token, file, path(name));
        read_.start(turn);
    };
    const auto write = [&](std::string_view name, Bytes bytes) {
        write_ = ReplaceFile(token, file, path(name), std::move(bytes));
        write_.start(turn);
    };
    switch (stage) {
        case Stage::making: return turn.ask(effect::MakeDirectory{token, at().path});
        case Stage::entering: {
            const std::string above = directory_of(at().path);
            return turn.ask(effect::FlushDirectory{token, above.empty() ? "/" : above});
        }
        case Stage::locking: return turn.ask(effect::LockDirectory{token, at().path});
        case Stage::reading_properties: return read(properties_name);
        case Stage::listing: return turn.ask(effect::List{token, at().path});
        case Stage::reading_clean_stop: return read(clean_stop_name);
        case Stage::removing_clean_stop:
            return turn.ask(effect::Open{token, file, path(clean_stop_name), OpenMode::existing});
        case Stage::settling_removal: return turn.ask(effect::FlushDirectory{token, at().path});
        case Stage::reading_recovery_points: return read(recovery_points_name);
        case Stage::reading_log_starts: return read(log_starts_name);
        case Stage::writing_bootstrap:
            return write(bootstrap_name, metadata::bootstrap_checkpoint(turn.wall));
        case Stage::writing_properties:
            at().id = Uuid::draw(turn.random(Concern::identity));
            return write(properties_name,
                         Bytes::copy(log::format_meta_properties({cluster_id_, node_, at().id})));
        case Stage::done: return;
    }
}

void Startup::on(const event::StorageDone& done, Turn& turn) {
    CHECK(!is_done());
    const bool is_good = done.status == StorageStatus::ok;
    switch (stage_) {
        case Stage::making:
            if (!is_good) return fail("cannot be made: " + why(done.status));
            return enter(turn.guards.has(Guard::directory_names_are_flushed) ? Stage::entering
                                                                             : Stage::locking,
                         turn);
        // A directory of somebody else's may refuse to be flushed: then the name was there before.
        case Stage::entering: return enter(Stage::locking, turn);
        case Stage::locking:
            if (!is_good) return fail("cannot be locked: " + why(done.status));
            return enter(Stage::reading_properties, turn);
        case Stage::reading_properties:
            read_.on(done, turn);
            return read_.is_done() ? on_properties(turn) : void();
        case Stage::listing: return on_listing(done, turn);
        case Stage::reading_clean_stop:
            read_.on(done, turn);
            if (!read_.is_done()) return;
            at().was_clean_stop = read_.status() == StorageStatus::ok;
            if (at().was_clean_stop && turn.guards.has(Guard::clean_stop_mark_is_removed)) {
                return enter(Stage::removing_clean_stop, turn);
            }
            return enter(Stage::reading_recovery_points, turn);
        case Stage::removing_clean_stop: return on_removing(done, turn);
        case Stage::settling_removal:
            if (!is_good) return fail("cannot be flushed: " + why(done.status));
            return enter(Stage::reading_recovery_points, turn);
        case Stage::reading_recovery_points:
        case Stage::reading_log_starts:
            read_.on(done, turn);
            return read_.is_done() ? on_offsets(turn) : void();
        case Stage::writing_bootstrap:
        case Stage::writing_properties: return on_written(done, turn);
        case Stage::done: return;
    }
}

void Startup::on_properties(Turn& turn) {
    if (read_.status() == StorageStatus::not_found) return enter(Stage::listing, turn);
    if (read_.status() != StorageStatus::ok) {
        return fail(fmt::format("{} cannot be read: {}", properties_name, why(read_.status())));
    }
    const auto properties = log::parse_meta_properties(read_.bytes().text());
    if (!properties) return fail(fmt::format("{}: {}", properties_name, properties.error()));
    if (properties->node_id != node_) {
        return fail(fmt::format(
            "it belongs to node {0}, and this is node {1}: set node.id={0} or another log.dirs",
            properties->node_id.value(), node_.value()));
    }
    if (!cluster_id_.empty() && properties->cluster_id != cluster_id_) {
        return fail(fmt::format("it belongs to cluster {}, the directory before to cluster {}",
                                properties->cluster_id, cluster_id_));
    }
    cluster_id_ = properties->cluster_id;
    at().id = properties->directory_id;
    enter(Stage::reading_clean_stop, turn);
}

// A checkpoint that cannot be understood is as good as none: more is checked then.
void Startup::on_offsets(Turn& turn) {
    const bool are_recovery_points = stage_ == Stage::reading_recovery_points;
    const auto offsets = log::parse_offsets(read_.bytes().text());
    if (offsets) {
        (are_recovery_points ? at().recovery_points : at().log_starts) = *offsets;
    } else if (read_.status() == StorageStatus::ok) {
        turn.note(Occurrence::Kind::storage, at().path,
                  fmt::format("{}: {}: ignored",
                              are_recovery_points ? recovery_points_name : log_starts_name,
                              offsets.error()),
                  Severity::warning);
    }
    if (are_recovery_points) return enter(Stage::reading_log_starts, turn);
    next_directory(turn);
}

// No meta.properties: ours to format when nothing else is there.
void Startup::on_listing(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok) return fail("cannot be listed: " + why(done.status));
    for (const DirectoryEntry& entry : done.entries) {
        if (std::ranges::find(harmless, entry.name) != harmless.end()) continue;
        return fail(
            fmt::format("it has no {} but holds '{}': it is no log directory of this node; give an "
                        "empty one",
                        properties_name, entry.name));
    }
    next_directory(turn);
}

// The mark of a clean stop is taken away before anything is loaded: it speaks of the life before.
void Startup::on_removing(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok) {
        return fail(fmt::format("{} cannot be removed: {}", clean_stop_name, why(done.status)));
    }
    if (!is_removing_) {
        is_removing_ = true;
        return turn.ask(effect::Remove{token, file});
    }
    is_removing_ = false;
    enter(Stage::settling_removal, turn);
}

void Startup::next_directory(Turn& turn) {
    if (++index_ < directories_.size()) return enter(Stage::making, turn);
    if (cluster_id_.empty()) cluster_id_ = Uuid::draw(turn.random(Concern::identity)).text();
    index_ = 0;
    next_format(turn);
}

// Formats those that were empty. bootstrap.checkpoint stands beside the metadata log, in the first.
void Startup::next_format(Turn& turn) {
    for (; index_ < directories_.size(); ++index_) {
        if (!at().id.is_zero()) continue;
        return enter(index_ == 0 ? Stage::writing_bootstrap : Stage::writing_properties, turn);
    }
    stage_ = Stage::done;
}

void Startup::on_written(const event::StorageDone& done, Turn& turn) {
    write_.on(done, turn);
    if (!write_.is_done()) return;
    if (write_.status() != StorageStatus::ok) {
        return fail("cannot be formatted: " + why(write_.status()));
    }
    if (stage_ == Stage::writing_bootstrap) return enter(Stage::writing_properties, turn);
    turn.note(Occurrence::Kind::formatted, at().path,
              fmt::format("cluster {}, directory {}", cluster_id_, at().id.text()));
    ++index_;
    next_format(turn);
}

void Startup::fail(std::string reason) {
    failure_ = fmt::format("log directory {}: {}", at().path, reason);
}

}  // namespace barnabas::broker
