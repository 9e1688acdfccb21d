// DeleteRecords: moves a log's start up to an offset, at most the high watermark.

#include <map>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/messages/delete_records.h"

namespace barnabas::broker::api {
namespace {

using protocol::DeleteRecordsRequest;
using protocol::DeleteRecordsResponse;
using protocol::ErrorCode;
using DeletionResult = DeleteRecordsResponse::DeleteRecordsPartitionResult;

constexpr std::int64_t up_to_high_watermark = -1;
constexpr std::int64_t unknown_watermark = -1;

// Each partition once, wherever and however often it is named: what is wanted last counts.
struct DeleteRecordsWork {
    using Request = DeleteRecordsRequest;

    explicit DeleteRecordsWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        if (!visit_some(request.topics, &Request::DeleteRecordsTopic::partitions, at, slice,
                        [&](const auto& topic) { wanted[topic.name]; },
                        [&](const auto& topic, const auto& partition) {
                            wanted[topic.name][partition.partition_index] = partition.offset;
                        }))
            return false;
        for (; !wanted.empty(); slice.take()) {
            if (slice.is_over()) return false;
            answer_next(node, turn);
        }
        node.reply(to, std::move(response), turn);
        return true;
    }

    bool discard(std::size_t elements) {
        return let_go(wanted, elements) && protocol::Discarder::discard(response, elements);
    }

    void answer_next(Node& node, Turn& turn) {
        auto& [topic, offsets] = *wanted.begin();
        if (response.topics.empty() || response.topics.back().name != topic) {
            auto& results = response.topics.emplace_back();
            results.name = topic;
            results.partitions.reserve(offsets.size());
        }
        if (!offsets.empty()) {
            const auto [index, offset] = *offsets.begin();
            DeletionResult& result = response.topics.back().partitions.emplace_back();
            result.partition_index = index;
            result.low_watermark = unknown_watermark;
            replication::DeleteBelow below;
            if (offset != up_to_high_watermark) below.offset = Offset(offset);
            records::Effort none(0);
            const auto answer = node.partitions.ask(asker_of(to.address, {}, 0),
                                                    place_of(node, topic, {}).slot(index), below,
                                                    none, turn);
            const auto& deleted = std::get<replication::Deleted>(*answer);
            result.error_code = deleted.code;
            if (deleted.code == ErrorCode::none) result.low_watermark = deleted.log_start.value();
            answer_bytes += sizeof(result);
            offsets.erase(offsets.begin());
        }
        if (offsets.empty()) wanted.erase(wanted.begin());
    }

    ReturnAddress to;
    Request request;
    Place at;  // in the request
    std::map<std::string, std::map<std::int32_t, std::int64_t>> wanted;
    DeleteRecordsResponse response;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void delete_records(Node& node, const Call& call, Turn& turn) {
    begin_work<DeleteRecordsWork>(node, call, turn);
}

}  // namespace barnabas::broker::api
