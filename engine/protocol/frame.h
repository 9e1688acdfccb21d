// Frames of a connection: an int32 length, a header, a body.
//
// A frame that came in is handled without its length. The header of ApiVersions' response is always
// in version 0.
#pragma once

#include "engine/protocol/apis.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/messages/headers.h"

namespace barnabas::protocol {

// What could be read of a header that cannot be served. unknown_api and unsupported_version come
// with key, version and correlation id, so that ApiVersions can be answered and the others logged.
struct HeaderError {
    CodecError error;
    RequestHeader header = {};
};

// Reads the header of a request, beginning at frame[at]; moves `at` to the body when it succeeds.
Result<RequestHeader, HeaderError> decode_header(const Bytes& frame, std::size_t& at);

// Reads the header of a response to a request of this API and version.
Result<ResponseHeader, CodecError> decode_response_header(const Bytes& frame, std::size_t& at,
                                                          ApiKey key, std::int16_t version);

// Begins a frame: its header stands in the writer. Needs: a version that the API has.
Writer begin_request(const RequestHeader& header);
Writer begin_response(std::int32_t correlation_id, ApiKey key, std::int16_t version);

// A whole frame with its length, for the API of the message; the header's key is set from it.
template <class Request>
Result<Chain, CodecError> frame_request(RequestHeader header, const Request& message) {
    header.api_key = Request::api.key;
    if (!has_version<Request>(header.api_version)) {
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    }
    Writer writer = begin_request(header);
    write_message(writer, message, header.api_version);
    const auto gathered = std::move(writer).gathered();
    if (!gathered) return unexpected(gathered.error());
    auto chain = gathered->chain();
    if (!chain) return unexpected(CodecError{.reason = CodecError::Reason::external_bytes});
    return std::move(*chain);
}

// The length covers external bytes too.
template <class Response>
Result<Gathered, CodecError> frame_response(std::int32_t correlation_id, std::int16_t version,
                                            const Response& message) {
    if (!has_version<Response>(version)) {
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    }
    Writer writer = begin_response(correlation_id, Response::api.key, version);
    write_message(writer, message, version);
    return std::move(writer).gathered();
}

// A response that is framed in slices: what stands so far, and where to go on.
struct Framing {
    Gathered written;
    Trail trail;
};

// Puts the length in front of what was framed in more slices than one: true, or it is too long.
Result<bool, CodecError> close(Framing& framing);

// Frames more of the response: true when all of it stands.
template <class Response>
Result<bool, CodecError> frame_some(std::int32_t correlation_id, std::int16_t version,
                                    const Response& message, std::size_t slice, Framing& framing) {
    if (!has_version<Response>(version)) {
        return unexpected(CodecError{.reason = CodecError::Reason::unsupported_version});
    }
    const bool is_first = framing.written.size() == 0;
    Writer writer = is_first ? begin_response(correlation_id, Response::api.key, version)
                             : Writer();
    const bool is_done = write_some(writer, message, version, slice, framing.trail);
    auto more = std::move(writer).gathered();
    if (!more) return unexpected(more.error());
    if (is_first) {
        framing.written = *std::move(more);
        return is_done;
    }
    framing.written.append(*more);
    return is_done ? close(framing) : Result<bool, CodecError>(false);
}

}  // namespace barnabas::protocol
