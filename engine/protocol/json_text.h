// JSON text, written in order: the part that knows nothing of messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/uuid.h"

namespace boost::json {
class value;
}

namespace barnabas::protocol {

// False when it is no JSON, or nested deeper than any message. Numbers come out exactly.
bool parse_json(std::string_view text, boost::json::value& value);

// What is no UTF-8 becomes the replacement character.
std::string as_utf8(std::string_view text);

std::string base64_of(ByteView bytes);
// Nothing when it is no base64.
std::optional<Bytes> bytes_of_base64(std::string_view digits);

// "TimeoutMs" -> "timeoutMs"
std::string json_name(std::string_view name);

// Writes {"a": 1, "b": [null]}. Text is expected to be UTF-8.
class JsonWriter {
  public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }

    // The first letter becomes small, as in Kafka's JSON.
    void key(std::string_view name);
    void null() { plain("null"); }
    void boolean(bool value) { plain(value ? "true" : "false"); }
    void integer(std::int64_t value) { plain(std::to_string(value)); }
    void real(double value);  // the shortest text that reads back as the same number
    void text(std::string_view value);
    void base64(ByteView bytes) { text(base64_of(bytes)); }
    void uuid(const Uuid& id) { text(id.text()); }
    void value(const boost::json::value& any);

    std::string take() && { return std::move(out_); }

  private:
    void separate();
    void open(char bracket);
    void close(char bracket);
    void plain(std::string_view word);
    void quoted(std::string_view value);

    std::string out_;
    bool is_first_ = true;
};

}  // namespace barnabas::protocol
