// The typed codec of every message by its name, so that tests can go through all of them: the bytes
// decoded into the message's struct and encoded again. Instantiated over several files.
#pragma once

#include <map>
#include <string_view>

#include "engine/protocol/codec.h"
#include "engine/protocol/registry.h"

namespace barnabas::protocol {

using Rewrite = void (*)(Reader& from, std::int16_t version, Writer& to);

// Nothing but an error, or the bytes that the typed message becomes. Needs: a version that it has.
Result<Bytes, CodecError> rewrite(const MessageType& type, const Bytes& body, std::int16_t version);

namespace typed {

using Rewrites = std::map<std::string_view, Rewrite>;

template <class M>
void rewrite_as(Reader& from, std::int16_t version, Writer& to) {
    M message;
    read_message(from, message, version);
    if (!from.failed()) write_message(to, message, version);
}

template <class... Messages>
void add(Rewrites& all) {
    (all.emplace(name_of_type<Messages>(), rewrite_as<Messages>), ...);
}

void add_classic_groups(Rewrites& all);
void add_cluster(Rewrites& all);
void add_data_path(Rewrites& all);
void add_group_records(Rewrites& all);
void add_metadata_records(Rewrites& all);
void add_new_groups(Rewrites& all);
void add_other_records(Rewrites& all);
void add_quorum_and_brokers(Rewrites& all);
void add_security(Rewrites& all);
void add_share_state(Rewrites& all);
void add_streams_and_share_records(Rewrites& all);
void add_topics_and_configs(Rewrites& all);
void add_transactions(Rewrites& all);

}  // namespace typed
}  // namespace barnabas::protocol
