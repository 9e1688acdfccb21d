// Sockets by hand: addresses, listening, dialling, reasons. Nothing here blocks.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/host/descriptor.h"
#include "engine/runtime/event.h"

namespace barnabas::host {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// The addresses of a numeric host; none when it is a name. An empty host is every address of this
// machine.
std::vector<Address> numeric_addresses(const Endpoint& endpoint);
// As text; an IPv4 address that came through an IPv6 socket as what it is.
Endpoint endpoint_of(const Address& address);
std::string text_of(const Endpoint& endpoint);  // "127.0.0.1:9092", "[::1]:9092"
Endpoint local_endpoint(int socket);
Endpoint remote_endpoint(int socket);

// Sockets are non-blocking, and closed on exec. The error is in words.
Result<Descriptor, int> listen_at(const Address& address);
// A socket that is connecting, or an errno.
bool is_shortage(int error);  // of descriptors or memory: it passes
Result<Descriptor, int> begin_dial(const Address& address);
int dial_result(int socket);  // an errno, 0 when connected

// No delay for small segments; dead peers are noticed in the end.
void set_up_connection(int socket);
// Closes so that the peer sees a break, not an end.
void break_off(Descriptor socket);
// Closes so that the peer can still read what was sent: unread input, which would turn the end into
// a break, is thrown away first.
void close_gently(Descriptor socket);

Reason reason_of_dial(int error);  // of an errno

}  // namespace barnabas::host
