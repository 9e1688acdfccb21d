// One node: broker, controller and the quorum's only voter. A machine: give it events, carry out
// its effects.
//
// From Started on it locks and reads its log directories (formats them when they are empty), loads
// the metadata log, registers itself, opens its partitions, and only then listens. It exits with 1
// when it may not start, with a note that says why, and with 0 after Operator{shut_down}: then
// requests are answered or closed, logs flushed, and the next start need not check them.
//
// What finds no room on a disk is tried again until there is some, at every stage but the last
// ones: a stop does not wait for room.
#pragma once

#include "engine/broker/checkpoints.h"
#include "engine/broker/cleaner_manager.h"
#include "engine/broker/node.h"
#include "engine/runtime/event.h"

namespace barnabas::broker {

class Broker {
  public:
    explicit Broker(const settings::BrokerSettings& settings)
        : node_(settings), cleaner_(settings) {}
    // Compiled once, not in every file that holds one: much state by value.
    Broker(const Broker& other);
    Broker(Broker&& other) noexcept;
    Broker& operator=(const Broker& other);
    Broker& operator=(Broker&& other) noexcept;
    ~Broker();

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;
    static Bytes compute(const effect::Compute& job);

    // For checkers, the desktop and tests.
    bool is_serving() const { return stage_ == Stage::serving; }
    const Node& node() const { return node_; }

  private:
    enum class Stage : std::uint8_t {
        preparing,    // the log directories
        loading,      // the metadata log
        registering,  // this node, in it
        opening,      // partitions
        listening,
        serving,
        closing,        // logs
        checkpointing,  // what the next start wants to know
        stopped,
    };

    void handle(const event::Started&, Turn& turn);
    void handle(const event::Listening& event, Turn& turn);
    void handle(const event::Connected& event, Turn& turn);
    void handle(const event::Arriving& event, Turn& turn);
    void handle(const event::Received& event, Turn& turn);
    void take_up_requests(Turn& turn);
    void handle(const event::Drained& event, Turn& turn);
    void handle(const event::Disconnected& event, Turn& turn);
    void handle(const event::TimerFired& event, Turn& turn);
    void handle(const event::StorageDone& event, Turn& turn);
    void handle(const event::Continued& event, Turn& turn);
    void handle(const event::Operator& event, Turn& turn);
    void handle(const event::Computed& event, Turn& turn);

    void advance(Turn& turn);
    void apply_committed(Turn& turn);
    void settle_topics(Turn& turn);
    void load(Turn& turn);
    void enroll(Turn& turn);
    void wait_to_enroll(Turn& turn);
    void wait_for_room(Turn& turn);
    void try_again(Turn& turn);
    bool begin_log(Turn& turn);
    void listen(Turn& turn);
    void clean_up(Turn& turn);
    void flush_old(Turn& turn);
    void expire_producers(Turn& turn);
    void write_due_checkpoints(Turn& turn);
    void on_checkpoint(const event::StorageDone& event, Turn& turn);
    std::vector<Uuid> online_directories() const;
    void on_metadata_lost(Offset from, Turn& turn);
    void take_offline(std::size_t directory, Turn& turn);
    void tell_directories(Turn& turn);
    // Arms one of the timers that come again and again.
    void arm(Token timer, Turn& turn) const;
    void write_checkpoints(Turn& turn);
    void fail(const std::string& why, Turn& turn);

    Node node_;
    Stage stage_ = Stage::preparing;
    // As it was when those that wait for topics were looked at last.
    std::pair<std::uint64_t, std::size_t> settled_at_{0, 0};
    std::size_t listening_ = 0;        // listeners that are open
    std::uint32_t clean_up_from_ = 0;  // where the pass that is under way goes on
    std::uint32_t flush_from_ = 0;
    std::uint32_t expire_from_ = 0;
    // What the controller has to know of this node's directories.
    struct DirectoryNews {
        bool has_lost_one = false;
        std::vector<metadata::Assignment> assignments;
    };
    DirectoryNews untold_;
    struct Telling {
        Offset end;  // of the metadata log, with the news
        DirectoryNews news;
    };
    std::optional<Telling> telling_;  // on their way into it: what is lost is told again
    Checkpoints checkpoints_;
    Duration room_wait_{};  // the last one before try_again()
    Instant tried_at_{};
    bool is_room_timer_armed_ = false;
    bool is_enrolling_refused_ = false;
    bool are_recovery_points_due_ = false;  // since their timer fired
    bool are_log_starts_due_ = false;
    CleanerManager cleaner_;
};

}  // namespace barnabas::broker
