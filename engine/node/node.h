// One process: the metadata log, the roles that the node plays, and what they say to each other.
// Composition and nothing else. A machine: give it events, carry out its effects.
//
// The metadata log is loaded when the broker has its log directories, and led by this node, its
// only voter. Then there is an active controller. What is committed goes to the broker, record by
// record; what the broker asks goes to the controller, request and principal, and the answer goes
// back when all that it may tell of is committed.
#pragma once

#include <optional>
#include <string>

#include "engine/broker/broker.h"
#include "engine/controller/active_controller.h"
#include "engine/metadata/transaction.h"
#include "engine/node/commit_queue.h"
#include "engine/node/snapshotting.h"
#include "engine/quorum/lone_voter.h"

namespace barnabas::node {

class Node {
  public:
    explicit Node(const settings::BrokerSettings& settings);
    // Compiled once, not in every file that holds one: much state by value.
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(const Node& other);
    Node& operator=(Node&& other) noexcept;
    ~Node();

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;
    static Bytes compute(const effect::Compute& job) { return broker::Broker::compute(job); }

    // For checkers, the desktop and tests.
    bool is_serving() const { return broker_.is_serving(); }
    const broker::Broker& broker() const { return broker_; }
    const quorum::MetadataLog& metadata_log() const { return metadata_log_; }
    LeaderEpoch quorum_epoch() const { return voter_.epoch(); }
    // Nothing before this node leads the metadata log.
    const std::optional<controller::ActiveController>& controller() const { return controller_; }

  private:
    bool take_event(const Event& event, Turn& turn);
    void on_timer(Token timer, Turn& turn);
    void advance(Turn& turn);
    void apply_committed(Turn& turn);
    void take_office(Turn& turn);
    void note_features(Turn& turn) const;
    void restore_controller();
    void on_loss(Offset from, Turn& turn);
    void answer_committed(Turn& turn);
    void pass_on_asks(Turn& turn);
    void pass_on(controller::ActiveController::Progress&& progress, Turn& turn);
    void work_on(Turn& turn);
    void arm_snapshots(Turn& turn) const;
    void close_with_broker(Turn& turn);
    void wait_for_room(Turn& turn);
    void try_again(Turn& turn);

    broker::Broker broker_;
    quorum::MetadataLog metadata_log_;
    quorum::LoneVoter voter_;            // leads it
    metadata::Transaction transaction_;  // of the committed records
    Snapshotting snapshotting_;          // of the image that they make
    std::optional<controller::ActiveController> controller_;
    CommitQueue answers_;
    Offset prepared_end_{0};  // of what the controller wrote before it decided anything
    bool is_loading_ = false;
    bool is_prepared_ = false;  // the controller may decide
    bool is_refused_ = false;   // it could not be, and is after try_again()
    bool is_work_asked_ = false;  // Continue for it is on its way
    bool are_snapshots_armed_ = false;
    bool is_closing_ = false;
    Duration room_wait_{};  // the last one before try_again()
    Instant tried_at_{};
    bool is_room_timer_armed_ = false;
};

}  // namespace barnabas::node
