// An answer that waits for the metadata log.
#pragma once

#include "engine/node/commit_queue.h"
#include "engine/protocol/controller_messages.h"

namespace barnabas::node {

struct CommitQueue::Row {
    Offset until;  // all below it is to be committed
    protocol::AskNumber number;
    protocol::ControllerResponse response;
};

}  // namespace barnabas::node
