#include <algorithm>
#include <set>

#include "engine/settings/broker_settings.h"
#include "engine/settings/nearest.h"
#include "engine/settings/properties.h"
#include "engine/settings/table.h"
#include "engine/settings/value.h"

namespace barnabas::settings {
namespace {

// Names with one of these fronts are handed on to plug-ins, or are known names for one listener.
bool is_prefixed(std::string_view name) {
    constexpr std::string_view fronts[] = {"listener.name.", "config.providers.", "rsm.config.",
                                           "rlmm.config."};
    return std::ranges::any_of(fronts, [&](auto front) { return name.starts_with(front); });
}

std::string advice_for_unknown(std::string_view name) {
    if (const auto fallbacks = topic_fallbacks(name); !fallbacks.empty()) {
        return "is a setting of topics; for a broker it is " +
               std::string(fallbacks.front().broker_name);
    }
    const auto nearest = nearest_name(name, broker_table());
    return nearest ? "is unknown; did you mean " + std::string(*nearest) + "?"
                   : "is unknown and ignored";
}

}  // namespace

// One pass over the input, then what the settings mean together.
class BrokerSettingsParser {
  public:
    Result<Parsed, std::vector<Problem>> parse(const Input& input) {
        read(input);
        for (const Property& one : properties_) take(one);
        if (!problems_.empty()) return unexpected(std::move(problems_));
        set_defaults(input);
        connect();
        if (!problems_.empty()) return unexpected(std::move(problems_));
        return Parsed{std::move(settings_), std::move(warnings_)};
    }

  private:
    void read(const Input& input) {
        if (input.file) {
            auto from_file = parse_properties(input.file_name, *input.file);
            if (from_file) {
                properties_ = std::move(*from_file);
            } else {
                problems_.push_back(std::move(from_file.error()));
            }
        }
        for (const std::string& assignment : input.assignments) {
            auto one = parse_assignment("--set", assignment);
            if (one) {
                properties_.push_back(std::move(*one));
            } else {
                problems_.push_back(std::move(one.error()));
            }
        }
    }

    void take(const Property& one) {
        const Setting* setting = find_broker_setting(one.name);
        if (setting == nullptr) {
            warn(one.name_at, one.name,
                 is_prefixed(one.name) ? "has no effect yet" : advice_for_unknown(one.name));
            return;
        }
        auto value = check_value(*setting, one.value);
        if (!value) {
            problems_.push_back({one.value_at, one.name, std::move(value.error())});
            return;
        }
        if (!has_effect_on_broker(one.name)) {
            warn(one.name_at, one.name, words_for_no_effect(one.name));
        }
        settings_.given_.insert_or_assign(one.name, std::move(*value));
        places_.insert_or_assign(one.name, one.value_at);
    }

    void warn(const Place& place, const std::string& name, std::string text) {
        if (!warned_.insert(name).second) return;
        warnings_.push_back({place, name, std::move(text)});
    }

    void refuse(const std::string& name, std::string text) {
        const auto place = places_.find(name);
        problems_.push_back(
            {place == places_.end() ? Place{} : place->second, name, std::move(text)});
    }

    void set_defaults(const Input& input) {
        if (const auto id = settings_.given("node.id")) {
            settings_.node_id_ = static_cast<std::int32_t>(*to_number(*id));
        }
        for (const std::string& directory : settings_.list("log.dirs"))
            settings_.log_directories_.push_back(without_last_slash(directory));
        const bool is_told_where = settings_.given("log.dirs") || settings_.given("log.dir");
        if (!input.file && !is_told_where && !input.default_log_directory.empty()) {
            settings_.log_directories_ = {without_last_slash(input.default_log_directory)};
        }
        const bool embedded = !input.file && !settings_.given("listeners");
        listeners_text_ = embedded ? "PLAINTEXT://127.0.0.1:9092"
                                   : settings_.given("listeners").value_or("PLAINTEXT://:9092");
    }

    void connect() {
        read_roles();
        settings_.controller_listeners_ = upper_cased("controller.listener.names");
        read_listeners();
        read_quorum();
        check_directories();
        check_retention();
        warn_of_open_listeners();
    }

    std::vector<std::string> upper_cased(const std::string& name) const {
        std::vector<std::string> all = to_list(settings_.given(name).value_or(""));
        for (std::string& one : all) one = upper_case(one);
        return all;
    }

    void read_roles() {
        const auto roles = settings_.given("process.roles");
        if (!roles) return;
        const std::vector<std::string> all = to_list(*roles);
        const auto has = [&](std::string_view role) {
            return std::ranges::find(all, role) != all.end();
        };
        settings_.is_own_quorum_ = false;
        settings_.is_broker_ = has("broker");
        settings_.is_controller_ = has("controller");
        if (all.empty()) refuse("process.roles", "names no role: broker, controller, or both");
        if (!settings_.given("controller.listener.names")) {
            refuse("controller.listener.names", "is needed when process.roles is given");
        }
    }

    void read_listeners() {
        const std::string map_name = "listener.security.protocol.map";
        auto protocols = parse_protocol_map(settings_.text(map_name));
        if (!protocols) return refuse(map_name, std::move(protocols.error()));
        if (!settings_.given(map_name)) {
            for (const std::string& name : settings_.controller_listeners_) {
                protocols->emplace(name, SecurityProtocol::plaintext);
            }
        }
        auto listeners = parse_listeners(listeners_text_, *protocols);
        if (!listeners) return refuse("listeners", std::move(listeners.error()));
        settings_.listeners_ = std::move(*listeners);
        check_listeners();

        const auto advertised_text = settings_.given("advertised.listeners").value_or("");
        auto advertised = parse_listeners(advertised_text, *protocols);
        if (!advertised) return refuse("advertised.listeners", std::move(advertised.error()));
        settings_.advertised_ = std::move(*advertised);
        check_advertised();
    }

    void check_listeners() {
        if (settings_.listeners_.empty()) refuse("listeners", "names no listener");
        for (const Listener& one : settings_.listeners_) {
            if (one.protocol != SecurityProtocol::plaintext) {
                refuse("listeners", "listener " + one.name +
                                        " asks for encryption or authentication; only PLAINTEXT "
                                        "is served yet");
            }
            for (const Listener& other : settings_.listeners_) {
                const bool is_same = one.port != 0 && one.port == other.port &&
                                     one.host == other.host && one.name < other.name;
                if (!is_same) continue;
                refuse("listeners",
                       one.name + " and " + other.name + " share port " + std::to_string(one.port));
            }
        }
    }

    void check_advertised() {
        for (const Listener& one : settings_.advertised_) {
            const bool is_known = std::ranges::find(settings_.listeners_, one.name,
                                                    &Listener::name) != settings_.listeners_.end();
            if (!is_known) {
                refuse("advertised.listeners", "listener " + one.name + " is not in listeners");
            }
            if (one.host == "0.0.0.0" || one.host == "::" || one.host.empty()) {
                refuse("advertised.listeners",
                       "clients cannot connect to \"" + one.host + "\": name an address");
            }
        }
    }

    void read_quorum() {
        const std::string voters_name = "controller.quorum.voters";
        const std::string servers_name = "controller.quorum.bootstrap.servers";
        auto voters = parse_voters(settings_.given(voters_name).value_or(""));
        if (!voters) return refuse(voters_name, std::move(voters.error()));
        settings_.voters_ = std::move(*voters);
        auto servers = parse_servers(settings_.given(servers_name).value_or(""));
        if (!servers) return refuse(servers_name, std::move(servers.error()));
        settings_.bootstrap_servers_ = std::move(*servers);

        if (settings_.is_own_quorum_) return;
        if (settings_.voters_.empty() && settings_.bootstrap_servers_.empty()) {
            refuse(servers_name, "this or " + voters_name + " is needed with process.roles");
        }
        const bool is_voter = std::ranges::find(settings_.voters_, settings_.node_id_,
                                                &Voter::node) != settings_.voters_.end();
        if (settings_.voters_.empty() || is_voter == settings_.is_controller_) return;
        const std::string id = std::to_string(settings_.node_id_);
        refuse(voters_name, is_voter ? "node " + id + " is listed but has no role controller"
                                     : "node " + id + " has the role controller but is not listed");
    }

    void check_directories() {
        std::set<std::string> seen;
        for (const std::string& directory : settings_.log_directories_) {
            if (directory.empty()) refuse("log.dirs", "names an empty directory");
            if (!seen.insert(directory).second) {
                refuse("log.dirs", "names " + directory + " twice");
            }
        }
        if (seen.empty()) refuse("log.dirs", "names no directory");
    }

    void check_retention() {
        for (const char* name :
             {"log.retention.ms", "log.retention.minutes", "log.retention.hours"}) {
            const auto text = settings_.given(name);
            if (!text) continue;
            const std::int64_t number = *to_number(*text);
            if (number == 0 || number < -1) {
                refuse(name, std::string(*text) + " is neither -1 (keep for ever) nor at least 1");
            }
        }
    }

    void warn_of_open_listeners() {
        for (const Listener& one : settings_.listeners_) {
            if (is_loopback(one.host)) continue;
            const auto place = places_.find("listeners");
            warn(place == places_.end() ? Place{} : place->second, "listeners",
                 "listener " + one.name +
                     " is open to the network without encryption or authentication");
        }
    }

    BrokerSettings settings_;
    std::vector<Warning> warnings_;
    std::vector<Property> properties_;
    std::vector<Problem> problems_;
    std::map<std::string, Place, std::less<>> places_;
    std::set<std::string> warned_;
    std::string listeners_text_;
};

Result<Parsed, std::vector<Problem>> parse(const Input& input) {
    return BrokerSettingsParser().parse(input);
}

}  // namespace barnabas::settings
