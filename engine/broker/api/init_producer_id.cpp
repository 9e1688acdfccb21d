// InitProducerId: a producer id of its own for each idempotent producer. The node gets them from
// the controller in blocks, as ids must be unique in the cluster, and gives them out one by one; a
// node that restarts begins with a new block.

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/controller_messages.h"
#include "engine/protocol/messages/init_producer_id.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

void refuse_id(Node& node, const ReturnAddress& to, ErrorCode code, Turn& turn) {
    InitProducerIdResponse response;
    response.error_code = code;
    response.producer_epoch = records::no_producer_epoch.value();
    node.reply(to, std::move(response), turn);
}

void give(Node& node, const ReturnAddress& to, Turn& turn) {
    InitProducerIdResponse response;
    response.producer_id = node.producer_ids.next.value();
    node.producer_ids.next = ProducerId(node.producer_ids.next.value() + 1);
    node.reply(to, std::move(response), turn);
}

void ask_for_block(Node& node) {
    if (std::exchange(node.producer_ids.is_asked, true)) return;
    protocol::AllocateProducerIdsRequest request;
    request.broker_id = node.id.value();
    request.broker_epoch = node.broker_epoch.value();
    node.controller.ask(Own::producer_ids, Principal(), {std::move(request)});
}

void answer_init_producer_id(Node& node, const ReturnAddress& to, InitProducerIdRequest& request,
                             Turn& turn) {
    const bool has_id = request.producer_id != no_producer.value();
    const bool has_epoch = request.producer_epoch != records::no_producer_epoch.value();
    if (has_id != has_epoch) return refuse_id(node, to, ErrorCode::invalid_request, turn);
    if (request.transactional_id) {
        // Kafka's words for this are those of a coordinator that is elsewhere, and clients would
        // look for it for ever: there is none yet. This one they give up on, and say so.
        const bool is_empty = request.transactional_id->empty();
        const ErrorCode code =
            is_empty ? ErrorCode::invalid_request : ErrorCode::unsupported_version;
        return refuse_id(node, to, code, turn);
    }
    if (node.producer_ids.next < node.producer_ids.end) return give(node, to, turn);
    node.waits_for_producer_ids.push_back(to);
    ask_for_block(node);
}

}  // namespace

void init_producer_id(Node& node, const Call& call, Turn& turn) {
    begin_work<AtOnce<InitProducerIdRequest, &answer_init_producer_id>>(node, call, turn);
}

// Without a block those who wait are told to try again.
void on_producer_ids(Node& node, const protocol::AllocateProducerIdsResponse& block, Turn& turn) {
    ProducerIds& ids = node.producer_ids;
    ids.is_asked = false;
    auto& waits = node.waits_for_producer_ids;
    if (block.error_code != ErrorCode::none) {
        for (const ReturnAddress& to : std::exchange(waits, {}))
            refuse_id(node, to, ErrorCode::coordinator_load_in_progress, turn);
        return;
    }
    ids.next = ProducerId(block.producer_id_start);
    ids.end = ProducerId(block.producer_id_start + block.producer_id_len);
    std::size_t given = 0;
    for (; given < waits.size() && ids.next < ids.end; ++given) give(node, waits[given], turn);
    waits.erase(waits.begin(), waits.begin() + static_cast<std::ptrdiff_t>(given));
    if (!waits.empty()) ask_for_block(node);
}

}  // namespace barnabas::broker::api
