// The settings of one node, layer upon layer: Kafka's defaults, what was given to the node, what
// the cluster's metadata says of all brokers, and what it says of this one. All of it is checked.
//
// A value. Getters look a name up and read its text: take what you need when you are built and when
// with_dynamic() has made a new value of it, not for each request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/settings/listeners.h"
#include "engine/settings/problem.h"

namespace barnabas::settings {

// Settings as text, by Kafka's names.
using Texts = std::map<std::string, std::string, std::less<>>;

// The place that gives a setting its value, the most specific first.
enum class Origin : std::uint8_t {
    topic,
    this_broker,  // the cluster's metadata, of this one
    all_brokers,  // the cluster's metadata, of all
    properties,   // given to the node when it was started
    preset,
};
// Those that a broker's settings are given in.
constexpr Origin broker_origins[] = {Origin::this_broker, Origin::all_brokers, Origin::properties};

class BrokerSettings {
  public:
    // Compiled once, not in every file that holds one: much state by value.
    BrokerSettings();
    BrokerSettings(const BrokerSettings& other);
    BrokerSettings(BrokerSettings&& other) noexcept;
    BrokerSettings& operator=(const BrokerSettings& other);
    BrokerSettings& operator=(BrokerSettings&& other) noexcept;
    ~BrokerSettings();

    // Getters. Need: the broker table has `name`, and its type is the getter's. A setting that is
    // not given takes what broker_fallbacks() says, then its default; null reads as nothing or
    // empty, and number(), millionths() and flag() need a value.
    std::int64_t number(std::string_view name) const;
    std::optional<std::int64_t> number_or_null(std::string_view name) const;
    std::int64_t millionths(std::string_view name) const;
    bool flag(std::string_view name) const;
    std::string text(std::string_view name) const;
    std::vector<std::string> list(std::string_view name) const;

    // The same node with what the metadata says of all brokers and of this one. What another
    // release wrote there is as if it were not: a name that is unknown or does not change at run
    // time, a value that is not valid.
    BrokerSettings with_dynamic(const Texts& of_all, const Texts& of_this) const;
    // The names, sorted, whose value in `other` is another one.
    std::vector<std::string> differences(const BrokerSettings& other) const;

    // The text given for exactly this name in that place, or in the first that has one; else
    // nothing.
    std::optional<std::string_view> given(std::string_view name, Origin origin) const;
    std::optional<std::string_view> given(std::string_view name) const;
    // All that was given to the node, sorted by name. Passwords too: print with shown().
    const Texts& all_given() const { return given_; }

    std::int32_t node_id() const { return node_id_; }
    bool is_broker() const { return is_broker_; }
    bool is_controller() const { return is_controller_; }
    // Without process.roles a node is broker and its own only voter, without a controller listener.
    bool is_own_quorum() const { return is_own_quorum_; }
    const std::vector<std::string>& log_directories() const { return log_directories_; }
    // In the order given, those of controllers included; then is_controller_listener() is true.
    const std::vector<Listener>& listeners() const { return listeners_; }
    // Only what advertised.listeners gives, never a copy of listeners().
    const std::vector<Listener>& advertised_listeners() const { return advertised_; }
    bool is_controller_listener(std::string_view listener) const;
    const std::vector<Voter>& voters() const { return voters_; }
    const std::vector<HostPort>& bootstrap_servers() const { return bootstrap_servers_; }

  private:
    friend class BrokerSettingsParser;

    Texts given_;
    Texts of_all_;
    Texts of_this_;
    std::int32_t node_id_ = 1;
    bool is_broker_ = true;
    bool is_controller_ = true;
    bool is_own_quorum_ = true;
    std::vector<std::string> log_directories_;
    std::vector<std::string> controller_listeners_;
    std::vector<Listener> listeners_;
    std::vector<Listener> advertised_;
    std::vector<Voter> voters_;
    std::vector<HostPort> bootstrap_servers_;
};

// "/a/b" of "/a/b/", so that a directory has one name; "/" stays.
std::string without_last_slash(std::string path);

// What a person hands over. A room without files: the caller has read them.
struct Input {
    std::string file_name;            // as it stands in messages
    std::optional<std::string> file;  // the text of a .properties file
    std::vector<std::string>
        assignments;  // "NAME=VALUE" of --set, the last one wins, over the file

    // Without a file, and only then: where the data lies unless something says otherwise, and the
    // node listens on 127.0.0.1:9092. With a file Kafka's own defaults hold.
    std::string default_log_directory;
};

struct Parsed {
    BrokerSettings settings;
    std::vector<Warning> warnings;  // unknown names, names without effect, risks; each said once
};

// All problems at once, in the order in which they stand in the input.
Result<Parsed, std::vector<Problem>> parse(const Input& input);

}  // namespace barnabas::settings
