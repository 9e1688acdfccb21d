// Of answers: nothing of what was decided came to be. What was refused anyway stays so.
#pragma once

#include <vector>

#include "engine/protocol/controller_messages.h"
#include "engine/protocol/errors.h"

namespace barnabas::controller {

template <class Result>
void refuse_decided(std::vector<Result>& results) {
    for (Result& result : results) {
        if (result.error_code != protocol::ErrorCode::none) continue;
        result.error_code = protocol::ErrorCode::kafka_storage_error;
        result.error_message = "the metadata log cannot be written";
    }
}

template <class Response>
    requires requires(Response response) { response.error_code; }
void refuse_decided(Response& response) {
    if (response.error_code == protocol::ErrorCode::none)
        response.error_code = protocol::ErrorCode::kafka_storage_error;
}
inline void refuse_decided(protocol::CreateTopicsResponse& response) {
    refuse_decided(response.topics);
}
inline void refuse_decided(protocol::IncrementalAlterConfigsResponse& response) {
    refuse_decided(response.responses);
}
inline void refuse_decided(protocol::ControllerResponse& response) {
    std::visit([](auto& one) { refuse_decided(one); }, response.message);
}

}  // namespace barnabas::controller
