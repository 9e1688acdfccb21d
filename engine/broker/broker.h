// A broker: one node's role towards clients. A machine but for the metadata log, which is its
// node's: give it events, and what that log and the active controller say; carry out its effects.
//
// From Started on it locks and reads its log directories (formats them when they are empty) and
// waits for the metadata. Then it registers, opens its partitions, and asks to be unfenced: from
// then on it leads, and only then it listens. It exits with 1 when it may not start, with a note
// that says why, and with 0 after Operator{shut_down}: then requests are answered or closed, the
// controller has other leaders for its partitions or none, logs are flushed, and the next start
// need not check them.
//
// What finds no room on a disk is tried again until there is some, at every stage but the last
// ones: a stop does not wait for room.
#pragma once

#include "engine/broker/node.h"
#include "engine/log_manager/checkpoints.h"
#include "engine/log_manager/cleaner_manager.h"
#include "engine/metadata/assignment.h"
#include "engine/runtime/event.h"

namespace barnabas::broker {

class Broker {
  public:
    explicit Broker(const settings::BrokerSettings& settings);
    // Compiled once, not in every file that holds one: much state by value.
    Broker(const Broker& other);
    Broker(Broker&& other) noexcept;
    Broker& operator=(const Broker& other);
    Broker& operator=(Broker&& other) noexcept;
    ~Broker();

    void on(const Event& event, Turn& turn);
    void digest(Hasher& hasher) const;
    static Bytes compute(const effect::Compute& job);

    // A record of the metadata log that is committed; each once, in their order.
    void apply(const metadata::Record& record) { node_.apply(record); }
    // All committed records below `end` were applied. Once `is_current`, they are all that stood in
    // the log when this life began.
    void follow(Offset end, bool is_current, Turn& turn);
    // What the active controller answers, committed.
    void on_answer(protocol::AskNumber number, protocol::ControllerResponse&& response, Turn& turn);
    // It works on what was asked, and holds so much of the answer; `is_decided` once, at the end.
    // False when nobody waits for the answer any more.
    bool on_progress(protocol::AskNumber number, std::uint64_t answer_bytes, bool is_decided,
                     Turn& turn);
    // For node: what is asked of the active controller, since the last call.
    std::vector<Ask> take_asked();
    void on_metadata_closed(Turn& turn);
    // Ends the node with exit code 1.
    void fail(const std::string& why, Turn& turn);
    // Something found no room: try_again() is to be called every so often.
    bool waits_for_room();
    void try_again(Turn& turn);

    // The log directories are ready, the metadata may be loaded.
    bool wants_metadata() const { return stage_ == Stage::loading; }
    bool is_serving() const { return stage_ == Stage::serving; }
    // No room is waited for any more.
    bool is_ending() const { return stage_ > Stage::serving; }
    // The metadata log is to be closed too.
    bool is_closing() const { return stage_ == Stage::closing; }
    bool is_stopped() const { return stage_ == Stage::stopped; }
    // For checkers, the desktop and tests too.
    const Node& node() const { return node_; }

  private:
    enum class Stage : std::uint8_t {
        preparing,    // the log directories
        loading,      // the metadata log
        registering,  // with the controller
        opening,      // partitions
        unfencing,
        listening,
        serving,
        resigning,      // what it leads
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
    void settle_topics(Turn& turn);
    void ask_for_registration(Turn& turn);
    void ask_for(Own what);
    void on_own_answer(Own what, protocol::ControllerResponse& response, Turn& turn);
    void wait_to_go_on(std::string_view what, Turn& turn);
    void listen(Turn& turn);
    void clean_up(Turn& turn);
    void flush_old(Turn& turn);
    void expire_producers(Turn& turn);
    void write_due_checkpoints(Turn& turn);
    void on_checkpoint(const event::StorageDone& event, Turn& turn);
    void take_offline(std::size_t directory, Turn& turn);
    void give_bootstrap(Turn& turn);
    void tell_directories();
    bool may_tell() const { return stage_ >= Stage::unfencing && !is_ending(); }
    bool is_directory_untold() const { return has_lost_directory_ && !is_telling_directories_; }
    bool are_places_untold() const { return !untold_places_.empty() && told_places_.empty(); }
    // Arms one of the timers that come again and again.
    void arm(Token timer, Turn& turn) const;
    void close(Turn& turn);
    void write_checkpoints(Turn& turn);

    Node node_;
    Stage stage_ = Stage::preparing;
    bool is_refused_ = false;  // what the stage asked for: it asks again after try_again()
    bool is_metadata_closed_ = false;
    // As it was when those that wait for topics were looked at last.
    std::pair<std::uint64_t, std::size_t> settled_at_{0, 0};
    std::size_t listening_ = 0;        // listeners that are open
    // What the controller has to hear of this node's directories, and what is on its way there:
    // what it could not write is told again.
    bool has_lost_directory_ = false;
    bool is_telling_directories_ = false;
    std::vector<metadata::Assignment> untold_places_;
    std::vector<metadata::Assignment> told_places_;
    log_manager::Checkpoints checkpoints_;
    bool are_recovery_points_due_ = false;  // since their timer fired
    bool are_log_starts_due_ = false;
    log_manager::CleanerManager cleaner_;
};

}  // namespace barnabas::broker
