// The rows of the network's tables. Only network.cpp and dialling.cpp look inside.
#pragma once

#include "engine/host/network.h"

namespace barnabas::host {

// A dial under way: the addresses left to try, and how long there is.
struct Network::Dialling {
    explicit Dialling(boost::asio::io_context& loop) : deadline(loop) {}

    std::vector<Address> addresses;
    std::size_t next = 0;
    int error = 0;  // of the address tried last
    boost::asio::steady_timer deadline;
};

struct Network::Connection {
    Connection(boost::asio::io_context& loop, ConnectionId number) : id(number), socket(loop) {}

    ConnectionId id;
    Watched socket;
    Receiver receiver;
    Sender sender;
    std::unique_ptr<Dialling> dialling;
    std::optional<Reason> ended;  // Disconnected follows
    bool is_closed = false;       // ... and stands in events_
    bool is_paused = false;
    bool is_readable = false;  // the last read got all that it asked for
    bool is_greedy = false;    // there was more than one slice takes, last time
    bool is_listed = false;    // in readable_ or greedy_
    bool is_touched = false;   // in touched_
    bool is_held_back = false;  // told no more until its output was tried to send
    bool waits_to_read = false;
    bool waits_to_write = false;
    bool waits_for_disk = false;  // until resume_sending()
};

struct Network::Listener {
    Listener(boost::asio::io_context& loop, ListenerId number)
        : id(number), socket(loop), patience(loop) {}

    ListenerId id;
    Watched socket;
    boost::asio::steady_timer patience;  // until accepting is tried again
};

}  // namespace barnabas::host
