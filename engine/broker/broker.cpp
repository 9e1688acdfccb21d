#include "engine/broker/broker.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/broker/api/routes.h"
#include "engine/broker/names.h"
#include "engine/log/jobs.h"

namespace barnabas::broker {
namespace {

constexpr Duration room_wait_least = 1s;
constexpr Duration room_wait_most = 2s;

}  // namespace

Broker::Broker(const Broker& other) = default;
Broker::Broker(Broker&& other) noexcept = default;
Broker& Broker::operator=(const Broker& other) = default;
Broker& Broker::operator=(Broker&& other) noexcept = default;
Broker::~Broker() = default;

void Broker::on(const Event& event, Turn& turn) {
    if (stage_ == Stage::stopped) return;
    std::visit([&](const auto& one) { handle(one, turn); }, event);
    if (node_.connections.has_put_off()) take_up_requests(turn);
    if (!node_.connections.has_caught_up()) return;
    for (const ConnectionId connection : node_.connections.take_caught_up())
        node_.jobs.on_caught_up(connection, turn);
}

void Broker::handle(const event::Started&, Turn& turn) { node_.startup.start(turn); }

void Broker::handle(const event::Connected& event, Turn& turn) {
    node_.connections.on_connected(event, turn);
}

void Broker::handle(const event::Arriving& event, Turn& turn) {
    node_.connections.on_arriving(event, turn);
}

void Broker::handle(const event::Continued& event, Turn& turn) {
    if (event.job == names::checkpoints_job) {
        checkpoints_.go_on(node_.replicas, node_.startup.directories(), turn);
        return advance(turn);
    }
    if (event.job == names::sent_due) return node_.connections.on_sent_due(turn);
    if (event.job == names::take_up_due) return;  // on() does
    if (stage_ != Stage::serving) return;
    if (event.job == names::job_due) return node_.jobs.advance(node_, turn);
    if (event.job == names::flush_due) return flush_old(turn);
    if (event.job == names::clean_up_due) return clean_up(turn);
    if (event.job == names::producers_due) return expire_producers(turn);
    cleaner_.on_continued(node_.replicas, turn);
}

void Broker::handle(const event::Drained& event, Turn& turn) {
    node_.connections.on_drained(event, turn);
}

void Broker::handle(const event::Disconnected& event, Turn& turn) {
    api::forget(node_, event.connection, turn);
    node_.connections.on_disconnected(event, turn);
    api::forget_checks(node_, event.connection, turn);
}

void Broker::handle(const event::Received& event, Turn& turn) {
    const auto address = node_.connections.on_received(event);
    if (!address) return;
    if (node_.jobs.is_busy(event.connection)) return node_.jobs.wait(*address, event.frame);
    if (node_.connections.is_too_much_for(*address))
        return node_.connections.put_off(*address, event.frame, turn);
    api::serve(node_, *address, event.frame, turn);
}

// A few a turn: what they hold may fill the node again.
void Broker::take_up_requests(Turn& turn) {
    for (int count = 0; count < 8; ++count) {
        const auto next = node_.connections.take_up(turn);
        if (!next) return;
        api::serve(node_, next->address, next->frame, turn);
    }
    turn.ask(effect::Continue{names::take_up_due});
}

void Broker::handle(const event::TimerFired& event, Turn& turn) {
    if (event.timer == names::fetch_deadline) return api::on_fetch_deadline(node_, turn);
    if (event.timer == names::room_due) return try_again(turn);
    if (event.timer == names::patience_due) return node_.connections.on_patience_due(turn);
    if (stage_ != Stage::serving) return;
    if (event.timer == names::cleaner_due) return cleaner_.on_timer(node_.replicas, turn);
    if (event.timer == names::clean_up_due) {
        node_.quorum.clean_up(turn);
        return clean_up(turn);
    }
    if (event.timer == names::snapshot_due) {
        node_.snapshotting.on_interval();
        advance(turn);
        return arm(event.timer, turn);
    }
    if (event.timer == names::flush_due) return flush_old(turn);
    if (event.timer == names::producers_due) return expire_producers(turn);
    (event.timer == names::start_checkpoint_due ? are_log_starts_due_ : are_recovery_points_due_) =
        true;
    write_due_checkpoints(turn);
    tell_directories(turn);
    arm(event.timer, turn);
}

// What has moved is written. Both timers may fire at the same instant: then one after the other.
void Broker::write_due_checkpoints(Turn& turn) {
    const auto write = [&](Checkpoints::What what) {
        checkpoints_.start(what, node_.replicas, node_.startup.directories(), std::nullopt, turn);
    };
    if (checkpoints_.is_done() && std::exchange(are_recovery_points_due_, false) &&
        node_.replicas.take_moved_recovery_points())
        write(Checkpoints::What::recovery_points);
    if (checkpoints_.is_done() && std::exchange(are_log_starts_due_, false) &&
        node_.replicas.take_moved_log_starts())
        write(Checkpoints::What::log_starts);
}

void Broker::on_checkpoint(const event::StorageDone& event, Turn& turn) {
    checkpoints_.on(event, turn);
    if (const auto what = checkpoints_.take_unwritten()) {
        if (*what != Checkpoints::What::log_starts) node_.replicas.put_back_moved_recovery_points();
        if (*what != Checkpoints::What::recovery_points) node_.replicas.put_back_moved_log_starts();
    }
}

// In slices: the next one comes after the events that are ready.
void Broker::clean_up(Turn& turn) {
    if (stage_ != Stage::serving) return;
    clean_up_from_ =
        node_.replicas.clean_up(clean_up_from_, node_.promised_files(), turn);
    if (clean_up_from_ == 0) return arm(names::clean_up_due, turn);
    turn.ask(effect::Continue{names::clean_up_due});
}

void Broker::flush_old(Turn& turn) {
    if (stage_ != Stage::serving) return;
    flush_from_ = node_.replicas.flush_old(flush_from_, turn);
    if (flush_from_ == 0) return arm(names::flush_due, turn);
    turn.ask(effect::Continue{names::flush_due});
}

void Broker::expire_producers(Turn& turn) {
    if (stage_ != Stage::serving) return;
    expire_from_ = node_.replicas.expire_producers(expire_from_, turn);
    if (expire_from_ == 0) return arm(names::producers_due, turn);
    turn.ask(effect::Continue{names::producers_due});
}

void Broker::arm(Token timer, Turn& turn) const {
    if (timer == names::snapshot_due) {
        const auto interval = node_.snapshotting.interval();
        return interval ? turn.ask(effect::ArmTimer{timer, turn.now + *interval}) : void();
    }
    const char* interval = "log.flush.offset.checkpoint.interval.ms";
    if (timer == names::clean_up_due) interval = "log.retention.check.interval.ms";
    if (timer == names::flush_due) interval = "log.flush.scheduler.interval.ms";
    if (timer == names::producers_due) interval = "producer.id.expiration.check.interval.ms";
    if (timer == names::start_checkpoint_due)
        interval = "log.flush.start.offset.checkpoint.interval.ms";
    const Duration after = wait_of(std::max<std::int64_t>(node_.settings.number(interval), 1));
    if (after < longest_wait) turn.ask(effect::ArmTimer{timer, turn.now + after});
}

void Broker::handle(const event::StorageDone& event, Turn& turn) {
    switch (names::owner_of(event.operation)) {
        case names::startup: node_.startup.on(event, turn); break;
        case names::quorum: node_.quorum.on(event, turn); break;
        case names::checkpoints: on_checkpoint(event, turn); break;
        case names::cleaner:
            if (stage_ == Stage::serving) cleaner_.on(event, node_.replicas, turn);
            break;
        default: {
            Replica& replica = node_.replicas.on(event, node_.startup.directories(), turn);
            api::on_log_progress(node_, replica, turn);
            if (stage_ == Stage::serving)
                cleaner_.on_log(names::slot_of(event.operation), node_.replicas, turn);
        }
    }
    while (const auto broken = node_.replicas.take_broken_directory()) take_offline(*broken, turn);
    while (const auto broken = checkpoints_.take_broken_directory()) take_offline(*broken, turn);
    while (const auto broken = cleaner_.take_broken_directory()) take_offline(*broken, turn);
    if (stage_ == Stage::serving) write_due_checkpoints(turn);
    advance(turn);
}

std::vector<Uuid> Broker::online_directories() const {
    std::vector<Uuid> online;
    for (const LogDirectory& directory : node_.startup.directories())
        if (directory.is_online && directory.holds_partitions) online.push_back(directory.id);
    return online;
}

// The medium of one directory failed: its partitions are out of reach, the others go on.
void Broker::take_offline(std::size_t index, Turn& turn) {
    const LogDirectory& directory = node_.startup.directories()[index];
    if (!directory.is_online || stage_ == Stage::stopped) return;
    node_.startup.take_offline(index);
    turn.note(Occurrence::Kind::storage, directory.path,
              "is offline: the disk reports an error; its partitions are out of reach until the "
              "next start",
              Severity::error);
    const auto gone = node_.replicas.take_offline(index, "its log directory is offline", turn);
    for (Replica* replica : gone) api::on_log_progress(node_, *replica, turn);
    if (&directory == &node_.startup.metadata_directory())
        return fail(fmt::format("log directory {}, which holds the metadata log, has failed",
                                directory.path),
                    turn);
    if (node_.startup.are_all_offline()) return fail("all log directories have failed", turn);
    if (stage_ >= Stage::closing) return;
    untold_.has_lost_one = true;
    tell_directories(turn);
}

// Again later when the metadata log is full, and when it has lost what it took.
void Broker::tell_directories(Turn& turn) {
    for (metadata::Assignment& one : node_.replicas.take_assignments())
        untold_.assignments.push_back(std::move(one));
    if (telling_ && telling_->end <= node_.quorum.high_watermark()) telling_.reset();
    if (telling_) return;
    DirectoryNews told;
    if (untold_.has_lost_one &&
        node_.commit(node_.controller.decide_directories(node_.id, online_directories()), turn))
        std::swap(told.has_lost_one, untold_.has_lost_one);
    if (!untold_.assignments.empty() &&
        node_.commit(node_.controller.decide_assignments(node_.id, untold_.assignments), turn))
        std::swap(told.assignments, untold_.assignments);
    if (told.has_lost_one || !told.assignments.empty())
        telling_ = {node_.quorum.end_offset(), std::move(told)};
}

// Each stage ends when what it waits for is there; several may end at once.
void Broker::advance(Turn& turn) {
    apply_committed(turn);
    if (!node_.waits_for_commit.empty()) api::answer_committed(node_, turn);
    if (const auto from = node_.quorum.take_loss()) on_metadata_lost(*from, turn);
    if (stage_ == Stage::stopped) return;
    if (!node_.quorum.failure().empty()) return fail(node_.quorum.failure(), turn);
    if (stage_ == Stage::preparing) {
        if (!node_.startup.failure().empty()) return fail(node_.startup.failure(), turn);
        if (node_.startup.is_done()) load(turn);
    }
    if (stage_ == Stage::loading && node_.quorum.caught_up() && !is_enrolling_refused_)
        enroll(turn);
    if (stage_ == Stage::registering && node_.is_registered()) stage_ = Stage::opening;
    if (stage_ == Stage::opening && node_.replicas.opening() == 0) listen(turn);
    settle_topics(turn);
    if (!node_.waits_for_producer_ids.empty()) api::on_producer_ids(node_, turn);
    if (stage_ == Stage::closing && node_.replicas.are_closed() && node_.quorum.is_closed()) {
        write_checkpoints(turn);
    }
    if (stage_ == Stage::checkpointing && checkpoints_.is_done()) {
        stage_ = Stage::stopped;
        turn.note(Occurrence::Kind::stopped, fmt::format("node {}", node_.id.value()),
                  "cleanly: the next start need not check its logs");
        turn.ask(effect::Exit{0});
    }
    wait_for_room(turn);
}

// While something waits for room there is a timer for it, less and less often.
void Broker::wait_for_room(Turn& turn) {
    const bool is_waited_for = node_.startup.is_waiting() || node_.quorum.waits_for_room() ||
                               node_.replicas.wait_for_room() || is_enrolling_refused_ ||
                               node_.snapshotting.waits_for_room();
    if (!is_waited_for || is_room_timer_armed_ || stage_ >= Stage::closing) return;
    const bool is_old_trouble = tried_at_ + room_wait_ >= turn.now;
    room_wait_ = is_old_trouble ? std::clamp(2 * room_wait_, room_wait_least, room_wait_most)
                                : room_wait_least;
    is_room_timer_armed_ = true;
    turn.ask(effect::ArmTimer{names::room_due, turn.now + room_wait_});
}

void Broker::try_again(Turn& turn) {
    is_room_timer_armed_ = false;
    tried_at_ = turn.now;
    if (stage_ >= Stage::closing) return;
    node_.startup.try_again(turn);
    node_.quorum.try_again(turn);
    node_.replicas.try_again(node_.startup.directories(), turn);
    node_.snapshotting.try_again();
    is_enrolling_refused_ = false;
    advance(turn);
}

// The metadata log took no record of the registration: what was decided on is void.
void Broker::wait_to_enroll(Turn& turn) {
    turn.note(Occurrence::Kind::storage, fmt::format("node {}", node_.id.value()),
              "the metadata log takes no record of it: the disk is full: the start waits for room",
              Severity::error);
    is_enrolling_refused_ = true;
    stage_ = Stage::loading;
}

// Looks at who waits for topics when records were committed or logs have opened since.
void Broker::settle_topics(Turn& turn) {
    const std::pair seen(node_.changes, node_.replicas.opening());
    if (std::exchange(settled_at_, seen) == seen || node_.waits_for_topics.empty()) return;
    api::on_topics_settled(node_, turn);
}

// What was decided on is void.
void Broker::on_metadata_lost(Offset from, Turn& turn) {
    api::on_metadata_lost(node_, from, turn);
    if (stage_ == Stage::registering) return wait_to_enroll(turn);
    if (!telling_ || telling_->end <= from) return;
    untold_.has_lost_one |= telling_->news.has_lost_one;
    untold_.assignments.insert(untold_.assignments.begin(), telling_->news.assignments.begin(),
                               telling_->news.assignments.end());
    telling_.reset();
}

void Broker::load(Turn& turn) {
    stage_ = Stage::loading;
    node_.quorum.start(node_.startup.metadata_directory().was_clean_stop, turn);
}

// Registers this node with the controller that it is itself.
void Broker::enroll(Turn& turn) {
    stage_ = Stage::registering;
    // From here on the controller knows what this life decides before it is committed. What earlier
    // ones left, the two share.
    node_.restore_controller();
    if (node_.metadata_transaction.is_open()) {
        protocol::AbortTransactionRecord abort;
        abort.reason = "the controller that began it is gone";
        node_.commit({std::move(abort)}, turn);
    }
    if (node_.controller.latest().feature_level(metadata::metadata_version) == 0 &&
        !begin_log(turn)) {
        return;
    }
    const std::int16_t version =
        node_.controller.latest().feature_level(metadata::metadata_version);
    if (version > metadata::metadata_version_level) {
        return fail(fmt::format("metadata.version is finalized at {}; this release knows up to {}: "
                                "start the release that wrote this directory",
                                version, metadata::metadata_version_level),
                    turn);
    }
    for (const auto& [name, level] : node_.controller.latest().features()) {
        if (name == metadata::metadata_version) continue;
        turn.note(Occurrence::Kind::setting, name,
                  fmt::format("is finalized at {} in this directory; this release does not have it "
                              "yet and leaves it as it is",
                              level),
                  Severity::warning);
    }
    node_.incarnation = Uuid::draw(turn.random(Concern::identity));
    metadata::Registration me{node_.id,     node_.incarnation,    node_.advertised(),
                              std::nullopt, online_directories(), false};
    me.has_offline_directories =
        std::ranges::any_of(node_.startup.directories(),
                            [](const LogDirectory& directory) { return !directory.is_online; });
    const std::string rack = node_.settings.text("broker.rack");
    if (!rack.empty()) me.rack = rack;
    if (!node_.commit(node_.controller.decide_registration(me, node_.quorum.end_offset()), turn)) {
        wait_to_enroll(turn);
    }
}

// The first records of an empty log: those of bootstrap.checkpoint, which a format has left there,
// else our own. False when the node has failed.
bool Broker::begin_log(Turn& turn) {
    std::vector<metadata::Record> records;
    for (const Bytes& value : node_.quorum.bootstrap()) {
        auto record = metadata::decode(value);
        if (!record) {
            fail("bootstrap.checkpoint: " + record.error(), turn);
            return false;
        }
        records.push_back(*std::move(record));
    }
    if (records.empty()) records = metadata::bootstrap_records();
    node_.commit(metadata::bootstrap_transaction(std::move(records)), turn);
    return true;
}

void Broker::apply_committed(Turn& turn) {
    for (const quorum::Committed& batch : node_.quorum.take_committed()) {
        for (const Bytes& value : batch.values) {
            auto record = metadata::decode(value);
            const auto now = record ? node_.metadata_transaction.take(*std::move(record))
                                    : unexpected(std::move(record.error()));
            if (!now) {
                return fail(fmt::format("__cluster_metadata-0, batch at offset {}: {}",
                                        batch.base_offset.value(), now.error()),
                            turn);
            }
            for (const metadata::Record& one : *now) node_.apply(one);
        }
        node_.snapshotting.on_committed(batch);
    }
    // Partitions are opened when all that was there is read: a topic may have come and gone.
    if (stage_ < Stage::registering) return;
    node_.follow_image(turn);
    if (stage_ < Stage::closing) tell_directories(turn);
    const bool may_begin = stage_ == Stage::serving && !node_.metadata_transaction.is_open();
    node_.snapshotting.advance(node_.image, may_begin, node_.quorum, turn);
}

void Broker::listen(Turn& turn) {
    stage_ = Stage::listening;
    node_.replicas.expect_new_partitions();
    cleaner_.remember_ends(node_.replicas);
    node_.startup.forget_partitions();
    for (const settings::Listener& listener : node_.settings.listeners()) {
        if (node_.settings.is_controller_listener(listener.name)) continue;
        node_.listeners.push_back({listener.name, listener.host, listener.port});
        const ListenerId id(static_cast<std::uint32_t>(node_.listeners.size()));
        turn.ask(effect::Listen{id, {listener.host, listener.port}});
    }
}

void Broker::handle(const event::Listening& event, Turn& turn) {
    metadata::Listener& listener = node_.listeners.at(event.listener.value() - 1);
    const std::string subject =
        fmt::format("{}://{}:{}", listener.name, listener.host, event.at.port);
    if (!event.open)
        return fail(fmt::format("{} cannot be opened: {}", subject, event.error), turn);
    listener.port = event.at.port;
    turn.note(Occurrence::Kind::listening, subject, "open");
    if (++listening_ < node_.listeners.size()) return;
    stage_ = Stage::serving;
    turn.note(Occurrence::Kind::started, fmt::format("node {}", node_.id.value()),
              fmt::format("Kafka Server started: cluster {}, {} partitions",
                          node_.startup.cluster_id(), node_.replicas.all().size()));
    for (const Token timer : {names::checkpoint_due, names::start_checkpoint_due,
                              names::clean_up_due, names::flush_due, names::snapshot_due,
                              names::producers_due})
        arm(timer, turn);
    cleaner_.start(node_.startup.directories(), turn);
}

void Broker::handle(const event::Computed& event, Turn& turn) {
    if (names::owner_of(event.job) == names::checks) {
        // Once the node stops nobody waits for it any more.
        return stage_ == Stage::serving ? api::on_checked(node_, event, turn) : void();
    }
    api::on_log_progress(node_, node_.replicas.on(event, turn), turn);
    if (stage_ == Stage::serving) cleaner_.on_log(names::slot_of(event.job), node_.replicas, turn);
    advance(turn);
}

Bytes Broker::compute(const effect::Compute& job) { return log::compute(job); }

void Broker::handle(const event::Operator& event, Turn& turn) {
    CHECK(event.order == Order::shut_down);
    if (stage_ >= Stage::closing) return;
    if (stage_ < Stage::serving) {
        // Nothing was promised to anyone: the next start finds what a crash would leave.
        stage_ = Stage::stopped;
        return turn.ask(effect::Exit{0});
    }
    node_.is_stopping = true;
    for (std::size_t i = 0; i < node_.listeners.size(); ++i) {
        turn.ask(effect::Unlisten{ListenerId(static_cast<std::uint32_t>(i + 1))});
    }
    api::answer_all_fetches(node_, turn);
    node_.connections.hang_up_all(turn);
    stage_ = Stage::closing;
    node_.replicas.close(turn);
    node_.quorum.close(turn);
    advance(turn);
}

void Broker::write_checkpoints(Turn& turn) {
    if (!checkpoints_.is_done()) return;  // the timer's are on their way
    stage_ = Stage::checkpointing;
    checkpoints_.start(Checkpoints::What::all, node_.replicas, node_.startup.directories(),
                       node_.image.brokers().at(node_.id).epoch, turn);
}

void Broker::fail(const std::string& why, Turn& turn) {
    stage_ = Stage::stopped;
    turn.note(Occurrence::Kind::stopped, fmt::format("node {}", node_.id.value()), why,
              Severity::error);
    turn.ask(effect::Exit{1});
}

}  // namespace barnabas::broker
