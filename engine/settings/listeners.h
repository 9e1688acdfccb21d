// Who listens where: the settings that are written as addresses.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace barnabas::settings {

enum class SecurityProtocol : std::uint8_t { plaintext, ssl, sasl_plaintext, sasl_ssl };

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const HostPort&, const HostPort&) = default;
};

// "PLAINTEXT://127.0.0.1:9092"
struct Listener {
    std::string name;        // in upper case
    std::string host;        // empty: every address of the machine
    std::uint16_t port = 0;  // 0: any that is free
    SecurityProtocol protocol = SecurityProtocol::plaintext;
    friend bool operator==(const Listener&, const Listener&) = default;
};

// "1@host:9093"
struct Voter {
    std::int32_t node = 0;
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const Voter&, const Voter&) = default;
};

using ProtocolMap = std::map<std::string, SecurityProtocol, std::less<>>;

// Each takes the value of its setting and gives it back read, or says what is wrong with it.
Result<ProtocolMap, std::string> parse_protocol_map(std::string_view text);
Result<std::vector<Listener>, std::string> parse_listeners(std::string_view text,
                                                           const ProtocolMap& protocols);
Result<std::vector<Voter>, std::string> parse_voters(std::string_view text);
Result<std::vector<HostPort>, std::string> parse_servers(std::string_view text);

bool is_loopback(std::string_view host);

}  // namespace barnabas::settings
