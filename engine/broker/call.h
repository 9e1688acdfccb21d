// A request on its way through the broker.
#pragma once

#include "engine/base/bytes.h"
#include "engine/broker/connections.h"
#include "engine/protocol/messages/headers.h"

namespace barnabas::broker {

// What an answer needs of its request. Small: rows that wait hold it, and no frame with it.
struct ReturnAddress {
    Address address;
    protocol::ApiKey api_key{};
    std::int16_t api_version = 0;
    std::int32_t correlation_id = 0;
};

struct Call {
    ReturnAddress to;
    Bytes body;  // shares the frame
};

}  // namespace barnabas::broker
