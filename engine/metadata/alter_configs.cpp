// Controller: changes to the settings of topics, one by one.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/metadata/controller.h"
#include "engine/settings/nearest.h"
#include "engine/settings/table.h"
#include "engine/settings/topic_settings.h"
#include "engine/settings/value.h"

namespace barnabas::metadata {

using protocol::ErrorCode;

namespace {

using protocol::IncrementalAlterConfigsRequest;
using Change = IncrementalAlterConfigsRequest::AlterableConfig;

// Kafka's AlterConfigOp.
enum class Operation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

// The list with the elements added, or taken out.
std::string changed_list(const std::string& list, const std::string& elements, bool is_append) {
    std::vector<std::string> all = settings::to_list(list);
    for (const std::string& element : settings::to_list(elements)) {
        const auto found = std::ranges::find(all, element);
        if (is_append && found == all.end()) all.push_back(element);
        if (!is_append && found != all.end()) all.erase(found);
    }
    return fmt::format("{}", fmt::join(all, ","));
}

// What is wrong with the request, whatever there is to be changed.
std::optional<std::string> why_malformed(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& resource) {
    std::set<std::string_view> names;
    std::vector<std::string_view> nulls;
    for (const Change& change : resource.configs) {
        if (!names.insert(change.name).second) return "Error due to duplicate config keys";
        if (static_cast<Operation>(change.config_operation) != Operation::remove && !change.value)
            nulls.push_back(change.name);
    }
    if (!nulls.empty())
        return fmt::format("Null value not supported for : {}", fmt::join(nulls, ", "));
    if (resource.resource_type != static_cast<std::int8_t>(Resource::topic))
        return "Only settings of topics can be altered yet; those of a broker stand in its "
               "properties.";
    return std::nullopt;
}

// Makes the change, or says why it cannot be. Needs: a value, unless it removes.
std::optional<std::string> make(const Change& change, Settings& settings) {
    const auto operation = static_cast<Operation>(change.config_operation);
    if (operation == Operation::remove) {
        settings.erase(change.name);
        return std::nullopt;
    }
    if (change.config_operation < 0 || operation > Operation::subtract) {
        return fmt::format("Unknown operation {} on {}.", change.config_operation, change.name);
    }
    if (operation == Operation::set) {
        settings.insert_or_assign(change.name, *change.value);
        return std::nullopt;
    }
    const settings::Setting* setting = settings::find_topic_setting(change.name);
    if (setting != nullptr && setting->type != settings::Type::list) {
        return fmt::format("Can't {} to key {} because its type is not LIST.",
                           operation == Operation::append ? "APPEND" : "SUBTRACT", change.name);
    }
    const auto before = settings.find(change.name);
    const std::string list = before != settings.end() ? before->second
                             : setting == nullptr     ? std::string()
                                                      : std::string(setting->preset.text);
    settings.insert_or_assign(change.name,
                              changed_list(list, *change.value, operation == Operation::append));
    return std::nullopt;
}

// The records that turn one set of settings into the other.
std::vector<Record> difference(const std::string& topic, const Settings& before,
                               const Settings& after) {
    std::vector<Record> records;
    const auto add = [&](const std::string& name, std::optional<std::string> value) {
        protocol::ConfigRecord record;
        record.resource_type = static_cast<std::int8_t>(Resource::topic);
        record.resource_name = topic;
        record.name = name;
        record.value = std::move(value);
        records.push_back(std::move(record));
    };
    for (const auto& [name, value] : after) {
        const auto old = before.find(name);
        if (old == before.end() || old->second != value) add(name, value);
    }
    for (const auto& [name, value] : before) {
        if (!after.contains(name)) add(name, std::nullopt);
    }
    return records;
}

}  // namespace

std::optional<std::string> why_settings_are_invalid(const Settings& settings) {
    const auto problems = settings::check_topic_overrides(settings);
    if (problems.empty()) return std::nullopt;
    const settings::Problem& first = problems.front();
    if (settings::find_topic_setting(first.name) == nullptr) {
        const auto nearest = settings::nearest_name(first.name, settings::topic_table());
        return fmt::format("Unknown topic config name: {}{}", first.name,
                           nearest ? fmt::format(". Did you mean {}?", *nearest) : "");
    }
    const auto value = settings.find(first.name);
    return fmt::format("Invalid value {} for configuration {}: {}",
                       value == settings.end() ? "" : value->second, first.name, first.text);
}

Decision<protocol::IncrementalAlterConfigsResponse> Controller::decide_alter_configs(
    const IncrementalAlterConfigsRequest& request) const {
    Decision<protocol::IncrementalAlterConfigsResponse> decision;
    std::map<std::pair<std::int8_t, std::string_view>, int> mentions;
    for (const auto& resource : request.resources)
        ++mentions[{resource.resource_type, resource.resource_name}];
    for (const auto& resource : request.resources) {
        auto& result = decision.response.responses.emplace_back();
        result.resource_type = resource.resource_type;
        result.resource_name = resource.resource_name;
        result.error_message.reset();
        const auto refuse = [&result](ErrorCode code, std::string why) {
            result.error_code = code;
            result.error_message = std::move(why);
        };
        if (mentions[{resource.resource_type, resource.resource_name}] > 1) {
            refuse(ErrorCode::invalid_request, "Each resource must appear at most once.");
            continue;
        }
        if (auto why = why_malformed(resource)) {
            refuse(ErrorCode::invalid_request, *std::move(why));
            continue;
        }
        if (latest_.topic(resource.resource_name) == nullptr) {
            refuse(ErrorCode::unknown_topic_or_partition,
                   fmt::format("The topic '{}' does not exist.", resource.resource_name));
            continue;
        }
        const Settings& before = latest_.settings(Resource::topic, resource.resource_name);
        Settings after = before;
        std::optional<std::string> why;
        for (const Change& change : resource.configs) {
            if (!why) why = make(change, after);
        }
        if (!why) why = why_settings_are_invalid(after);
        if (why) {
            refuse(ErrorCode::invalid_config, *std::move(why));
            continue;
        }
        if (request.validate_only) continue;
        for (Record& record : difference(resource.resource_name, before, after)) {
            decision.records.push_back(std::move(record));
        }
    }
    return decision;
}

}  // namespace barnabas::metadata
