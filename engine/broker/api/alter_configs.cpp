// IncrementalAlterConfigs: the controller decides, the records are committed and in force; then the
// answer.

#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {

void incremental_alter_configs(Node& node, const Call& call,
                               const protocol::IncrementalAlterConfigsRequest& request,
                               Turn& turn) {
    auto decision = node.controller.decide_alter_configs(request);
    if (decision.records.empty()) return node.reply(call.to, decision.response, turn);
    if (!node.commit(decision, turn)) {
        refuse_decided(decision.response.responses);
        return node.reply(call.to, decision.response, turn);
    }
    node.waits_for_commit.push_back(
        {call.to, node.quorum.end_offset(), std::move(decision.response)});
}

}  // namespace barnabas::broker::api
