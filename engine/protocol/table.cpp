#include "engine/protocol/table.h"

#include <algorithm>
#include <array>

#include "engine/protocol/apis.h"

namespace barnabas::protocol {

namespace {

std::string range_text(std::int16_t first, std::int16_t last) {
    std::string text = std::to_string(first);
    if (last == INT16_MAX) return text + '+';
    if (last != first) text += '-' + std::to_string(last);
    return text;
}

template <std::size_t count, class Enum>
std::string word(const std::array<std::string_view, count>& words, Enum value) {
    return std::string(words[static_cast<std::size_t>(value)]);
}

constexpr std::array<std::string_view, 7> kind_words = {
    "request", "response", "header", "data", "metadata", "coordinator-key", "coordinator-value"};
constexpr std::array<std::string_view, 4> listener_words = {"", "broker", "controller",
                                                            "broker,controller"};
constexpr std::array<std::string_view, 6> entity_words = {
    "", "brokerId", "topicName", "groupId", "producerId", "transactionalId"};
constexpr std::array<std::string_view, 12> type_words = {"bool",   "int8",   "int16",   "int32",
                                                         "int64",  "uint16", "uint32",  "float64",
                                                         "string", "bytes",  "records", "uuid"};

std::string default_text(const Field& field) {
    switch (field.default_is) {
        case DefaultIs::unsaid:
        case DefaultIs::empty: return "";
        case DefaultIs::null: return "null";
        case DefaultIs::boolean: return field.default_number != 0 ? "true" : "false";
        case DefaultIs::number: return std::to_string(field.default_number);
    }
    return "";
}

std::string head_line(const Schema& message, const Format& format) {
    std::string text = word(kind_words, format.kind) + "  " + std::string(message.name);
    if (format.key >= 0) text += "  key " + std::to_string(format.key);
    text += "  versions " + range_text(format.valid.oldest, format.valid.latest);
    const std::string from = std::to_string(format.flexible_from) + '+';
    text += "  flexible " + (format.flexible_from == never ? "none" : from);
    if (format.kind == Kind::request) {
        const Api& api = find_api(static_cast<ApiKey>(format.key))->api;
        text += "  on " + word(listener_words, api.on);
        if (api.latest_is_unstable) text += "  latest-unstable true";
    }
    return text + '\n';
}

std::string attributes_text(const Field& field) {
    const std::string versions = range_text(field.oldest, field.latest);
    std::vector<std::string> words;
    if (field.nullable_to >= 0) {
        words.push_back("nullable " + range_text(field.nullable_from, field.nullable_to));
    }
    if (field.default_is != DefaultIs::unsaid) words.push_back("default " + default_text(field));
    if (field.is_tagged()) words.push_back("tag " + std::to_string(field.tag) + " in " + versions);
    if (field.is_map_key) words.emplace_back("key");
    if (field.is_ignorable) words.emplace_back("ignorable");
    if (field.entity != Entity::none) words.push_back("entity " + word(entity_words, field.entity));
    if (field.is_zero_copy) words.emplace_back("zerocopy");
    if (field.is_never_compact) words.emplace_back("flexible none");
    std::string text;
    for (const std::string& each : words) text += (text.empty() ? "  ; " : ", ") + each;
    return text;
}

class TableLines {
  public:
    explicit TableLines(std::string head) : text(std::move(head)) {}

    std::string text;

    void fields(const Schema& schema, std::size_t depth) {
        for (const SchemaField& row : schema.fields) {
            text.append(2 * depth, ' ');
            text += std::string(row.name) + ' ' + (row.is_array ? "[]" : "") + type_text(row) +
                    ' ' + range_text(row.field.oldest, row.field.latest) +
                    attributes_text(row.field) + '\n';
            if (!row.structure) continue;
            const Schema& inner = row.structure();
            if (!inner.is_shared) {
                fields(inner, depth + 1);
            } else if (std::find(shared_.begin(), shared_.end(), &inner) == shared_.end()) {
                shared_.push_back(&inner);
            }
        }
    }
    // A shared struct may use further ones.
    void shared() {
        for (std::size_t i = 0; i < shared_.size(); ++i) {
            text += "  struct " + std::string(shared_[i]->name) + " 0+\n";
            fields(*shared_[i], 2);
        }
    }

  private:
    static std::string type_text(const SchemaField& row) {
        return row.structure ? std::string(row.structure().name) : word(type_words, row.type);
    }

    std::vector<const Schema*> shared_;
};

}  // namespace

std::string table_of(const Schema& message, const Format& format) {
    TableLines lines(head_line(message, format));
    lines.fields(message, 1);
    lines.shared();
    return std::move(lines.text);
}

}  // namespace barnabas::protocol
