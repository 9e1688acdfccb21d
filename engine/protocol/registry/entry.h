// How a message gets into the registry; only for the files beside this one.
#pragma once

#include "engine/protocol/registry.h"

namespace barnabas::protocol::registry {

using Entries = std::vector<MessageType>;

template <class... Messages>
Entries entries() {
    return {MessageType{.format = format_of<Messages>(), .schema = schema_of<Messages>}...};
}

// One function per file.
Entries data_path();
Entries topics_and_configs();
Entries classic_groups();
Entries new_groups();
Entries share_state();
Entries transactions();
Entries security();
Entries quorum_and_brokers();
Entries cluster();
Entries metadata_records();
Entries group_records();
Entries streams_and_share_records();
Entries other_records();

}  // namespace barnabas::protocol::registry
