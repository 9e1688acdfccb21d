// IncrementalAlterConfigs: the controller decides, the records are committed and in force; then the
// answer.

#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {
namespace {

void refuse_all(protocol::IncrementalAlterConfigsResponse& response) {
    for (auto& one : response.responses) {
        if (one.error_code != protocol::ErrorCode::none) continue;
        one.error_code = protocol::ErrorCode::kafka_storage_error;
        one.error_message = "the metadata log cannot be written";
    }
}

}  // namespace

void incremental_alter_configs(Node& node, const Call& call,
                               const protocol::IncrementalAlterConfigsRequest& request,
                               Turn& turn) {
    auto decision = node.controller.decide_alter_configs(request);
    if (decision.records.empty()) return node.reply(call.to, decision.response, turn);
    if (!node.commit(decision.records, turn)) {
        refuse_all(decision.response);
        return node.reply(call.to, decision.response, turn);
    }
    node.waits_for_commit.push_back(
        {call.to, node.quorum.end_offset(), std::move(decision.response)});
}

void answer_committed(Node& node, Turn& turn) {
    while (!node.waits_for_commit.empty() &&
           node.waits_for_commit.front().end <= node.quorum.high_watermark()) {
        node.reply(node.waits_for_commit.front().to, node.waits_for_commit.front().response, turn);
        node.waits_for_commit.pop_front();
    }
}

void refuse_uncommitted(Node& node, Turn& turn) {
    for (CommitRow& row : std::exchange(node.waits_for_commit, {})) {
        refuse_all(row.response);
        node.reply(row.to, row.response, turn);
    }
}

}  // namespace barnabas::broker::api
