#include "gui/store/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/protocol/apis.h"
#include "engine/runtime/event.h"

namespace barnabas::gui {
namespace {

std::string_view words_of(Reason reason) {
    switch (reason) {
        case Reason::closed: return "closed by the peer";
        case Reason::reset: return "broken off";
        case Reason::refused: return "refused";
        case Reason::unreachable: return "unreachable";
        case Reason::timed_out: return "no answer";
        case Reason::hung_up: return "hung up";
    }
    return "";
}

std::string_view words_of(StorageStatus status) {
    switch (status) {
        case StorageStatus::ok: return "done";
        case StorageStatus::not_found: return "not found";
        case StorageStatus::exists: return "exists already";
        case StorageStatus::no_space: return "no space left";
        case StorageStatus::io_error: return "the medium failed";
        case StorageStatus::access_denied: return "access denied";
        case StorageStatus::locked: return "locked";
        case StorageStatus::read_only: return "read-only";
        case StorageStatus::foreign: return "no file of ours";
        case StorageStatus::shortage: return "descriptors or memory run short";
    }
    return "";
}

}  // namespace

std::string exact_time(Instant time) {
    const std::int64_t micros = time.time_since_epoch().count() / 1'000;
    return fmt::format("{}.{:03} {:03} s", micros / 1'000'000, micros / 1'000 % 1'000,
                       micros % 1'000);
}

std::string short_time(Duration time) {
    const double nanos = static_cast<double>(time.count());
    struct Unit {
        double nanos;
        const char* name;
    };
    constexpr std::array<Unit, 3> units = {Unit{1e9, "s"}, Unit{1e6, "ms"}, Unit{1e3, "µs"}};
    for (const Unit& unit : units) {
        if (std::abs(nanos) < unit.nanos) continue;
        const double value = nanos / unit.nanos;
        const int digits = std::abs(value) >= 100 ? 0 : std::abs(value) >= 10 ? 1 : 2;
        std::string text = fmt::format("{:.{}f}", value, digits);
        if (text.find('.') != std::string::npos) {
            while (text.back() == '0') text.pop_back();
            if (text.back() == '.') text.pop_back();
        }
        return text + ' ' + unit.name;
    }
    return fmt::format("{} ns", time.count());
}

std::string size_words(std::uint64_t bytes) {
    if (bytes < 1'000) return fmt::format("{} B", bytes);
    if (bytes < 1'000'000) return fmt::format("{:.1f} KB", static_cast<double>(bytes) / 1e3);
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string count_words(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
    return digits;
}

std::string api_words(std::int16_t api) {
    if (api == no_api) return "frame";
    if (!protocol::find_api(protocol::ApiKey(api))) return fmt::format("Api {}", api);
    return std::string(protocol::name_of(protocol::ApiKey(api)));
}

std::string_view status_words(Status status) {
    switch (status) {
        case Status::not_started: return "not started";
        case Status::running: return "running";
        case Status::paused: return "paused";
        case Status::exited: return "exited";
        case Status::crashed: return "killed";
        case Status::powered_off: return "no power";
    }
    return "";
}

std::string_view role_words(Role role) {
    switch (role) {
        case Role::broker: return "broker";
        case Role::producer: return "producer";
        case Role::consumer: return "consumer";
        case Role::other: break;
    }
    return "client";
}

std::string kind_words(const EventRow& event) {
    switch (event.kind) {
        case EventKind::started: return "starts";
        case EventKind::listening: return "listening";
        case EventKind::connected: return "connected";
        case EventKind::arriving: return "frame waits";
        case EventKind::received:
            return api_words(event.api) + (event.is_response ? " response" : " request");
        case EventKind::drained: return "drained";
        case EventKind::disconnected: return "disconnected";
        case EventKind::timer: return "timer";
        case EventKind::storage: return "storage";
        case EventKind::continued: return "goes on";
        case EventKind::order: return "order";
        case EventKind::computed: return "computed";
        case EventKind::deed: return "fault";
        case EventKind::last: break;
    }
    return "";
}

std::string detail_words(const EventRow& event, const std::string& said, const SessionInfo& info) {
    std::string words;
    const std::string peer = event.peer == nobody ? "" : node_name(info, event.peer);
    switch (event.kind) {
        case EventKind::received:
            words = size_words(event.size);
            if (!peer.empty()) words += " from " + peer;
            if (event.sent < event.at) words += ", " + short_time(event.at - event.sent);
            break;
        case EventKind::connected: words = peer.empty() ? "" : "with " + peer; break;
        case EventKind::disconnected:
            words = words_of(static_cast<Reason>(event.detail));
            if (!peer.empty()) words = "from " + peer + ", " + words;
            break;
        case EventKind::storage:
            words = words_of(static_cast<StorageStatus>(event.detail));
            if (event.size > 0) words += ", read " + size_words(event.size);
            break;
        case EventKind::arriving: words = size_words(event.size); break;
        default: break;
    }
    if (said.empty()) return words;
    return words.empty() ? said : words + " · " + said;
}

std::string node_name(const SessionInfo& info, std::uint16_t node) {
    return node < info.nodes.size() ? info.nodes[node].name : "nobody";
}

std::vector<Band> joined(const std::vector<Band>& bands) {
    std::vector<Band> all;
    for (const Band& band : bands) {
        const auto other = std::find_if(all.begin(), all.end(), [&](const Band& one) {
            return one.other != nobody && one.kind == band.kind && one.node == band.other &&
                   one.other == band.node && one.from == band.from && one.until == band.until;
        });
        if (other == all.end())
            all.push_back(band);
        else
            other->is_mutual = true;
    }
    return all;
}

std::string band_words(const Band& band, const SessionInfo& info) {
    std::string words = band.words;
    if (band.kind == Band::Kind::cut || band.kind == Band::Kind::clogged) {
        words += ' ' + node_name(info, band.node) + (band.is_mutual ? " – " : " → ") +
                 node_name(info, band.other);
    } else if (band.kind != Band::Kind::mark) {
        words = node_name(info, band.node) + ' ' + words;
    }
    if (band.until && *band.until > band.from)
        words += " for " + short_time(*band.until - band.from);
    return words;
}

}  // namespace barnabas::gui
