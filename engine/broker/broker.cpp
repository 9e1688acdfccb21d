#include "engine/broker/broker.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/broker/names.h"
#include "engine/log/jobs.h"
#include "engine/metadata/bootstrap.h"

namespace barnabas::broker {

using log_manager::Checkpoints;
using log_manager::LogDirectory;
using log_manager::LogManager;

Broker::Broker(const settings::BrokerSettings& settings)
    : node_(settings),
      checkpoints_(names::checkpoints_job, FileId(names::checkpoints)),
      cleaner_(settings, Token(names::cleaner), names::cleaner_due, FileId(names::cleaner)) {}
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
        checkpoints_.go_on(node_.logs, node_.partitions.logs(), node_.startup.directories(), turn);
        return advance(turn);
    }
    if (event.job == names::sent_due) return node_.connections.on_sent_due(turn);
    if (event.job == names::take_up_due) return;  // on() does
    if (stage_ != Stage::serving) return;
    if (event.job == names::job_due) return node_.jobs.advance(node_, turn);
    if (event.job == names::flush_due) return flush_old(turn);
    if (event.job == names::clean_up_due) return clean_up(turn);
    if (event.job == names::producers_due) return expire_producers(turn);
    cleaner_.on_continued(node_.logs, node_.partitions.logs(), turn);
}

void Broker::handle(const event::Drained& event, Turn& turn) {
    node_.connections.on_drained(event, turn);
}

void Broker::handle(const event::Disconnected& event, Turn& turn) {
    api::forget(node_, event.connection, turn);
    node_.connections.on_disconnected(event, turn);
    node_.partitions.forget(event.connection);
    api::deliver(node_, turn);
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
    if (event.timer == names::patience_due) return node_.connections.on_patience_due(turn);
    if (stage_ != Stage::serving) return;
    if (event.timer == names::cleaner_due)
        return cleaner_.on_timer(node_.logs, node_.partitions.logs(), turn);
    if (event.timer == names::clean_up_due) return clean_up(turn);
    if (event.timer == names::flush_due) return flush_old(turn);
    if (event.timer == names::producers_due) return expire_producers(turn);
    (event.timer == names::start_checkpoint_due ? are_log_starts_due_ : are_recovery_points_due_) =
        true;
    write_due_checkpoints(turn);
    tell_directories();
    arm(event.timer, turn);
}

// What has moved is written. Both timers may fire at the same instant: then one after the other.
void Broker::write_due_checkpoints(Turn& turn) {
    const auto write = [&](Checkpoints::What what) {
        checkpoints_.start(what, node_.logs, node_.partitions.logs(), node_.startup.directories(),
                           std::nullopt, turn);
    };
    if (node_.partitions.take_moved_starts()) node_.logs.put_back_moved_log_starts();
    if (checkpoints_.is_done() && std::exchange(are_recovery_points_due_, false) &&
        node_.logs.take_moved_recovery_points())
        write(Checkpoints::What::recovery_points);
    if (checkpoints_.is_done() && std::exchange(are_log_starts_due_, false) &&
        node_.logs.take_moved_log_starts())
        write(Checkpoints::What::log_starts);
}

void Broker::on_checkpoint(const event::StorageDone& event, Turn& turn) {
    checkpoints_.on(event, turn);
    if (const auto what = checkpoints_.take_unwritten()) {
        if (*what != Checkpoints::What::log_starts) node_.logs.put_back_moved_recovery_points();
        if (*what != Checkpoints::What::recovery_points) node_.logs.put_back_moved_log_starts();
    }
}

// In slices: the next one comes after the events that are ready.
void Broker::clean_up(Turn& turn) {
    if (stage_ != Stage::serving) return;
    const bool is_over = node_.logs.clean_up(node_.promised_files(), node_.partitions.logs(), turn);
    if (is_over) return arm(names::clean_up_due, turn);
    turn.ask(effect::Continue{names::clean_up_due});
}

void Broker::flush_old(Turn& turn) {
    if (stage_ != Stage::serving) return;
    if (node_.logs.flush_old(node_.partitions.logs(), turn)) return arm(names::flush_due, turn);
    turn.ask(effect::Continue{names::flush_due});
}

void Broker::expire_producers(Turn& turn) {
    if (stage_ != Stage::serving) return;
    if (node_.logs.expire_producers(node_.partitions.logs(), turn))
        return arm(names::producers_due, turn);
    turn.ask(effect::Continue{names::producers_due});
}

void Broker::arm(Token timer, Turn& turn) const {
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
        case names::startup:
            node_.startup.on(event, turn);
            give_bootstrap(turn);
            break;
        case names::checkpoints: on_checkpoint(event, turn); break;
        case names::cleaner:
            if (stage_ == Stage::serving)
                cleaner_.on(event, node_.logs, node_.partitions.logs(), turn);
            break;
        default: {
            const std::uint32_t slot = LogManager::slot_of(event.operation);
            node_.logs.on(event, node_.startup.directories(), node_.partitions.logs(), turn);
            node_.partitions.on_log(slot, turn);
            api::deliver(node_, turn);
            if (stage_ == Stage::serving)
                cleaner_.on_log(slot, node_.logs, node_.partitions.logs(), turn);
        }
    }
    while (const auto broken = node_.logs.take_broken_directory()) take_offline(*broken, turn);
    while (const auto broken = checkpoints_.take_broken_directory()) take_offline(*broken, turn);
    while (const auto broken = cleaner_.take_broken_directory()) take_offline(*broken, turn);
    if (stage_ == Stage::serving) write_due_checkpoints(turn);
    advance(turn);
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
    const auto gone = node_.logs.take_offline(index, "its log directory is offline",
                                              node_.partitions.logs(), turn);
    for (const std::uint32_t slot : gone) {
        node_.partitions.on_log(slot, turn);
        api::deliver(node_, turn);
    }
    if (&directory == &node_.startup.metadata_directory())
        return fail(fmt::format("log directory {}, which holds the metadata log, has failed",
                                directory.path),
                    turn);
    if (node_.startup.are_all_offline()) return fail("all log directories have failed", turn);
    if (is_ending()) return;
    has_lost_directory_ = true;
    tell_directories();
}

// Again later when the controller could not write it: when there may be room.
void Broker::tell_directories() {
    if (!may_tell()) return;
    for (const log_manager::Placed& one : node_.placement.take_placed())
        untold_places_.push_back({one.topic, one.partition, one.directory});
    if (is_directory_untold()) ask_for(Own::directories);
    if (are_places_untold()) ask_for(Own::places);
}

void Broker::follow(Offset end, bool is_current, Turn& turn) {
    node_.metadata_end = end;
    // Partitions are opened when all that was there is read: a topic may have come and gone.
    if (is_current && stage_ == Stage::loading) {
        stage_ = Stage::registering;
        ask_for_registration(turn);
    }
    if (stage_ < Stage::registering) return;
    if (node_.follow_settings(turn)) cleaner_.on_settings(node_.settings);
    node_.follow_image(turn);
    api::deliver(node_, turn);
    tell_directories();
    advance(turn);
}

void Broker::on_metadata_closed(Turn& turn) {
    is_metadata_closed_ = true;
    advance(turn);
}

// Each stage ends when what it waits for is there; several may end at once.
void Broker::advance(Turn& turn) {
    if (stage_ == Stage::stopped) return;
    if (stage_ == Stage::preparing) {
        if (!node_.startup.failure().empty()) return fail(node_.startup.failure(), turn);
        if (node_.startup.is_done()) stage_ = Stage::loading;
    }
    if (stage_ == Stage::opening && node_.logs.opening() == 0) {
        stage_ = Stage::unfencing;
        ask_for(Own::unfencing);
    }
    settle_topics(turn);
    if (stage_ == Stage::closing && node_.logs.are_closed() && is_metadata_closed_)
        write_checkpoints(turn);
    if (stage_ == Stage::checkpointing && checkpoints_.is_done()) {
        stage_ = Stage::stopped;
        turn.note(Occurrence::Kind::stopped, fmt::format("node {}", node_.id.value()),
                  "cleanly: the next start need not check its logs");
        turn.ask(effect::Exit{0});
    }
}

// Beside the metadata log of a new directory.
void Broker::give_bootstrap(Turn& turn) {
    if (node_.startup.wants_bootstrap())
        node_.startup.write_bootstrap(metadata::bootstrap_checkpoint(turn.wall), turn);
}

bool Broker::waits_for_room() {
    return node_.startup.is_waiting() || node_.logs.waits_for_room() || is_refused_ ||
           (may_tell() && (is_directory_untold() || are_places_untold()));
}

void Broker::try_again(Turn& turn) {
    node_.startup.try_again(turn);
    give_bootstrap(turn);
    node_.logs.try_again(node_.startup.directories(), node_.partitions.logs(), turn);
    tell_directories();
    if (std::exchange(is_refused_, false)) {
        stage_ == Stage::registering ? ask_for_registration(turn) : ask_for(Own::unfencing);
    }
    advance(turn);
}

// The metadata log took no record of what was asked for.
void Broker::wait_to_go_on(std::string_view what, Turn& turn) {
    turn.note(Occurrence::Kind::storage, fmt::format("node {}", node_.id.value()),
              fmt::format("the metadata log takes no record of {}: the disk is full: the start "
                          "waits for room",
                          what),
              Severity::error);
    is_refused_ = true;
}

// Looks at who waits for topics when records were committed or logs have opened since.
void Broker::settle_topics(Turn& turn) {
    const std::pair seen(node_.changes, node_.logs.opening());
    if (std::exchange(settled_at_, seen) == seen || node_.waits_for_topics.empty()) return;
    api::on_topics_settled(node_, turn);
}

void Broker::listen(Turn& turn) {
    stage_ = Stage::listening;
    node_.placement.expect_new_partitions();
    cleaner_.remember_ends(node_.partitions.logs());
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
                          node_.startup.cluster_id(), node_.partitions.table().slot_count()));
    for (const Token timer : {names::checkpoint_due, names::start_checkpoint_due,
                              names::clean_up_due, names::flush_due, names::producers_due})
        arm(timer, turn);
    cleaner_.start(node_.startup.directories(), turn);
}

void Broker::handle(const event::Computed& event, Turn& turn) {
    if (names::owner_of(event.job) == names::checks) {
        // Once the node stops nobody waits for it any more.
        if (stage_ != Stage::serving) return;
        node_.partitions.on_checked(event, api::turn_effort(), turn);
        return api::deliver(node_, turn);
    }
    const std::uint32_t slot = LogManager::slot_of(event.job);
    node_.logs.on(event, node_.partitions.logs(), turn);
    node_.partitions.on_log(slot, turn);
    api::deliver(node_, turn);
    if (stage_ == Stage::serving) cleaner_.on_log(slot, node_.logs, node_.partitions.logs(), turn);
    advance(turn);
}

Bytes Broker::compute(const effect::Compute& job) { return log::compute(job); }

void Broker::handle(const event::Operator& event, Turn& turn) {
    CHECK(event.order == Order::shut_down);
    if (is_ending()) return;
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
    stage_ = Stage::resigning;
    ask_for(Own::shutdown);
}

void Broker::close(Turn& turn) {
    stage_ = Stage::closing;
    node_.logs.close(node_.partitions.logs(), turn);
    advance(turn);
}

void Broker::write_checkpoints(Turn& turn) {
    if (!checkpoints_.is_done()) return;  // the timer's are on their way
    stage_ = Stage::checkpointing;
    checkpoints_.start(Checkpoints::What::all, node_.logs, node_.partitions.logs(),
                       node_.startup.directories(),
                       node_.image.brokers().at(node_.id).epoch, turn);
}

void Broker::fail(const std::string& why, Turn& turn) {
    stage_ = Stage::stopped;
    turn.note(Occurrence::Kind::stopped, fmt::format("node {}", node_.id.value()), why,
              Severity::error);
    turn.ask(effect::Exit{1});
}

}  // namespace barnabas::broker
