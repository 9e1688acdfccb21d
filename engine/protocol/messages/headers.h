// What stands before the body of every request and response.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct RequestHeader {
    static constexpr Format format{.kind = Kind::header, .valid = {1, 2}, .flexible_from = 2};

    ApiKey api_key = ApiKey::produce;
    std::int16_t api_version = 0;
    std::int32_t correlation_id = 0;
    std::optional<std::string> client_id = "";
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("RequestApiKey", self.api_key);
        field("RequestApiVersion", self.api_version);
        field("CorrelationId", self.correlation_id);
        field("ClientId", self.client_id, since(1), nullable(1), never_compact);
    }
};

struct ResponseHeader {
    static constexpr Format format{.kind = Kind::header, .valid = {0, 1}, .flexible_from = 1};

    std::int32_t correlation_id = 0;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) { field("CorrelationId", self.correlation_id); }
};

}  // namespace barnabas::protocol
