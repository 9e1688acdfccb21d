#include "engine/log/checkpoint.h"

#include <charconv>
#include <optional>

namespace barnabas::log {

namespace {

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
    Words words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

template <class Number>
std::optional<Number> parse_number(std::string_view word) {
    Number number{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return number;
}

using Fault = std::unexpected<std::string>;

Fault bad_line(std::size_t number, std::string_view line) {
    return Fault("line " + std::to_string(number) + " is not understood: " + std::string(line));
}

// The rows of a checkpoint of version 0, without the version and the count, which must fit.
Result<Words, std::string> checkpoint_rows(std::string_view text) {
    Words lines = split(text, '\n');
    if (lines.size() < 2) return Fault("the version or the count of lines is missing");
    if (lines[0] != "0") return Fault("version " + std::string(lines[0]) + " is not known");
    const auto count = parse_number<std::size_t>(lines[1]);
    if (!count) return bad_line(2, lines[1]);
    lines.erase(lines.begin(), lines.begin() + 2);
    if (lines.size() != *count)
        return Fault("it states " + std::to_string(*count) + " lines and has " +
                     std::to_string(lines.size()));
    return lines;
}

// The value of `key` in lines of "key<separator>value"; comments begin with '#'.
std::optional<std::string_view> find_value(std::string_view text, std::string_view key,
                                           std::string_view separator) {
    for (std::string_view line : split(text, '\n')) {
        if (line.starts_with('#') || !line.starts_with(key)) continue;
        line.remove_prefix(key.size());
        if (!line.starts_with(separator)) continue;
        line.remove_prefix(separator.size());
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }
    return std::nullopt;
}

}  // namespace

std::string checkpoint_head(std::size_t count) { return "0\n" + std::to_string(count) + "\n"; }

std::string format_offset(const TopicPartition& partition, Offset offset) {
    return partition.topic + ' ' + std::to_string(partition.partition.value()) + ' ' +
           std::to_string(offset.value()) + '\n';
}

std::string format_offsets(const PartitionOffsets& offsets) {
    std::string text = checkpoint_head(offsets.size());
    for (const auto& [partition, offset] : offsets) text += format_offset(partition, offset);
    return text;
}

Result<PartitionOffsets, std::string> parse_offsets(std::string_view text) {
    const auto rows = checkpoint_rows(text);
    if (!rows) return Fault(rows.error());
    PartitionOffsets offsets;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const Words words = split((*rows)[i], ' ');
        if (words.size() != 3) return bad_line(i + 3, (*rows)[i]);
        const auto partition = parse_number<std::int32_t>(words[1]);
        const auto offset = parse_number<std::int64_t>(words[2]);
        if (!partition || !offset) return bad_line(i + 3, (*rows)[i]);
        offsets[{std::string(words[0]), PartitionIndex(*partition)}] = Offset(*offset);
    }
    return offsets;
}

std::string format_epochs(const std::vector<EpochStart>& epochs) {
    std::string text = checkpoint_head(epochs.size());
    for (const EpochStart& entry : epochs)
        text +=
            std::to_string(entry.epoch.value()) + ' ' + std::to_string(entry.start.value()) + '\n';
    return text;
}

Result<std::vector<EpochStart>, std::string> parse_epochs(std::string_view text) {
    const auto rows = checkpoint_rows(text);
    if (!rows) return Fault(rows.error());
    std::vector<EpochStart> epochs;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        const Words words = split((*rows)[i], ' ');
        if (words.size() != 2) return bad_line(i + 3, (*rows)[i]);
        const auto epoch = parse_number<std::int32_t>(words[0]);
        const auto start = parse_number<std::int64_t>(words[1]);
        if (!epoch || !start) return bad_line(i + 3, (*rows)[i]);
        const EpochStart entry{LeaderEpoch(*epoch), Offset(*start)};
        if (!epochs.empty() &&
            (entry.epoch <= epochs.back().epoch || entry.start < epochs.back().start))
            return bad_line(i + 3, (*rows)[i]);
        epochs.push_back(entry);
    }
    return epochs;
}

std::string format_partition_metadata(const TopicId& id) {
    return "version: 0\ntopic_id: " + id.text();
}

Result<TopicId, std::string> parse_partition_metadata(std::string_view text) {
    const auto version = find_value(text, "version", ": ");
    if (version != "0") return Fault("its version is not 0");
    const auto id = find_value(text, "topic_id", ": ");
    const auto parsed = id ? Uuid::parse(*id) : std::nullopt;
    if (!parsed) return Fault("it has no topic id that can be read");
    return *parsed;
}

std::string format_meta_properties(const MetaProperties& properties) {
    return "#\nnode.id=" + std::to_string(properties.node_id.value()) +
           "\ndirectory.id=" + properties.directory_id.text() +
           "\nversion=1\ncluster.id=" + properties.cluster_id + '\n';
}

Result<MetaProperties, std::string> parse_meta_properties(std::string_view text) {
    if (find_value(text, "version", "=") != "1") return Fault("its version is not 1");
    const auto cluster = find_value(text, "cluster.id", "=");
    if (!cluster || cluster->empty()) return Fault("cluster.id is missing");
    const auto node_text = find_value(text, "node.id", "=");
    const auto node = node_text ? parse_number<std::int32_t>(*node_text) : std::nullopt;
    if (!node) return Fault("node.id is missing or no number");
    MetaProperties properties{std::string(*cluster), NodeId(*node), Uuid{}};
    if (const auto id_text = find_value(text, "directory.id", "=")) {
        const auto id = Uuid::parse(*id_text);
        if (!id) return Fault("directory.id cannot be read");
        properties.directory_id = *id;
    }
    return properties;
}

std::string format_clean_shutdown(BrokerEpoch epoch) {
    return "{\"version\":0,\"brokerEpoch\":" + std::to_string(epoch.value()) + "}";
}

Result<BrokerEpoch, std::string> parse_clean_shutdown(std::string_view text) {
    constexpr std::string_view key = "\"brokerEpoch\":";
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos) return Fault("brokerEpoch is missing");
    std::string_view rest = text.substr(at + key.size());
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const auto epoch = parse_number<std::int64_t>(rest.substr(0, rest.find_first_of(",} \n")));
    if (!epoch) return Fault("brokerEpoch is no number");
    return BrokerEpoch(*epoch);
}

}  // namespace barnabas::log
