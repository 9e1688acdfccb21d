#include "engine/protocol/json_text.h"

#include <array>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

namespace barnabas::protocol {

namespace json = boost::json;

namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The length of the UTF-8 sequence at text[at]; zero when there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - at < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80) return 0;
    }
    const std::uint8_t second = byte(at + 1);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return overlong || beyond ? 0 : length;
}

std::string escaped(char control) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<std::uint8_t>(control);
    return std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
}

// Builds a value as Boost's parser goes along, but reads fractions by itself: Boost's own may be
// off in the last bit.
struct ExactHandler {
    static constexpr std::size_t max_object_size = SIZE_MAX;
    static constexpr std::size_t max_array_size = SIZE_MAX;
    static constexpr std::size_t max_key_size = SIZE_MAX;
    static constexpr std::size_t max_string_size = SIZE_MAX;
    using Error = boost::system::error_code;
    using Text = json::string_view;

    json::value_stack stack;
    std::string part = {};  // the beginning of a number that is not there as one piece

    bool on_document_begin(Error&) { return stack.reset(), true; }
    bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&) { return true; }
    bool on_object_end(std::size_t count, Error&) { return stack.push_object(count), true; }
    bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t count, Error&) { return stack.push_array(count), true; }
    bool on_key_part(Text text, std::size_t, Error&) { return stack.push_chars(text), true; }
    bool on_key(Text text, std::size_t, Error&) { return stack.push_key(text), true; }
    bool on_string_part(Text text, std::size_t, Error&) { return stack.push_chars(text), true; }
    bool on_string(Text text, std::size_t, Error&) { return stack.push_string(text), true; }
    bool on_number_part(Text text, Error&) { return part += text, true; }
    bool on_int64(std::int64_t number, Text, Error&) {
        return part.clear(), stack.push_int64(number), true;
    }
    bool on_uint64(std::uint64_t number, Text, Error&) {
        return part.clear(), stack.push_uint64(number), true;
    }
    bool on_double(double rough, Text text, Error&) {
        part += text;
        double exact = rough;  // stays when it is too large or too small for a double
        std::from_chars(part.data(), part.data() + part.size(), exact);
        return part.clear(), stack.push_double(exact), true;
    }
    bool on_bool(bool truth, Error&) { return stack.push_bool(truth), true; }
    bool on_null(Error&) { return stack.push_null(), true; }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
};

}  // namespace

bool parse_json(std::string_view text, json::value& value) {
    json::basic_parser<ExactHandler> parser(json::parse_options{});
    boost::system::error_code bad;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), bad);
    if (bad || read != text.size()) return false;
    value = parser.handler().stack.release();
    return true;
}

std::string json_name(std::string_view name) {
    std::string small(name);
    if (!small.empty() && 'A' <= small[0] && small[0] <= 'Z') small[0] += 'a' - 'A';
    return small;
}

void JsonWriter::separate() {
    if (!is_first_) out_ += ", ";
    is_first_ = false;
}

void JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    is_first_ = true;
}

void JsonWriter::close(char bracket) {
    out_ += bracket;
    is_first_ = false;
}

void JsonWriter::plain(std::string_view word) {
    separate();
    out_ += word;
}

void JsonWriter::key(std::string_view name) {
    separate();
    quoted(json_name(name));
    out_ += ": ";
    is_first_ = true;
}

void JsonWriter::real(double value) {
    if (std::isnan(value)) return text("NaN");
    if (std::isinf(value)) return text(value < 0 ? "-Infinity" : "Infinity");
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    std::string_view shortest(digits.data(), static_cast<std::size_t>(end - digits.data()));
    plain(shortest);
    if (shortest.find_first_of(".e") == std::string_view::npos) out_ += ".0";
}

void JsonWriter::text(std::string_view value) {
    separate();
    quoted(value);
}

void JsonWriter::quoted(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            (out_ += '\\') += c;
        } else if (static_cast<std::uint8_t>(c) < 0x20) {
            out_ += escaped(c);
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

void JsonWriter::value(const json::value& any) {
    if (const json::object* object = any.if_object()) {
        begin_object();
        for (const auto& member : *object) {
            key(member.key());
            value(member.value());
        }
        return end_object();
    }
    if (const json::array* array = any.if_array()) {
        begin_array();
        for (const json::value& element : *array) value(element);
        return end_array();
    }
    if (const json::string* string = any.if_string()) return text(*string);
    if (const bool* truth = any.if_bool()) return boolean(*truth);
    if (const double* number = any.if_double()) return real(*number);
    if (const std::int64_t* number = any.if_int64()) return integer(*number);
    null();
}

std::string as_utf8(std::string_view text) {
    std::string clean;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text, at);
        if (length == 0) {
            clean += "\xef\xbf\xbd";
        } else {
            clean += text.substr(at, length);
        }
        at += std::max<std::size_t>(length, 1);
    }
    return clean;
}

std::string base64_of(ByteView bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? bytes[at + i] : 0);
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= count ? base64_digits[bits >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

std::optional<Bytes> bytes_of_base64(std::string_view digits) {
    if (digits.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = digits.ends_with("==") ? 2 : digits.ends_with('=') ? 1 : 0;
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at < digits.size(); at += 4) {
        std::uint32_t bits = 0;
        const std::size_t missing = at + 4 == digits.size() ? padding : 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto digit = i >= 4 - missing ? 0 : base64_digits.find(digits[at + i]);
            if (digit == std::string_view::npos) return std::nullopt;
            bits = bits << 6 | static_cast<std::uint32_t>(digit);
        }
        for (std::size_t i = 0; i < 3 - missing; ++i) {
            bytes.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * i)));
        }
    }
    return Bytes::own(std::move(bytes));
}

}  // namespace barnabas::protocol
