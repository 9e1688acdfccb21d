#include "engine/node/node.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/wait.h"
#include "engine/broker/ask.h"
#include "engine/broker/names.h"
#include "engine/controller/progress.h"
#include "engine/node/commit_row.h"

namespace barnabas::node {
namespace {

namespace names = broker::names;

constexpr Duration room_wait_least = 1s;
constexpr Duration room_wait_most = 2s;

log::LogConfig metadata_log_config(const settings::BrokerSettings& settings) {
    log::LogConfig config;
    config.segment_bytes =
        static_cast<std::uint32_t>(settings.number("metadata.log.segment.bytes"));
    config.segment_ms = settings.number("metadata.log.segment.ms");
    // Metadata is never deleted by age or size: snapshots decide what may go.
    config.retention_bytes = -1;
    config.retention_ms = -1;
    return config;
}

// The metadata log of its leader.
class Leadership final : public controller::DecisionLog {
  public:
    Leadership(quorum::MetadataLog& log, LeaderEpoch epoch) : log_(log), epoch_(epoch) {}
    bool append(const std::vector<Bytes>& values, Turn& turn) override {
        return log_.append(values, epoch_, turn);
    }
    Offset end_offset() const override { return log_.end_offset(); }

  private:
    quorum::MetadataLog& log_;
    LeaderEpoch epoch_;
};

}  // namespace

Node::Node(const settings::BrokerSettings& settings)
    : broker_(settings),
      metadata_log_(broker::Node::metadata_directory(settings), metadata_log_config(settings),
                    names::metadata_log,
                    {settings.number("metadata.max.retention.bytes"),
                     settings.number("metadata.max.retention.ms")}),
      voter_(NodeId(settings.node_id())),
      snapshotting_(settings) {}

Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

void Node::on(const Event& event, Turn& turn) {
    if (broker_.is_stopped()) return;
    if (!take_event(event, turn)) broker_.on(event, turn);
    advance(turn);
}

// True when it was the node's own.
bool Node::take_event(const Event& event, Turn& turn) {
    if (const auto* done = std::get_if<event::StorageDone>(&event)) {
        if (!metadata_log_.owns(done->operation)) return false;
        metadata_log_.on(*done, turn);
        return true;
    }
    if (const auto* fired = std::get_if<event::TimerFired>(&event)) {
        on_timer(fired->timer, turn);
        return fired->timer == names::room_due || fired->timer == names::snapshot_due;
    }
    const auto* continued = std::get_if<event::Continued>(&event);
    if (continued == nullptr || continued->job != names::controller_due) return false;
    work_on(turn);
    return true;
}

void Node::on_timer(Token timer, Turn& turn) {
    if (timer == names::room_due) return try_again(turn);
    if (!broker_.is_serving()) return;
    if (timer == names::clean_up_due) return metadata_log_.clean_up(turn);
    if (timer != names::snapshot_due) return;
    snapshotting_.on_interval();
    arm_snapshots(turn);
}

void Node::arm_snapshots(Turn& turn) const {
    if (const auto interval = snapshotting_.interval())
        turn.ask(effect::ArmTimer{names::snapshot_due, turn.now + *interval});
}

void Node::advance(Turn& turn) {
    if (broker_.is_stopped()) return;
    if (broker_.wants_metadata() && !std::exchange(is_loading_, true)) {
        const log_manager::LogDirectory& directory = broker_.node().startup.metadata_directory();
        voter_.set_directory(directory.id);
        metadata_log_.start(directory.was_clean_stop, turn);
    }
    voter_.follow(metadata_log_, turn);
    apply_committed(turn);
    if (const auto from = metadata_log_.take_loss()) on_loss(*from, turn);
    if (broker_.is_stopped()) return;
    if (!metadata_log_.failure().empty()) return broker_.fail(metadata_log_.failure(), turn);
    if (voter_.caught_up(metadata_log_) && !is_prepared_ && !is_refused_) take_office(turn);
    answer_committed(turn);
    pass_on_asks(turn);
    if (broker_.is_serving() && !std::exchange(are_snapshots_armed_, true)) arm_snapshots(turn);
    close_with_broker(turn);
    wait_for_room(turn);
}

void Node::apply_committed(Turn& turn) {
    const std::vector<quorum::Committed> batches = metadata_log_.take_committed();
    for (const quorum::Committed& batch : batches) {
        for (const Bytes& value : batch.values) {
            auto record = metadata::decode(value);
            const auto now = record ? transaction_.take(*std::move(record))
                                    : unexpected(std::move(record.error()));
            if (!now) {
                return broker_.fail(fmt::format("__cluster_metadata-0, batch at offset {}: {}",
                                                batch.base_offset.value(), now.error()),
                                    turn);
            }
            for (const metadata::Record& one : *now) broker_.apply(one);
        }
        snapshotting_.on_committed(batch);
    }
    if (!batches.empty()) broker_.follow(metadata_log_.high_watermark(), is_prepared_, turn);
    const bool may_begin = broker_.is_serving() && !transaction_.is_open();
    snapshotting_.advance(broker_.node().image, may_begin, metadata_log_, turn);
}

// From here on the controller knows what this life decides before it is committed. What earlier
// ones left it shares with the broker.
void Node::take_office(Turn& turn) {
    if (!controller_) {
        controller_.emplace(broker_.node().settings);
        restore_controller();
    }
    Leadership log(metadata_log_, voter_.epoch());
    const auto is_written =
        controller_->prepare(metadata_log_.bootstrap(), transaction_.is_open(), log, turn);
    if (!is_written) return broker_.fail(is_written.error(), turn);
    if (!*is_written) {
        is_refused_ = true;
        turn.note(Occurrence::Kind::storage, "__cluster_metadata-0",
                  "takes no first record: the disk is full: the start waits for room",
                  Severity::error);
        return;
    }
    is_prepared_ = true;
    prepared_end_ = metadata_log_.end_offset();
    note_features(turn);
    broker_.follow(metadata_log_.high_watermark(), true, turn);
}

void Node::note_features(Turn& turn) const {
    for (const auto& [name, level] : controller_->latest().features()) {
        if (name == metadata::metadata_version) continue;
        turn.note(Occurrence::Kind::setting, name,
                  fmt::format("is finalized at {} in this directory; this release does not have it "
                              "yet and leaves it as it is",
                              level),
                  Severity::warning);
    }
}

// What is committed, and what is still to be.
void Node::restore_controller() {
    controller_->begin_with(broker_.node().image);
    for (const quorum::Committed& batch : metadata_log_.appended()) {
        for (const Bytes& value : batch.values) {
            const auto record = metadata::decode(value);
            CHECK(record.has_value());  // the controller has encoded it
            controller_->apply(*record);
        }
    }
}

// Batches of the metadata log were lost: what was decided on them is void.
void Node::on_loss(Offset from, Turn& turn) {
    if (!controller_) return;
    restore_controller();
    controller_->on_loss();
    if (from < prepared_end_) is_prepared_ = false;
    for (CommitQueue::Row& row : answers_.take_lost(from))
        broker_.on_answer(row.number, std::move(row.response), turn);
}

void Node::answer_committed(Turn& turn) {
    for (CommitQueue::Row& row : answers_.take_committed(metadata_log_.high_watermark()))
        broker_.on_answer(row.number, std::move(row.response), turn);
}

// An answer may lead to the next question.
void Node::pass_on_asks(Turn& turn) {
    if (!is_prepared_) return;
    for (auto asks = broker_.take_asked(); !asks.empty(); asks = broker_.take_asked()) {
        for (broker::Ask& ask : asks) {
            Leadership log(metadata_log_, voter_.epoch());
            pass_on(controller_->begin(ask.number, ask.principal, std::move(ask.request), log,
                                       turn),
                    turn);
        }
    }
}

void Node::pass_on(controller::ActiveController::Progress&& progress, Turn& turn) {
    const bool is_decided = progress.response.has_value();
    if (!progress.is_cleaning_up) {
        const bool is_wanted =
            broker_.on_progress(progress.number, progress.answer_bytes, is_decided, turn);
        if (!is_wanted) controller_->abandon(progress.number);
    }
    if (is_decided) {
        answers_.add({metadata_log_.end_offset(), progress.number, *std::move(progress.response)});
        answer_committed(turn);
    }
    if (!controller_->has_work() || std::exchange(is_work_asked_, true)) return;
    turn.ask(effect::Continue{names::controller_due});
}

void Node::work_on(Turn& turn) {
    is_work_asked_ = false;
    if (!controller_->has_work()) return;
    Leadership log(metadata_log_, voter_.epoch());
    pass_on(controller_->advance(log, turn), turn);
}

void Node::close_with_broker(Turn& turn) {
    if (!broker_.is_closing()) return;
    if (!std::exchange(is_closing_, true)) metadata_log_.close(turn);
    if (metadata_log_.is_closed()) broker_.on_metadata_closed(turn);
}

// While something waits for room there is a timer for it, less and less often.
void Node::wait_for_room(Turn& turn) {
    const bool is_waited_for = broker_.waits_for_room() || metadata_log_.waits_for_room() ||
                               voter_.waits_for_room() || is_refused_ ||
                               snapshotting_.waits_for_room();
    if (!is_waited_for || is_room_timer_armed_ || broker_.is_ending()) return;
    const bool is_old_trouble = tried_at_ + room_wait_ >= turn.now;
    room_wait_ = is_old_trouble ? std::clamp(2 * room_wait_, room_wait_least, room_wait_most)
                                : room_wait_least;
    is_room_timer_armed_ = true;
    turn.ask(effect::ArmTimer{names::room_due, turn.now + room_wait_});
}

void Node::try_again(Turn& turn) {
    is_room_timer_armed_ = false;
    tried_at_ = turn.now;
    if (broker_.is_ending()) return;
    metadata_log_.try_again(turn);
    voter_.try_again();
    snapshotting_.try_again();
    is_refused_ = false;
    broker_.try_again(turn);
}

}  // namespace barnabas::node
