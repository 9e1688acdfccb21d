// The other end for tests of clients: one broker that keeps its logs in memory, answers a frame
// with a frame, and does wrong what a test tells it to.
#pragma once

#include <map>
#include <vector>

#include "engine/base/big_endian.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/produce.h"
#include "engine/protocol/types.h"
#include "tests/support/stage.h"

namespace barnabas::support {

class FakeBroker {
  public:
    struct Log {
        Offset start{0};
        Offset end{0};
        std::vector<Bytes> batches;
    };

    // The response's frame without its length; nothing for what is not answered. A fetch that finds
    // nothing is held: then is_held is set, and it may be given again later.
    std::optional<Bytes> answer(const Bytes& frame, bool may_hold) {
        is_held = false;
        std::size_t at = 0;
        const auto header = protocol::decode_header(frame, at);
        if (!header) return std::nullopt;
        const Bytes body = frame.from(at);
        asked.push_back(header->api_key);
        versions.push_back(header->api_version);
        switch (header->api_key) {
            case protocol::ApiKey::api_versions: return on_api_versions(*header);
            case protocol::ApiKey::metadata:
                return reply(*header, on_metadata(parse<protocol::MetadataRequest>(*header, body)));
            case protocol::ApiKey::produce: return on_produce(*header, body);
            case protocol::ApiKey::fetch: return on_fetch(*header, body, may_hold);
            case protocol::ApiKey::list_offsets:
                return reply(*header, on_list(parse<protocol::ListOffsetsRequest>(*header, body)));
            default: return std::nullopt;
        }
    }

    Log& log(const std::string& topic, std::int32_t partition) {
        return logs[{topic, PartitionIndex(partition)}];
    }

    Endpoint at{"10.0.0.1", 9092};
    std::int32_t node = 1;
    std::int32_t partitions = 1;
    protocol::VersionRange api_versions_known{0, 4};
    std::map<TopicPartition, Log> logs;
    std::vector<protocol::ErrorCode> produce_errors;  // for the next tries, in order
    std::vector<protocol::ErrorCode> fetch_errors;
    std::vector<protocol::ErrorCode> metadata_errors;
    std::uint32_t swallow_produce_replies = 0;  // appended, but nobody hears of it
    std::vector<protocol::ApiKey> asked;
    std::vector<std::int16_t> versions;
    bool is_held = false;

  private:
    using ErrorCode = protocol::ErrorCode;

    static Uuid id_of(const std::string& topic) {
        Uuid id;
        for (std::size_t i = 0; i < topic.size() && i < 16; ++i) {
            id.bytes[i] = static_cast<std::uint8_t>(topic[i]);
        }
        return id;
    }
    std::string name_of(const std::string& name, const Uuid& id) const {
        if (!name.empty()) return name;
        for (const auto& [partition, log] : logs)
            if (id_of(partition.topic) == id) return partition.topic;
        return {};
    }
    static ErrorCode take(std::vector<ErrorCode>& errors) {
        if (errors.empty()) return ErrorCode::none;
        const ErrorCode first = errors.front();
        errors.erase(errors.begin());
        return first;
    }
    template <class Request>
    static Request parse(const protocol::RequestHeader& header, const Bytes& body) {
        return protocol::decode<Request>(body, header.api_version).value();
    }
    template <class Response>
    static Bytes reply(const protocol::RequestHeader& header, const Response& response) {
        return protocol::frame_response(header.correlation_id, header.api_version, response)
            .value()
            .chain()
            .value()
            .flatten()
            .from(4);
    }

    std::optional<Bytes> on_api_versions(const protocol::RequestHeader& header) {
        protocol::ApiVersionsResponse response;
        response.api_keys = {{0, 3, 13, {}}, {1, 4, 17, {}}, {2, 1, 10, {}}, {3, 0, 13, {}}};
        response.api_keys.push_back({18, api_versions_known.oldest, api_versions_known.latest, {}});
        if (api_versions_known.contains(header.api_version)) return reply(header, response);
        response.error_code = ErrorCode::unsupported_version;
        protocol::RequestHeader oldest = header;
        oldest.api_version = 0;
        return reply(oldest, response);
    }

    protocol::MetadataResponse on_metadata(const protocol::MetadataRequest& request) {
        protocol::MetadataResponse response;
        response.brokers.push_back({node, at.host, at.port, std::nullopt, {}});
        for (const auto& wanted : *request.topics) {
            protocol::MetadataResponse::MetadataResponseTopic topic;
            topic.name = wanted.name;
            topic.error_code = take(metadata_errors);
            topic.topic_id = id_of(*wanted.name);
            for (std::int32_t i = 0; topic.error_code == ErrorCode::none && i < partitions; ++i) {
                log(*wanted.name, i);
                topic.partitions.push_back({ErrorCode::none, i, node, 0, {node}, {node}, {}, {}});
            }
            response.topics.push_back(std::move(topic));
        }
        return response;
    }

    std::optional<Bytes> on_produce(const protocol::RequestHeader& header, const Bytes& body) {
        const auto request = parse<protocol::ProduceRequest>(header, body);
        protocol::ProduceResponse response;
        for (const auto& asked_topic : request.topic_data) {
            const std::string name = name_of(asked_topic.name, asked_topic.topic_id);
            auto& topic = response.responses.emplace_back();
            topic.name = asked_topic.name;
            topic.topic_id = asked_topic.topic_id;
            for (const auto& data : asked_topic.partition_data) {
                auto& result = topic.partition_responses.emplace_back();
                result.index = data.index;
                result.error_code = take(produce_errors);
                if (result.error_code != ErrorCode::none) continue;
                Log& log = this->log(name, data.index);
                result.base_offset = log.end.value();
                append(log, data.records.bytes());
            }
        }
        if (request.acks == 0) return std::nullopt;
        if (swallow_produce_replies > 0) return --swallow_produce_replies, std::nullopt;
        return reply(header, response);
    }

    // Of the fields of a batch's head only these two matter here.
    static constexpr std::size_t last_offset_delta_at = 23;
    static std::int32_t last_offset_delta(const Bytes& batch) {
        return load_big<std::int32_t>(batch.data() + last_offset_delta_at);
    }
    static void append(Log& log, const Bytes& batch) {
        std::vector<std::uint8_t> stored(batch.begin(), batch.end());
        store_big<std::int64_t>(stored.data(), log.end.value());
        log.end = log.end + last_offset_delta(batch) + 1;
        log.batches.push_back(Bytes::own(std::move(stored)));
    }

    std::optional<Bytes> on_fetch(const protocol::RequestHeader& header, const Bytes& body,
                                  bool may_hold) {
        const auto request = parse<protocol::FetchRequest>(header, body);
        protocol::FetchResponse response;
        bool has_something = false;
        for (const auto& asked_topic : request.topics) {
            const std::string name = name_of(asked_topic.topic, asked_topic.topic_id);
            auto& topic = response.responses.emplace_back();
            topic.topic = asked_topic.topic;
            topic.topic_id = asked_topic.topic_id;
            for (const auto& wanted : asked_topic.partitions) {
                const Log& log = this->log(name, wanted.partition);
                auto& data = topic.partitions.emplace_back();
                data.partition_index = wanted.partition;
                data.high_watermark = log.end.value();
                data.error_code = take(fetch_errors);
                if (Offset(wanted.fetch_offset) > log.end ||
                    Offset(wanted.fetch_offset) < log.start) {
                    data.error_code = ErrorCode::offset_out_of_range;
                }
                has_something = has_something || data.error_code != ErrorCode::none;
                if (data.error_code != ErrorCode::none) continue;
                data.records = read(log, Offset(wanted.fetch_offset));
                has_something = has_something || data.records.size() > 0;
            }
        }
        is_held = may_hold && !has_something;
        return is_held ? std::nullopt : std::optional(reply(header, response));
    }

    static Chain read(const Log& log, Offset from) {
        Chain run;
        for (const Bytes& batch : log.batches) {
            const Offset base(load_big<std::int64_t>(batch.data()));
            if (base + last_offset_delta(batch) >= from) run.push(batch);
        }
        return run;
    }

    protocol::ListOffsetsResponse on_list(const protocol::ListOffsetsRequest& request) {
        protocol::ListOffsetsResponse response;
        for (const auto& asked_topic : request.topics) {
            auto& topic = response.topics.emplace_back();
            topic.name = asked_topic.name;
            for (const auto& wanted : asked_topic.partitions) {
                const Log& log = this->log(asked_topic.name, wanted.partition_index);
                auto& told = topic.partitions.emplace_back();
                told.partition_index = wanted.partition_index;
                told.offset = wanted.timestamp == -1 ? log.end.value() : log.start.value();
            }
        }
        return response;
    }
};

// A staged client and its broker, talking.
template <class Machine>
class Talk {
  public:
    Talk(Stage<Machine>& stage, FakeBroker& broker) : stage_(stage), broker_(broker) {}

    // Until nothing more is to be said at this instant.
    void settle() {
        while (!stage_.dials.empty() || !stage_.sent.empty()) {
            if (!stage_.dials.empty()) {
                stage_.accept();
                continue;
            }
            const auto sent = stage_.sent.front();
            stage_.sent.pop_front();
            give(sent.connection, sent.frame, stage_.now + hold_most);
        }
    }
    // Over time, in steps of a millisecond.
    void pass(Duration time) {
        const Instant end = stage_.now + time;
        settle();
        while (stage_.now < end) {
            stage_.pass(std::min<Duration>(1ms, end - stage_.now));
            for (const Held& held : std::exchange(held_, {})) {
                give(held.connection, held.frame, held.until);
            }
            settle();
        }
    }

  private:
    static constexpr Duration hold_most = 500ms;
    struct Held {
        ConnectionId connection;
        Bytes frame;
        Instant until;
    };

    void give(ConnectionId connection, const Bytes& frame, Instant until) {
        if (auto answer = broker_.answer(frame, stage_.now < until)) {
            stage_.tell(event::Received{connection, std::move(*answer)});
        } else if (broker_.is_held) {
            held_.push_back({connection, frame, until});
        }
    }

    Stage<Machine>& stage_;
    FakeBroker& broker_;
    std::vector<Held> held_;
};

}  // namespace barnabas::support
