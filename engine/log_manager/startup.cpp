#include "engine/log_manager/startup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/digest.h"
#include "engine/runtime/visit.h"

namespace barnabas::log_manager {
namespace {

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
        case StorageStatus::read_only: return "its file system is read-only";
        case StorageStatus::foreign: return "a directory or an overlarge file stands there";
        case StorageStatus::shortage: return "descriptors or memory run short";
    }
    return "unknown";
}

// What a while may change: waiting is better than an end.
bool passes(StorageStatus status) {
    return status == StorageStatus::no_space || status == StorageStatus::shortage;
}

}  // namespace

Startup::Startup(NodeId node, const std::vector<std::string>& paths,
                 const std::string& metadata_path, Token token, FileId file)
    : node_(node), token_(token), file_(file) {
    for (const std::string& path : paths) directories_.emplace_back().path = path;
    const auto found = std::ranges::find(paths, metadata_path);
    metadata_index_ = static_cast<std::size_t>(found - paths.begin());
    if (found != paths.end()) return;
    directories_.emplace_back().path = metadata_path;
    directories_.back().holds_partitions = false;
}

bool Startup::are_all_offline() const {
    return std::ranges::none_of(directories_, [](const LogDirectory& directory) {
        return directory.is_online && directory.holds_partitions;
    });
}

void Startup::forget_partitions() {
    for (LogDirectory& directory : directories_) directory.partitions = {};
}

void Startup::start(Turn& turn) { enter(Stage::making, turn); }

void Startup::enter(Stage stage, Turn& turn) {
    stage_ = stage;
    const auto read = [&](std::string_view name) {
        read_ = ReadFile(token_, file_, path(name));
        read_.start(turn);
    };
    switch (stage) {
        case Stage::making: return turn.ask(effect::MakeDirectory{token_, at().path});
        case Stage::entering:
            entered_ = directory_of(entered_);
            return turn.ask(effect::FlushDirectory{token_, entered_});
        case Stage::locking: return turn.ask(effect::LockDirectory{token_, at().path});
        case Stage::reading_properties: return read(properties_name);
        case Stage::listing:
        case Stage::listing_partitions: return turn.ask(effect::List{token_, at().path});
        case Stage::reading_clean_stop: return read(clean_stop_name);
        case Stage::removing_clean_stop:
            return turn.ask(effect::Open{token_, file_, path(clean_stop_name),
                                         OpenMode::existing});
        case Stage::settling_removal:
            return turn.ask(effect::FlushDirectory{token_, at().path});
        case Stage::reading_recovery_points: return read(recovery_points_name);
        case Stage::reading_log_starts: return read(log_starts_name);
        case Stage::writing_bootstrap: wants_bootstrap_ = true; return;
        case Stage::writing_properties:
            at().id = Uuid::draw(turn.random(Concern::identity));
            return write(properties_name,
                         Bytes::copy(log::format_meta_properties({cluster_id_, node_, at().id})),
                         turn);
        case Stage::done: return;
    }
}

void Startup::write(std::string_view name, Bytes bytes, Turn& turn) {
    write_ = ReplaceFile(token_, file_, path(name), std::move(bytes));
    write_.start(turn);
}

void Startup::write_bootstrap(Bytes checkpoint, Turn& turn) {
    CHECK(std::exchange(wants_bootstrap_, false));
    write(bootstrap_name, std::move(checkpoint), turn);
}

void Startup::on(const event::StorageDone& done, Turn& turn) {
    CHECK(!is_done());
    const bool is_good = done.status == StorageStatus::ok;
    switch (stage_) {
        case Stage::making:
            if (!is_good) return give_up("cannot be made", done.status, turn);
            entered_ = at().path;
            return enter(turn.guards.has(Guard::directory_names_are_flushed) ? Stage::entering
                                                                             : Stage::locking,
                         turn);
        // A directory of somebody else's may refuse to be flushed: then the name was there before.
        case Stage::entering:
            return enter(directory_of(entered_) == entered_ ? Stage::locking : Stage::entering,
                         turn);
        case Stage::locking:
            if (done.status == StorageStatus::locked)
                return fail("cannot be locked: " + why(done.status));
            if (!is_good) return give_up("cannot be locked", done.status, turn);
            return enter(Stage::reading_properties, turn);
        case Stage::reading_properties:
            read_.on(done, turn);
            return read_.is_done() ? on_properties(turn) : void();
        case Stage::listing: return on_listing(done, turn);
        case Stage::listing_partitions: return on_partitions(done, turn);
        case Stage::reading_clean_stop:
            read_.on(done, turn);
            if (!read_.is_done()) return;
            // A mark that stays where it is would speak of this life, too.
            if (is_of_medium(read_.status()) || passes(read_.status()))
                return give_up(fmt::format("{} cannot be read", clean_stop_name), read_.status(),
                               turn);
            at().was_clean_stop = read_.status() == StorageStatus::ok;
            if (at().was_clean_stop && turn.guards.has(Guard::clean_stop_mark_is_removed)) {
                return enter(Stage::removing_clean_stop, turn);
            }
            return enter(Stage::reading_recovery_points, turn);
        case Stage::removing_clean_stop: return on_removing(done, turn);
        case Stage::settling_removal:
            if (!is_good) return give_up("cannot be flushed", done.status, turn);
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
        return give_up(fmt::format("{} cannot be read", properties_name), read_.status(), turn);
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
    enter(directories_.size() > 1 ? Stage::listing_partitions : Stage::reading_clean_stop, turn);
}

void Startup::on_partitions(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok)
        return give_up("cannot be listed", done.status, turn);
    for (const DirectoryEntry& entry : done.entries)
        if (entry.kind == EntryKind::directory) at().partitions.insert(entry.name);
    enter(Stage::reading_clean_stop, turn);
}

// A checkpoint that cannot be understood is as good as none: more is checked then. One that the
// disk does not give out speaks against the disk: deleted records would come back.
void Startup::on_offsets(Turn& turn) {
    const bool are_recovery_points = stage_ == Stage::reading_recovery_points;
    const std::string_view name = are_recovery_points ? recovery_points_name : log_starts_name;
    const auto offsets = log::parse_offsets(read_.bytes().text());
    if (offsets) {
        (are_recovery_points ? at().recovery_points : at().log_starts) = *offsets;
    } else if (is_of_medium(read_.status()) || passes(read_.status())) {
        return give_up(fmt::format("{} cannot be read", name), read_.status(), turn);
    } else if (read_.status() != StorageStatus::not_found) {
        const bool is_read = read_.status() == StorageStatus::ok;
        turn.note(
            Occurrence::Kind::storage, at().path,
            fmt::format("{}: {}: ignored", name, is_read ? offsets.error() : why(read_.status())),
            Severity::warning);
        if (are_recovery_points) at().are_recovery_points_known = false;
    }
    if (are_recovery_points) return enter(Stage::reading_log_starts, turn);
    next_directory(turn);
}

// No meta.properties: ours to format when nothing else is there.
void Startup::on_listing(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok)
        return give_up("cannot be listed", done.status, turn);
    for (const DirectoryEntry& entry : done.entries) {
        if (std::ranges::find(harmless, entry.name) != harmless.end()) continue;
        return fail(
            fmt::format("it has no {} but holds '{}': it is no log directory of this node; give an "
                        "empty one",
                        properties_name, entry.name));
    }
    at().is_new = true;
    next_directory(turn);
}

// The mark of a clean stop is taken away before anything is loaded: it speaks of the life before.
void Startup::on_removing(const event::StorageDone& done, Turn& turn) {
    if (done.status != StorageStatus::ok) {
        if (std::exchange(is_removing_, false)) turn.ask(effect::Close{file_});
        return give_up(fmt::format("{} cannot be removed", clean_stop_name), done.status, turn);
    }
    if (!is_removing_) {
        is_removing_ = true;
        return turn.ask(effect::Remove{token_, file_});
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

// Formats those that were empty, and gives those a name that an older release wrote.
// bootstrap.checkpoint stands beside the metadata log.
void Startup::next_format(Turn& turn) {
    for (; index_ < directories_.size(); ++index_) {
        if (!at().id.is_zero() || !at().is_online) continue;
        const bool has_bootstrap = index_ == metadata_index_ && at().is_new;
        return enter(has_bootstrap ? Stage::writing_bootstrap : Stage::writing_properties, turn);
    }
    if (are_all_offline()) return fail("no log directory can be used");
    stage_ = Stage::done;
}

// What passes is waited for. Else one of several is out of reach: the others go on without it.
void Startup::give_up(std::string_view what, StorageStatus status, Turn& turn) {
    const std::string reason = fmt::format("{}: {}", what, why(status));
    if (passes(status)) {
        turn.note(Occurrence::Kind::storage, at().path,
                  reason + ": the start waits, and this is tried again", Severity::error);
        is_refused_ = true;
        return;
    }
    if (index_ == metadata_index_) return fail(reason);
    at().is_online = false;
    turn.note(Occurrence::Kind::storage, at().path,
              "is offline: " + reason + "; its partitions are out of reach until the next start",
              Severity::error);
    if (stage_ == Stage::writing_properties) {
        ++index_;
        return next_format(turn);
    }
    next_directory(turn);
}

void Startup::try_again(Turn& turn) {
    if (std::exchange(is_refused_, false)) enter(stage_, turn);
}

void Startup::on_written(const event::StorageDone& done, Turn& turn) {
    write_.on(done, turn);
    if (!write_.is_done()) return;
    if (write_.status() != StorageStatus::ok) {
        return give_up("cannot be formatted", write_.status(), turn);
    }
    if (stage_ == Stage::writing_bootstrap) return enter(Stage::writing_properties, turn);
    turn.note(Occurrence::Kind::formatted, at().path,
              fmt::format("cluster {}, directory {}", cluster_id_, at().id.text()));
    ++index_;
    next_format(turn);
}

void Startup::fail(std::string reason) {
    const std::size_t which = std::min(index_, directories_.size() - 1);
    failure_ = fmt::format("log directory {}: {}", directories_[which].path, reason);
}

void Startup::digest(Hasher& hasher) const {
    digest_all(hasher, directories_, metadata_index_, cluster_id_, stage_, index_, entered_, read_,
               write_, is_removing_, wants_bootstrap_, is_refused_, failure_);
}

}  // namespace barnabas::log_manager
