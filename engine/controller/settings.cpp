#include "engine/controller/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/metadata/topic_names.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/wire.h"
#include "engine/settings/nearest.h"
#include "engine/settings/table.h"
#include "engine/settings/topic_settings.h"
#include "engine/settings/value.h"

namespace barnabas::controller {

using metadata::Image;
using metadata::Record;
using metadata::Resource;
using metadata::Settings;

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
    const auto type = static_cast<Resource>(resource.resource_type);
    if (type != Resource::topic && type != Resource::broker)
        return fmt::format("Settings of resources of type {} are not served yet.",
                           resource.resource_type);
    return std::nullopt;
}

// The empty name stands for all brokers.
std::optional<Refusal> why_broker_is_refused(const std::string& name, const Image& latest) {
    const bool is_known = name.empty() || std::ranges::any_of(latest.brokers(), [&](auto& one) {
        return std::to_string(one.first.value()) == name;
    });
    if (is_known) return std::nullopt;
    return Refusal{ErrorCode::invalid_request,
                   fmt::format("Unexpected broker id, expected that of a registered broker or an "
                               "empty string, but received {}",
                               name)};
}

// The checks of one resource before its settings are looked at, in Kafka's order.
std::optional<Refusal> why_refused(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& resource, const Image& latest) {
    if (auto why = why_malformed(resource))
        return Refusal{ErrorCode::invalid_request, *std::move(why)};
    for (const Change& change : resource.configs) {
        const auto operation = static_cast<Operation>(change.config_operation);
        if (operation >= Operation::set && operation <= Operation::subtract) continue;
        return Refusal{
            ErrorCode::unknown_server_error,
            fmt::format("Unknown operation {} on {}.", change.config_operation, change.name)};
    }
    const std::string& name = resource.resource_name;
    if (static_cast<Resource>(resource.resource_type) == Resource::broker)
        return why_broker_is_refused(name, latest);
    if (name.empty())
        return Refusal{ErrorCode::invalid_request, "Default topic resources are not allowed."};
    if (auto why = metadata::why_topic_name_is_invalid(name))
        return Refusal{ErrorCode::invalid_topic_exception, *std::move(why)};
    if (latest.topic(name) == nullptr) {
        return Refusal{ErrorCode::unknown_topic_or_partition,
                       fmt::format("The topic '{}' does not exist.", name)};
    }
    return std::nullopt;
}

// Makes the change, or says why it cannot be. Needs: a known operation, and a value unless it
// removes.
std::optional<std::string> make(Resource type, const Change& change, Settings& settings) {
    const auto operation = static_cast<Operation>(change.config_operation);
    if (operation == Operation::remove) {
        settings.erase(change.name);
        return std::nullopt;
    }
    if (operation == Operation::set) {
        settings.insert_or_assign(change.name, *change.value);
        return std::nullopt;
    }
    const settings::Setting* setting = type == Resource::topic
                                           ? settings::find_topic_setting(change.name)
                                           : settings::find_broker_setting(change.name);
    if (setting == nullptr || setting->type != settings::Type::list) {
        return fmt::format("Can't {} to key {} because its type is not LIST.",
                           operation == Operation::append ? "APPEND" : "SUBTRACT", change.name);
    }
    const auto before = settings.find(change.name);
    std::string list = changed_list(
        before == settings.end() ? std::string(setting->preset.text) : before->second,
        *change.value, operation == Operation::append);
    if (list.size() > protocol::string_bytes_max) {
        return fmt::format(
            "The configuration value cannot be added because it exceeds the maximum value size of "
            "{} bytes.",
            protocol::string_bytes_max);
    }
    settings.insert_or_assign(change.name, std::move(list));
    return std::nullopt;
}

// The records that turn one set of settings into the other.
std::vector<Record> difference(Resource type, const std::string& resource, const Settings& before,
                               const Settings& after) {
    std::vector<Record> records;
    const auto add = [&](const std::string& name, std::optional<std::string> value) {
        protocol::ConfigRecord record;
        record.resource_type = static_cast<std::int8_t>(type);
        record.resource_name = resource;
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
    for (const auto& [name, value] : settings) {
        if (settings::find_topic_setting(name) != nullptr) continue;
        const auto nearest = settings::nearest_name(name, settings::topic_table());
        return fmt::format("Unknown topic config name: {}{}", name,
                           nearest ? fmt::format(". Did you mean {}?", *nearest) : "");
    }
    const auto problems = settings::check_topic_overrides(settings);
    if (!problems.empty()) {
        const settings::Problem& first = problems.front();
        const auto value = settings.find(first.name);
        return fmt::format("Invalid value {} for configuration {}: {}",
                           value == settings.end() ? "" : value->second, first.name, first.text);
    }
    const auto tiered = settings.find("remote.storage.enable");
    if (tiered != settings.end() && settings::to_flag(tiered->second) == true)
        return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured "
               "with remote log storage.";
    return std::nullopt;
}

namespace {

using ResourceResult = protocol::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse;

void refuse_resource(ResourceResult& result, const Refusal& why) {
    result.error_code = why.code;
    result.error_message = protocol::error_text(why.message);
}

// What a broker cannot take up at run time, in Kafka's words. A name that is unknown may be another
// release's.
std::optional<std::string> why_not_dynamic(const std::string& broker, const Settings& settings) {
    const auto list = [&](settings::Change change) {
        std::vector<std::string> names;
        for (const auto& [name, value] : settings) {
            const settings::Setting* setting = settings::find_broker_setting(name);
            if (setting && setting->change == change) names.push_back(name);
        }
        return fmt::format("{}", fmt::join(names, ", "));
    };
    if (const auto names = list(settings::Change::read_only); !names.empty())
        return fmt::format("Cannot update these configs dynamically: [{}]", names);
    const auto own = list(settings::Change::per_broker);
    if (broker.empty() && !own.empty())
        return fmt::format("Cannot update these configs at default cluster level, broker id must "
                           "be specified: [{}]",
                           own);
    for (const auto& [name, value] : settings) {
        const settings::Setting* setting = settings::find_broker_setting(name);
        const auto checked = setting ? settings::check_value(*setting, value)
                                     : Result<std::string, std::string>(value);
        if (!checked)
            return fmt::format("Invalid value {} for configuration {}: {}",
                               settings::shown(*setting, value), name, checked.error());
    }
    return std::nullopt;
}

// The records that make all changes to one resource, or why none is made.
Result<std::vector<Record>, Refusal> changes_to(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& resource, const Image& latest) {
    if (auto refusal = why_refused(resource, latest)) return unexpected(*std::move(refusal));
    const auto type = static_cast<Resource>(resource.resource_type);
    const std::string& name = resource.resource_name;
    const Settings& before = latest.settings(type, name);
    Settings after = before;
    std::optional<std::string> why;
    for (const Change& change : resource.configs) {
        if (!why) why = make(type, change, after);
    }
    if (!why && type == Resource::topic) why = why_settings_are_invalid(after);
    if (why) return unexpected(Refusal{ErrorCode::invalid_config, *std::move(why)});
    if (type == Resource::broker) why = why_not_dynamic(name, after);
    if (why) return unexpected(Refusal{ErrorCode::invalid_request, *std::move(why)});
    return difference(type, name, before, after);
}

}  // namespace

Decision<protocol::IncrementalAlterConfigsResponse> decide_alter_configs(
    const Image& latest, const IncrementalAlterConfigsRequest& request) {
    Decision<protocol::IncrementalAlterConfigsResponse> decision;
    auto& results = decision.response.responses;
    const auto refuse_all = [&](const Refusal& why) {
        decision.records.clear();
        for (ResourceResult& result : results) refuse_resource(result, why);
        return decision;
    };
    std::map<std::pair<std::int8_t, std::string_view>, int> mentions;
    for (const auto& resource : request.resources)
        ++mentions[{resource.resource_type, resource.resource_name}];
    for (const auto& resource : request.resources) {
        ResourceResult& result = results.emplace_back();
        result.resource_type = resource.resource_type;
        result.resource_name = resource.resource_name;
        result.error_message.reset();
        if (mentions[{resource.resource_type, resource.resource_name}] > 1) {
            refuse_resource(result,
                   {ErrorCode::invalid_request, "Each resource must appear at most once."});
            continue;
        }
        auto changes = changes_to(resource, latest);
        if (!changes) {
            refuse_resource(result, changes.error());
            continue;
        }
        for (Record& record : *changes) decision.records.push_back(std::move(record));
    }
    if (const auto why = why_too_many(decision.records)) return refuse_all(*why);
    if (request.validate_only) decision.records.clear();
    decision.records = metadata::as_of(std::move(decision.records), latest.record_level());
    auto values = values_of(decision.records, latest.record_level());
    if (!values) return refuse_all(values.error());
    decision.values = *std::move(values);
    return decision;
}

}  // namespace barnabas::controller
