// Values of messages, drawn from Kafka's own tables of fields: JSON for any message and version,
// made without our descriptions.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/protocol/json_text.h"
#include "tests/engine/protocol/facts.h"

namespace barnabas::protocol {

struct FactRange {
    int first = 0;
    int last = -1;
    bool contains(int version) const { return first <= version && version <= last; }
};

struct FactField {
    std::string name;
    std::string type;
    FactRange versions;
    FactRange nullable;
    std::vector<FactField> fields;
};

struct FactMessage {
    std::vector<FactField> fields;
    std::map<std::string, std::vector<FactField>> structs;
};

inline FactRange range_fact(const std::string& text) {
    const int first = std::stoi(text);
    if (text.back() == '+') return {first, 32767};
    const auto dash = text.find('-');
    return {first, dash == std::string::npos ? first : std::stoi(text.substr(dash + 1))};
}

inline FactField field_fact(const std::string& line) {
    FactField field;
    std::string versions;
    std::istringstream words(line);
    words >> field.name >> field.type >> versions;
    field.versions = range_fact(versions);
    const auto nullable = line.find("nullable ");
    if (nullable != std::string::npos) {
        const auto begin = nullable + 9;
        field.nullable = range_fact(line.substr(begin, line.find_first_of(",", begin) - begin));
    }
    return field;
}

// A table as nested lists: two spaces more is one level deeper.
inline FactMessage message_fact(const std::string& table) {
    FactMessage message;
    std::vector<std::vector<FactField>*> levels{&message.fields};
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line);  // the message itself
    while (std::getline(lines, line)) {
        const std::size_t depth = line.find_first_not_of(' ') / 2;
        levels.resize(depth);
        if (line.compare(0, 9, "  struct ") == 0) {
            std::istringstream words(line.substr(9));
            std::string name;
            words >> name;
            levels.push_back(&message.structs[name]);
        } else {
            levels.back()->push_back(field_fact(line.substr(2 * depth)));
            levels.push_back(&levels.back()->back().fields);
        }
    }
    return message;
}

class RandomJson {
  public:
    RandomJson(const FactMessage& message, int version, Random& random, std::uint64_t size_max)
        : message_(message), version_(version), random_(random), size_max_(size_max) {}

    std::string draw() {
        put_struct(message_.fields);
        return std::move(out_).take();
    }

  private:
    void put_struct(const std::vector<FactField>& fields) {
        out_.begin_object();
        for (const FactField& field : fields) {
            if (!field.versions.contains(version_)) continue;
            out_.key(field.name);
            const bool is_null = field.nullable.contains(version_) && random_.below(4) == 0;
            is_null ? out_.null() : put(field, field.type);
        }
        out_.end_object();
    }

    void put(const FactField& field, const std::string& type) {
        if (type.starts_with("[]")) {
            out_.begin_array();
            for (auto left = random_.below(size_max_ + 1); left > 0; --left) {
                put(field, type.substr(2));
            }
            out_.end_array();
        } else if (type == "string") {
            const std::string_view letters[] = {"a", "Z", "\xc3\xa4", "\xe2\x82\xac", "\"", "\x01"};
            std::string text;
            const std::uint64_t length = random_.below(9) == 0 ? 150 : random_.below(20);
            for (std::uint64_t i = 0; i < length; ++i) text += letters[random_.below(6)];
            out_.text(text);
        } else if (type == "bytes" || type == "records") {
            std::vector<std::uint8_t> bytes(random_.below(200));
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
            out_.base64(bytes);
        } else if (type == "uuid") {
            out_.uuid(random_.below(3) == 0 ? Uuid{} : Uuid::draw(random_));
        } else if (type == "bool") {
            out_.boolean(random_.below(2) == 0);
        } else if (type == "float64") {
            out_.real(static_cast<double>(static_cast<std::int64_t>(random_.next())) / 3.0);
        } else if (type.starts_with("int") || type.starts_with("uint")) {
            out_.integer(number(type));
        } else {
            const auto shared = message_.structs.find(type);
            put_struct(shared == message_.structs.end() ? field.fields : shared->second);
        }
    }

    std::int64_t number(const std::string& type) {
        const bool is_signed = type[0] == 'i';
        const int bits = std::stoi(type.substr(is_signed ? 3 : 4));
        const auto low = static_cast<std::int64_t>(is_signed ? -1 : 0);
        const std::int64_t small[] = {0, 1, low};
        if (random_.below(4) == 0) return small[random_.below(3)];
        const std::uint64_t drawn = random_.next() >> (64 - bits);
        if (!is_signed) return static_cast<std::int64_t>(drawn);
        return static_cast<std::int64_t>(drawn << (64 - bits)) >> (64 - bits);
    }

    const FactMessage& message_;
    int version_;
    Random& random_;
    std::uint64_t size_max_;
    JsonWriter out_;
};

}  // namespace barnabas::protocol
