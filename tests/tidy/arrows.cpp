// Which room may include which. The table is the shape of the project: a new arrow is a decision.
#include <algorithm>
#include <map>
#include <set>

#include "tests/tidy/source.h"

namespace barnabas::tidy {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::string_view whole_engine = "engine/*";  // without its drivers: host and cli
constexpr std::string_view whole_sim = "sim/*";        // without the program

// Arrows carry through. Everything may use base.
const std::map<std::string_view, Names>& table() {
    static const std::map<std::string_view, Names> rooms = {
        {"engine/base", {}},
        {"engine/runtime", {}},
        {"engine/protocol", {}},
        {"engine/settings", {}},
        {"engine/records", {"engine/protocol"}},
        {"engine/log", {"engine/records", "engine/runtime", "engine/settings"}},
        {"engine/rpc", {"engine/protocol", "engine/runtime"}},
        {"engine/client", {"engine/rpc", "engine/records"}},
        {"engine/quorum", {"engine/rpc", "engine/log"}},
        {"engine/metadata", {"engine/records", "engine/settings"}},
        {"engine/log_manager", {"engine/log", "engine/metadata"}},
        {"engine/replication", {"engine/rpc", "engine/log", "engine/metadata"}},
        {"engine/groups", {"engine/metadata", "engine/records"}},
        {"engine/transactions", {"engine/metadata", "engine/records"}},
        {"engine/security", {"engine/protocol", "engine/runtime", "engine/metadata"}},
        {"engine/controller", {"engine/metadata", "engine/runtime"}},
        {"engine/broker",
         {"engine/replication", "engine/log_manager", "engine/groups", "engine/transactions",
          "engine/security", "engine/rpc"}},
        {"engine/node", {"engine/broker", "engine/controller", "engine/quorum"}},
        {"engine/host", {"engine/node", "engine/client", "engine/runtime"}},
        {"engine/cli", {"engine/host", "engine/client", "engine/node"}},
        {"sim/network", {whole_engine}},
        {"sim/disk", {whole_engine}},
        {"sim/world", {whole_engine, "sim/network", "sim/disk"}},
        {"sim/clients", {whole_engine, "sim/world"}},
        {"sim/faults", {whole_engine, "sim/clients", "sim/world"}},
        {"sim/checkers", {whole_engine, "sim/clients", "sim/faults", "sim/world"}},
        {"sim/scenario", {whole_engine, "sim/clients", "sim/faults", "sim/checkers", "sim/world"}},
        {"sim/explore", {whole_engine, "sim/scenario"}},
        {"sim/program", {whole_sim, "engine/cli", "engine/host"}},
        {"gui/store", {whole_engine, whole_sim}},
        {"gui/session", {"gui/store"}},
        {"gui/models", {"gui/session", "gui/store"}},
        {"gui/paint", {"gui/store"}},
        {"gui/views", {"gui/paint", "gui/models", "gui/session"}},
        {"gui/export", {"gui/paint"}},
        {"gui/app", {"gui/views", "gui/export"}},
    };
    return rooms;
}

bool is_driver(std::string_view room) {
    return room == "engine/host" || room == "engine/cli" || room == "sim/program";
}

Names expanded(std::string_view name) {
    if (!name.ends_with("/*")) return {name};
    Names all;
    for (const auto& [room, points_to] : table()) {
        if (room.starts_with(name.substr(0, name.size() - 1)) && !is_driver(room)) {
            all.push_back(room);
        }
    }
    return all;
}

void collect(std::string_view room, std::set<std::string_view>& reached) {
    if (!reached.insert(room).second) return;
    for (const std::string_view name : table().at(room)) {
        for (const std::string_view next : expanded(name)) collect(next, reached);
    }
}

const std::set<std::string_view>& reachable(std::string_view room) {
    static const auto all = [] {
        std::map<std::string_view, std::set<std::string_view>> reached;
        for (const auto& [name, points_to] : table()) {
            reached[name].insert("engine/base");
            collect(name, reached[name]);
        }
        return reached;
    }();
    return all.at(room);
}

// These rooms see the picture of the cluster, not how the controller decides.
bool sees_only_the_image(std::string_view room) {
    constexpr std::string_view rooms[] = {"engine/log_manager", "engine/replication",
                                          "engine/groups", "engine/transactions",
                                          "engine/security"};
    return std::ranges::find(rooms, room) != std::end(rooms);
}

bool is_image(std::string_view included) {
    return included.starts_with("engine/metadata/image") ||
           included.starts_with("engine/metadata/delta") ||
           included == "engine/metadata/directory_id.h";  // what its rows say
}

// Why the include is wrong; empty when it is right.
std::string wrong_arrow(std::string_view path, std::string_view included) {
    const std::string_view from = room_of(path);
    const std::string_view to = room_of(included);
    if (included.starts_with("tests/")) return "the product does not include its tests";
    if (!is_room(to)) return "include by the path from the top, from a room of the project";
    const bool is_live = path.starts_with("gui/session/live") && to == "engine/host";
    if (is_live) return {};
    if (!reachable(from).contains(to)) {
        return std::string(from) + " has no arrow to " + std::string(to) +
               ": move the code, or ask through the door";
    }
    const bool is_behind_question = to == "engine/log" || to == "engine/log_manager" ||
                                    included == "engine/replication/partition.h";
    if (path.starts_with("engine/broker/api/") && is_behind_question) {
        return "API files ask by partition: they see neither its log nor the partition";
    }
    if (to == "engine/metadata" && sees_only_the_image(from) && !is_image(included)) {
        return std::string(from) + " sees only engine/metadata/image and delta";
    }
    return {};
}

// Who composes a node does not look into what its parts say to each other.
std::string wrong_message(std::string_view path, std::string_view included) {
    if (path != "engine/node/node.h" || !included.starts_with("engine/protocol/messages/"))
        return {};
    return "a node passes messages on: name them by engine/protocol/asking.h";
}

// Parts that belong to one room.
std::string wrong_part(std::string_view path, std::string_view included) {
    const bool is_asio = included.starts_with("boost/asio") || included.starts_with("boost/beast");
    if (is_asio && room_of(path) != "engine/host") {
        return "the network is engine/host's: ask for it by an effect";
    }
    const bool is_qt =
        included.size() > 1 && included[0] == 'Q' && included[1] >= 'A' && included[1] <= 'Z';
    if (is_qt && !path.starts_with("gui/")) return "Qt is gui's";
    constexpr std::string_view world[] = {"thread",    "mutex",        "condition_variable",
                                          "future",    "shared_mutex", "stop_token",
                                          "fstream",   "iostream",     "filesystem",
                                          "random",    "locale",       "ctime",
                                          "time.h",    "unistd.h",     "fcntl.h",
                                          "poll.h",    "signal.h",     "csignal",
                                          "pthread.h", "netdb.h",      "coroutine"};
    const bool is_world = std::ranges::find(world, included) != std::end(world) ||
                          included.starts_with("sys/") || included.starts_with("netinet/") ||
                          included.starts_with("arpa/");
    if (is_world && is_pure(path)) {
        return "the real world is engine/host's: time, dice, files and threads come through Turn";
    }
    return {};
}

}  // namespace

std::string_view room_of(std::string_view path) {
    if (path.starts_with("tests/")) path.remove_prefix(6);
    const std::size_t first = path.find('/');
    if (first == std::string_view::npos) return {};
    const std::size_t second = path.find('/', first + 1);
    if (second == std::string_view::npos) return {};
    const std::string_view room = path.substr(0, second);
    return is_room(room) ? room : std::string_view{};
}

bool is_room(std::string_view name) { return table().contains(name); }

bool is_pure(std::string_view path) {
    if (!path.starts_with("engine/") && !path.starts_with("sim/")) return false;
    return !is_driver(room_of(path));
}

void check_arrows(const Source& source, Findings& findings) {
    const bool is_product = !room_of(source.path).empty() && !source.path.starts_with("tests/");
    if (source.language != Language::cpp || !is_product) return;
    constexpr std::string_view directive = "#include";
    for (std::size_t i = 0; i < source.code.size(); ++i) {
        std::string_view line = source.code[i];
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (!line.starts_with(directive)) continue;
        const std::size_t open = line.find_first_of("\"<");
        if (open == std::string_view::npos) continue;
        const std::size_t close = line.find_first_of("\">", open + 1);
        const std::string included(line.substr(open + 1, close - open - 1));
        if (included.ends_with(".moc")) continue;
        std::string why = line[open] == '"' ? wrong_arrow(source.path, included)
                                            : wrong_part(source.path, included);
        if (why.empty()) why = wrong_message(source.path, included);
        if (why.empty()) continue;
        findings.push_back({source.path, static_cast<int>(i) + 1, "arrow", included, 1,
                            included + " may not be included here; " + why});
    }
}

}  // namespace barnabas::tidy
