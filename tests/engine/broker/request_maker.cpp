#include "tests/engine/broker/request_maker.h"

#include <algorithm>
#include <array>

#include "engine/records/build.h"
#include "engine/settings/table.h"

namespace barnabas::broker {
namespace {

constexpr std::int64_t some_time = 1'795'400'000'000;

std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string text;
    while (text.size() + piece.size() <= bytes) text += piece;
    return text;
}

// A valid list of throttled replicas, as long as a string can carry or nearly so.
std::string many_pairs(std::uint64_t first, std::size_t bytes) {
    std::string text;
    for (std::uint64_t at = first; text.size() + 16 < bytes; ++at)
        text += (text.empty() ? "" : ",") + std::to_string(at) + ":1";
    return text;
}

}  // namespace

std::int64_t RequestMaker::number(std::string_view name, std::int64_t most) {
    if (is_odd()) {
        const std::array extremes{most, -most - 1, most - 1, std::int64_t{-1}, std::int64_t{-2},
                                  std::int64_t{0}, std::int64_t{10'000}, std::int64_t{1'000'000}};
        return std::clamp(dice_.one_of(extremes), -most - 1, most);
    }
    if (name == "Partition" || name == "PartitionIndex" || name == "PartitionIndexes" ||
        name == "Index")
        return dice_.between(0, 2);
    if (name == "Acks") return dice_.between(-1, 1);
    if (name == "ResourceType") return dice_.one_in(3) ? 4 : 2;
    if (name == "ConfigOperation") return dice_.between(0, 3);
    if (name == "NumPartitions") return dice_.one_in(30) ? 2'000 : dice_.between(1, 3);
    if (name == "ReplicationFactor") return dice_.one_in(2) ? -1 : 1;
    if (name == "Timestamp")
        return dice_.one_in(2) ? dice_.between(-7, -1) : some_time + dice_.between(-5, 5);
    if (name == "FetchOffset" || name == "Offset") return dice_.between(-1, 20);
    if (name.ends_with("MaxBytes")) return dice_.one_in(8) ? 1 : 1 << 20;
    if (name == "MinBytes" || name == "IsolationLevel") return dice_.between(0, 1);
    if (name == "MaxWaitMs" || name == "TimeoutMs") return dice_.between(0, 500);
    if (name == "SessionId" || name == "BrokerIds") return 0;
    if (name == "SessionEpoch" || name.starts_with("Producer") || name.ends_with("Epoch"))
        return -1;
    if (name == "TransactionTimeoutMs") return 60'000;
    return dice_.between(-1, 3);
}

std::string RequestMaker::text(std::string_view name, const protocol::Field& field) {
    if (name == "Value" && mood_ != Mood::honest && dice_.one_in(3))
        return many_pairs(dice_.below(5) * 10'000, dice_.one_in(2) ? 20'000 : 32'767);
    if (is_odd()) return extreme_text();
    if (name == "Name" && field.is_map_key && dice_.one_in(4))
        return "leader.replication.throttled.replicas";
    if (field.entity == protocol::Entity::transactional) return "payments";
    if (name.starts_with("ClientSoftware")) return "client-1.0";
    if (name == "ConfigurationKeys" || (name == "Name" && field.entity == protocol::Entity::none &&
                                        !dice_.one_in(5)))
        return std::string(dice_.one_of(settings::topic_table()).name);
    if (name == "Value") {
        static constexpr std::array values{"1",       "0",      "-1",   "1000", "104857600",
                                           "compact", "delete", "true", "lz4",  "0:0",
                                           "CreateTime"};
        return dice_.one_of(values);
    }
    if (name == "ResourceName" && dice_.one_in(3)) return dice_.one_in(2) ? "0" : "";
    if (!around_.topics.empty() && !dice_.one_in(6)) return dice_.one_of(around_.topics);
    return "topic-" + std::to_string(dice_.below(6));
}

std::string RequestMaker::extreme_text() {
    switch (dice_.below(10)) {
        case 0: return "";
        case 1: return repeated("x", 249);
        case 2: return repeated("x", 250);
        case 3: return repeated("x", 32'767);
        case 4: return repeated("\xe2\x82\xac", 32'767);  // the euro sign
        case 5: return repeated("a:1,", 20'000);
        case 6: return {"\xff\xfe\x80", 3};  // no UTF-8
        case 7: return {"a\0b\nc", 5};
        case 8: return dice_.one_in(2) ? "__consumer_offsets" : "__cluster_metadata";
        default: return repeated(dice_.one_in(2) ? "." : "%s{}", 4);
    }
}

Uuid RequestMaker::topic_id() {
    if (!is_odd() && !around_.topic_ids.empty()) return dice_.one_of(around_.topic_ids);
    Random of_choice(dice_.below(1000));
    return dice_.one_in(3) ? Uuid() : Uuid::draw(of_choice);
}

protocol::Records RequestMaker::records() {
    static constexpr std::array codecs{records::Codec::none, records::Codec::gzip,
                                       records::Codec::snappy, records::Codec::lz4,
                                       records::Codec::zstd};
    records::BatchBuilder batch(
        records::Producer{},
        {.codec = dice_.one_in(2) ? records::Codec::none : dice_.one_of(codecs)});
    // In a few bytes: a megabyte of zeros that is compressed.
    const std::string value(is_odd() && dice_.one_in(20) ? 1 << 20 : dice_.below(100), '\0');
    const std::string key = "key-" + std::to_string(dice_.below(9));
    for (std::uint64_t left = 1 + dice_.below(3); left > 0; --left)
        batch.add(some_time, as_bytes(key), as_bytes(value));
    Bytes bytes = records::stamp(batch.finish(), Offset(0), no_leader_epoch).flatten();
    if (!is_odd()) return bytes;
    std::vector<std::uint8_t> changed(bytes.begin(), bytes.end());
    switch (dice_.below(5)) {
        case 0: return {};
        case 1: return Bytes();
        case 2: changed.resize(dice_.below(changed.size())); break;
        case 3: changed.insert(changed.end(), bytes.begin(), bytes.end()); break;
        default: changed[dice_.below(changed.size())] ^= 1u << dice_.below(8);
    }
    return Bytes::own(std::move(changed));
}

}  // namespace barnabas::broker
