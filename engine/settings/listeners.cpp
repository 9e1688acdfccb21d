#include "engine/settings/listeners.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "engine/settings/value.h"

namespace barnabas::settings {
namespace {

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::optional<SecurityProtocol> to_protocol(std::string_view text) {
    const std::string name = upper_case(text);
    if (name == "PLAINTEXT") return SecurityProtocol::plaintext;
    if (name == "SSL") return SecurityProtocol::ssl;
    if (name == "SASL_PLAINTEXT") return SecurityProtocol::sasl_plaintext;
    if (name == "SASL_SSL") return SecurityProtocol::sasl_ssl;
    return std::nullopt;
}

bool is_host_letter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-_.%:").find(c) != std::string_view::npos;
}

// "host:port", "[::1]:port", ":port"
std::optional<HostPort> to_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = to_number(text.substr(colon + 1));
    if (!port || *port < 0 || *port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;  // an IPv6 address stands in brackets
    }
    if (!std::ranges::all_of(host, is_host_letter)) return std::nullopt;
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace

Result<ProtocolMap, std::string> parse_protocol_map(std::string_view text) {
    ProtocolMap map;
    for (const std::string& part : to_list(text)) {
        const std::size_t colon = part.find(':');
        if (colon == std::string::npos || colon == 0) {
            return unexpected(quoted(part) + " is not of the form LISTENER:PROTOCOL");
        }
        const auto protocol = to_protocol(trimmed(std::string_view(part).substr(colon + 1)));
        if (!protocol) {
            return unexpected(quoted(part) +
                              " names no protocol of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
        }
        const std::string name = upper_case(trimmed(part.substr(0, colon)));
        if (!map.emplace(name, *protocol).second) {
            return unexpected("listener " + name + " stands there twice");
        }
    }
    return map;
}

Result<std::vector<Listener>, std::string> parse_listeners(std::string_view text,
                                                           const ProtocolMap& protocols) {
    std::vector<Listener> all;
    for (const std::string& part : to_list(text)) {
        const std::size_t mark = part.find("://");
        const auto where = mark == std::string::npos || mark == 0
                               ? std::nullopt
                               : to_host_port(std::string_view(part).substr(mark + 3));
        if (!where) return unexpected(quoted(part) + " is not of the form NAME://HOST:PORT");
        const std::string name = upper_case(part.substr(0, mark));
        const auto protocol = protocols.find(name);
        if (protocol == protocols.end()) {
            return unexpected("listener " + name + " has no protocol: add " + name +
                              ":PLAINTEXT (or another) to listener.security.protocol.map");
        }
        for (const Listener& other : all) {
            if (other.name == name) return unexpected("listener " + name + " stands there twice");
        }
        all.push_back({name, where->host, where->port, protocol->second});
    }
    return all;
}

Result<std::vector<Voter>, std::string> parse_voters(std::string_view text) {
    std::vector<Voter> all;
    for (const std::string& part : to_list(text)) {
        const std::size_t mark = part.find('@');
        const auto node = to_number(part.substr(0, mark));
        const auto where = mark == std::string::npos
                               ? std::nullopt
                               : to_host_port(std::string_view(part).substr(mark + 1));
        if (!node || *node < 0 || !std::in_range<std::int32_t>(*node) || !where ||
            where->host.empty()) {
            return unexpected(quoted(part) + " is not of the form ID@HOST:PORT");
        }
        for (const Voter& other : all) {
            if (other.node == *node) {
                return unexpected("voter " + std::to_string(*node) + " stands there twice");
            }
        }
        all.push_back({static_cast<std::int32_t>(*node), where->host, where->port});
    }
    return all;
}

Result<std::vector<HostPort>, std::string> parse_servers(std::string_view text) {
    std::vector<HostPort> all;
    for (const std::string& part : to_list(text)) {
        auto where = to_host_port(part);
        if (!where || where->host.empty()) {
            return unexpected(quoted(part) + " is not of the form HOST:PORT");
        }
        all.push_back(std::move(*where));
    }
    return all;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace barnabas::settings
