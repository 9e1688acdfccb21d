#include "engine/protocol/frame.h"

namespace barnabas::protocol {

Result<RequestHeader, HeaderError> decode_header(const Bytes& frame, std::size_t& at) {
    HeaderError bad;
    Reader reader(frame, at);
    bad.header.api_key = reader.number<ApiKey>();
    bad.header.api_version = reader.number<std::int16_t>();
    bad.header.correlation_id = reader.number<std::int32_t>();
    if (reader.failed()) {
        bad.error = reader.trouble().error();
        return unexpected(bad);
    }
    const ApiRow* row = find_api(bad.header.api_key);
    if (!row) {
        bad.error.reason = CodecError::Reason::unknown_api;
        return unexpected(bad);
    }
    if (!row->api.valid.contains(bad.header.api_version)) {
        bad.error.reason = CodecError::Reason::unsupported_version;
        return unexpected(bad);
    }
    const auto form = request_header_version(bad.header.api_key, bad.header.api_version);
    auto header = decode_at<RequestHeader>(frame, at, form);
    if (header) return std::move(*header);
    bad.error = header.error();
    return unexpected(bad);
}

Result<ResponseHeader, CodecError> decode_response_header(const Bytes& frame, std::size_t& at,
                                                          ApiKey key, std::int16_t version) {
    return decode_at<ResponseHeader>(frame, at, response_header_version(key, version));
}

Writer begin_request(const RequestHeader& header) {
    Writer writer(Writer::Head::length);
    write_message(writer, header, request_header_version(header.api_key, header.api_version));
    return writer;
}

Writer begin_response(std::int32_t correlation_id, ApiKey key, std::int16_t version) {
    Writer writer(Writer::Head::length);
    write_message(writer, ResponseHeader{.correlation_id = correlation_id},
                  response_header_version(key, version));
    return writer;
}

Result<bool, CodecError> close(Framing& framing) {
    const std::size_t length = framing.written.size() - sizeof(std::int32_t);
    if (length > INT32_MAX) return unexpected(CodecError{.reason = CodecError::Reason::bad_length});
    std::vector<std::uint8_t> head(sizeof(std::int32_t));
    wire::store(head.data(), static_cast<std::int32_t>(length));
    framing.written.replace_head(Bytes::own(std::move(head)));
    return true;
}

}  // namespace barnabas::protocol
