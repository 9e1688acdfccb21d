#include "engine/metadata/record.h"

#include <fmt/format.h>

#include <utility>

#include "engine/protocol/stored.h"

namespace barnabas::metadata {
namespace {

using protocol::MetadataFrame;

// From which metadata.version on a record is written in which version. One without a row is written
// in version 0 at every level.
struct WrittenAs {
    std::int16_t key;
    std::int16_t level;
    std::int16_t version;
};
constexpr WrittenAs written_as[] = {
    {protocol::RegisterBrokerRecord::format.key, metadata_version_oldest, 1},
    {protocol::RegisterBrokerRecord::format.key, 8, 2},
    {protocol::RegisterBrokerRecord::format.key, log_directories_since, 3},
    {protocol::RegisterBrokerRecord::format.key, 30, 4},
    {protocol::BrokerRegistrationChangeRecord::format.key, metadata_version_oldest, 1},
    {protocol::BrokerRegistrationChangeRecord::format.key, log_directories_since, 2},
    {protocol::BrokerRegistrationChangeRecord::format.key, 30, 3},
    {protocol::PartitionRecord::format.key, metadata_version_oldest, 0},
    {protocol::PartitionRecord::format.key, log_directories_since, 1},
    {protocol::PartitionRecord::format.key, 23, 2},
    {protocol::PartitionChangeRecord::format.key, metadata_version_oldest, 0},
    {protocol::PartitionChangeRecord::format.key, log_directories_since, 1},
    {protocol::PartitionChangeRecord::format.key, 23, 2},
    {protocol::ZkMigrationStateRecord::format.key, 8, 0},
    {protocol::UserScramCredentialRecord::format.key, 11, 0},
    {protocol::RemoveUserScramCredentialRecord::format.key, 11, 0},
    {protocol::BeginTransactionRecord::format.key, metadata_transactions_since, 0},
    {protocol::EndTransactionRecord::format.key, metadata_transactions_since, 0},
    {protocol::AbortTransactionRecord::format.key, metadata_transactions_since, 0},
    {protocol::DelegationTokenRecord::format.key, 14, 0},
    {protocol::RemoveDelegationTokenRecord::format.key, 14, 0},
    {protocol::RegisterControllerRecord::format.key, 15, 0},
    {protocol::ClearElrRecord::format.key, 23, 0},
};

std::optional<std::int16_t> version_of(std::int16_t key, std::int16_t level) {
    std::optional<std::int16_t> version = 0;
    bool is_first = true;
    for (const WrittenAs& row : written_as) {
        if (row.key != key) continue;
        if (std::exchange(is_first, false)) version.reset();
        if (row.level <= level) version = row.version;
    }
    return version;
}

// A visitor of the lines of a `describe`: fields that the version lacks get back what they are
// without being said.
struct LeaveOut {
    std::int16_t version;
    template <class Member, class... Attributes>
    void operator()(std::string_view, Member& member, Attributes... attributes) const {
        if (!protocol::Field(attributes...).exists_in(version)) member = Member{};
    }
};

template <class One>
Result<Bytes, protocol::CodecError> encode_one(const One& record, std::int16_t level) {
    const auto version = version_of(One::format.key, level);
    CHECK(version);
    return protocol::encode_metadata(record, *version);
}

template <class One>
bool decode_one(const Bytes& value, const MetadataFrame& frame, Result<Record, std::string>& out) {
    if (One::format.key != frame.key) return false;
    auto record = protocol::decode_metadata<One>(value, frame);
    if (record) {
        out = Record(*std::move(record));
    } else {
        out = unexpected(fmt::format("{} version {}: {}", protocol::name_of_type<One>(),
                                     frame.version, record.error().text()));
    }
    return true;
}

template <std::size_t... I>
Result<Record, std::string> decode_any(const Bytes& value, const MetadataFrame& frame,
                                       std::index_sequence<I...>) {
    Result<Record, std::string> out =
        unexpected(fmt::format("there is no metadata record with key {}", frame.key));
    static_cast<void>(
        (decode_one<std::variant_alternative_t<I, Record>>(value, frame, out) || ...));
    return out;
}

}  // namespace

std::optional<Record> as_of(Record record, std::int16_t level) {
    const bool is_known = std::visit(
        [&]<class One>(One& one) {
            const auto version = version_of(One::format.key, level);
            if (!version) return false;
            LeaveOut visitor{*version};
            One::describe(visitor, one);
            return true;
        },
        record);
    return is_known ? std::optional(std::move(record)) : std::nullopt;
}

std::vector<Record> as_of(std::vector<Record> records, std::int16_t level) {
    std::vector<Record> known;
    known.reserve(records.size());
    for (Record& record : records)
        if (auto one = as_of(std::move(record), level)) known.push_back(*std::move(one));
    return known;
}

Result<Bytes, protocol::CodecError> try_encode(const Record& record, std::int16_t level) {
    return std::visit([&](const auto& one) { return encode_one(one, level); }, record);
}

Bytes encode(const Record& record, std::int16_t level) {
    auto bytes = try_encode(record, level);
    CHECK(bytes.has_value());
    return *std::move(bytes);
}

Result<Record, std::string> decode(const Bytes& value) {
    const auto frame = protocol::read_metadata_frame(value);
    if (!frame) return unexpected(frame.error().text());
    return decode_any(value, *frame, std::make_index_sequence<std::variant_size_v<Record>>());
}

std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes) {
    std::vector<std::int32_t> numbers;
    numbers.reserve(nodes.size());
    for (const NodeId node : nodes) numbers.push_back(node.value());
    return numbers;
}

std::string_view name_of(const Record& record) {
    return std::visit(
        [](const auto& one) {
            return protocol::name_of_type<std::remove_cvref_t<decltype(one)>>();
        },
        record);
}

}  // namespace barnabas::metadata
