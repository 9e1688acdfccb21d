// The listeners and connections of one machine.
//
// Asio says when a socket is ready; bytes are read and written by hand, so that one call serves
// many frames. Effects change a connection's state at once (a Pause holds back the very next
// frame), while sends and closes wait for carry_out() at the end of the pass.
//
// Connections have their turns in a row that goes round: each a slice of time, whoever was not
// reached in one pass first in the next. A connection whose frames lead to much output is told no
// more of them until that was tried to send, and the machine has heard what the peer did not take.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/host/allowance.h"
#include "engine/host/log_sink.h"
#include "engine/host/receiver.h"
#include "engine/host/sender.h"
#include "engine/host/socket_calls.h"
#include "engine/host/turns.h"
#include "engine/runtime/effect.h"

namespace barnabas::host {

using Watched = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

class Network {
  public:
    // What one connection gets before the next has its turn.
    static constexpr Duration slice = std::chrono::microseconds(200);
    static constexpr std::size_t read_max = 1024 * 1024;
    static constexpr std::uint64_t untried_max = 256 * 1024;
    static constexpr int accept_max = 64;
    // Until it is looked again whether there are descriptors and memory.
    static constexpr std::chrono::milliseconds shortage_pause{100};

    // Events that are not frames are added to `events`.
    Network(boost::asio::io_context& loop, std::vector<Event>& events, LogSink& log,
            Duration dial_timeout);
    ~Network();

    void listen(const effect::Listen& wanted);
    void unlisten(ListenerId listener);
    void dial(const effect::Dial& wanted);
    void admit(const effect::Admit& credit);
    void pause(ConnectionId connection);
    void resume(ConnectionId connection);
    void hang_up(ConnectionId connection);
    void send(effect::Send bytes);
    void send_file(ConnectionId connection, FileRange range);  // breaks off without a file

    // Something can be read, accepted or sent without waiting for a socket.
    bool is_ready() const {
        return has_input() || !acceptable_.empty() || !touched_.empty();
    }
    bool has_input() const { return !readable_.empty() || !greedy_.empty(); }
    // Accepts, reads what is there and runs a turn for each frame, as far as the allowance goes;
    // some of it in any case. Who had more to say than one slice comes behind all who had not, and
    // still gets a slice in each pass.
    void receive(Turns& turns, Allowance& allowance);
    // Sends what was asked for, closes what is to be closed, waits for what may come; likewise.
    void carry_out(Allowance& allowance);

    // What is to be brought into memory before a connection can be sent on.
    struct Cold {
        ConnectionId connection;
        FileRange piece;
        std::uint64_t ahead = 0;  // so much behind the piece will be wanted next
    };
    std::vector<Cold> take_cold() { return std::exchange(cold_, {}); }
    // That was done, by this descriptor, or cannot be done.
    void resume_sending(ConnectionId connection, SharedDescriptor file);
    // Hangs up everywhere.
    void end_all();

    // Before an event of `events` is told: false when its connection has been hung up meanwhile.
    // Forgets a connection whose Disconnected it is.
    bool may_tell(const Event& event);

    std::size_t connections() const { return connections_.size(); }

  private:
    struct Connection;
    struct Dialling;
    struct Listener;

    Connection* find(ConnectionId id);  // one that the machine may still use
    void add_accepted(ListenerId listener, Descriptor socket);
    static bool watch(Watched& watched, Descriptor socket);
    void touch(Connection& connection);
    void list(Connection& connection);
    void end(Connection& connection, Reason reason);

    void accept_from(Listener& listener, const Allowance& allowance);
    void back_off(Listener& listener, int error);
    void listen_later(const effect::Listen& wanted, int error);
    void wait_to_accept(Listener& listener);
    void read_from_each(std::vector<Connection*>& listed, Turns& turns, Allowance& allowance);
    void read_from(Connection& connection, Turns& turns, Allowance& allowance);
    bool read_once(Connection& connection, std::size_t& spent);
    bool tell_frames(Connection& connection, Turns& turns, Instant until);

    void carry_out(Connection& connection, Allowance& allowance);
    void close(Connection& connection);
    void send_from(Connection& connection, Allowance& allowance);
    void wait_to_read(Connection& connection);
    void wait_to_write(Connection& connection);

    void resolve(Connection& connection, const Endpoint& peer);
    void dial_next(Connection& connection);
    void on_dialled(Connection& connection);

    boost::asio::io_context& loop_;
    std::vector<Event>& events_;
    LogSink& log_;
    Duration dial_timeout_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::unordered_flat_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    boost::unordered_flat_map<std::uint32_t, std::unique_ptr<Listener>> listeners_;
    // Those that wait for a descriptor.
    boost::unordered_flat_map<std::uint32_t, std::unique_ptr<boost::asio::steady_timer>>
        late_listeners_;
    std::uint64_t next_connection_ = 1;
    Slab slab_;
    std::vector<Connection*> readable_;  // or with frames that came and were held back
    std::vector<Connection*> greedy_;    // the same, of those that used up their slice
    std::vector<Connection*> reading_;
    std::vector<Connection*> touched_;  // to be looked at by carry_out()
    std::vector<Connection*> settling_;
    std::vector<ListenerId> acceptable_;
    std::vector<Cold> cold_;
};

}  // namespace barnabas::host
