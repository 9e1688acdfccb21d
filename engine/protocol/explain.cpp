#include "engine/protocol/explain.h"

#include "engine/protocol/registry.h"

namespace barnabas::protocol {

namespace {

class ExplainedLines {
  public:
    void add(std::string_view what, const std::string& value) {
        explanation_.text += what;
        explanation_.text.append(what.size() < 12 ? 12 - what.size() : 1, ' ');
        explanation_.text += value + '\n';
    }
    Explanation failed(const CodecError& error) {
        add("error", error.text());
        explanation_.is_whole = false;
        return std::move(explanation_);
    }
    Explanation done() { return std::move(explanation_); }

  private:
    Explanation explanation_;
};

Bytes without_length(const Bytes& frame, ExplainedLines& lines) {
    const bool has_length = frame.size() >= 4 && load_big<std::int32_t>(frame.data()) ==
                                                     static_cast<std::int64_t>(frame.size()) - 4;
    if (!has_length) return frame;
    lines.add("length", std::to_string(frame.size() - 4));
    return frame.from(4);
}

void add_api(ExplainedLines& lines, ApiKey key, std::int16_t version) {
    lines.add("api",
              std::string(name_of(key)) + " (" + std::to_string(static_cast<int>(key)) + ')');
    lines.add("version", std::to_string(version));
}

Explanation explain_body(ExplainedLines& lines, const Bytes& body, ApiKey key, Kind kind,
                         std::int16_t version) {
    const MessageType* type = find_message(key, kind);
    if (!type) return lines.failed({.reason = CodecError::Reason::unknown_api});
    const auto text = type->to_json(body, version);
    if (!text) return lines.failed(text.error());
    lines.add(type->name(), *text);
    return lines.done();
}

}  // namespace

Explanation explain_request(const Bytes& frame) {
    ExplainedLines lines;
    const Bytes content = without_length(frame, lines);
    std::size_t at = 0;
    const auto header = decode_header(content, at);
    const RequestHeader& known = header ? *header : header.error().header;
    if (header || header.error().error.reason != CodecError::Reason::ends_early) {
        add_api(lines, known.api_key, known.api_version);
        lines.add("correlation", std::to_string(known.correlation_id));
    }
    if (!header) return lines.failed(header.error().error);
    lines.add("client", header->client_id ? *header->client_id : "(none)");
    return explain_body(lines, content.from(at), known.api_key, Kind::request, known.api_version);
}

Explanation explain_response(const Bytes& frame, ApiKey key, std::int16_t version) {
    ExplainedLines lines;
    const Bytes content = without_length(frame, lines);
    std::size_t at = 0;
    add_api(lines, key, version);
    const auto header = decode_response_header(content, at, key, version);
    if (!header) return lines.failed(header.error());
    lines.add("correlation", std::to_string(header->correlation_id));
    return explain_body(lines, content.from(at), key, Kind::response, version);
}

}  // namespace barnabas::protocol
