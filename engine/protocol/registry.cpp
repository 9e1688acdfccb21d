#include "engine/protocol/registry.h"

#include <algorithm>
#include <utility>

#include "engine/protocol/json.h"
#include "engine/protocol/registry/entry.h"
#include "engine/protocol/table.h"

namespace barnabas::protocol {

namespace {

CodecError no_such_version() { return {.reason = CodecError::Reason::unsupported_version}; }

std::vector<MessageType> collect() {
    std::vector<MessageType> all;
    using namespace registry;
    using Part = Entries (*)();
    const Part parts[] = {data_path,  topics_and_configs, classic_groups,
                          new_groups, share_state,        transactions,
                          security,   quorum_and_brokers, cluster};
    for (const Part part : parts) {
        for (const MessageType& type : part()) all.push_back(type);
    }
    std::sort(all.begin(), all.end(), [](const MessageType& a, const MessageType& b) {
        return std::pair(a.format.key, a.format.kind) < std::pair(b.format.key, b.format.kind);
    });
    const Part records[] = {metadata_records, group_records, streams_and_share_records,
                            other_records};
    for (const Part part : records) {
        for (const MessageType& type : part()) all.push_back(type);
    }
    return all;
}

}  // namespace

Result<std::string, CodecError> MessageType::to_json(const Bytes& body,
                                                     std::int16_t version) const {
    if (!format.valid.contains(version)) return unexpected(no_such_version());
    return json_of(schema(), format, body, version);
}

Result<Bytes, CodecError> MessageType::from_json(std::string_view json,
                                                 std::int16_t version) const {
    if (!format.valid.contains(version)) return unexpected(no_such_version());
    return body_of(schema(), format, json, version);
}

std::string MessageType::table() const { return table_of(schema(), format); }

const std::vector<MessageType>& all_messages() {
    static const std::vector<MessageType> all = collect();
    return all;
}

const MessageType* find_message(std::string_view name) {
    for (const MessageType& type : all_messages()) {
        if (type.name() == name) return &type;
    }
    return nullptr;
}

const MessageType* find_message(ApiKey key, Kind kind) {
    for (const MessageType& type : all_messages()) {
        if (type.format.kind != kind) continue;
        if (type.format.key == static_cast<std::int16_t>(key)) return &type;
    }
    return nullptr;
}

}  // namespace barnabas::protocol
