#include "engine/controller/producer_ids.h"

namespace barnabas::controller {

using protocol::ErrorCode;

Decision<protocol::AllocateProducerIdsResponse> decide_producer_ids(const metadata::Image& latest,
                                                                    NodeId broker,
                                                                    BrokerEpoch epoch) {
    Decision<protocol::AllocateProducerIdsResponse> decision;
    const auto refuse = [&](ErrorCode code) {
        decision.response.error_code = code;
        return decision;
    };
    const auto found = latest.brokers().find(broker);
    if (found == latest.brokers().end()) return refuse(ErrorCode::broker_id_not_registered);
    if (found->second.epoch != epoch) return refuse(ErrorCode::stale_broker_epoch);
    const std::int64_t start = latest.next_producer_id().value_or(ProducerId(0)).value();
    if (start > INT64_MAX - producer_id_block) return refuse(ErrorCode::unknown_server_error);
    protocol::ProducerIdsRecord record;
    record.broker_id = broker.value();
    record.broker_epoch = epoch.value();
    record.next_producer_id = start + producer_id_block;
    decision.records.emplace_back(std::move(record));
    decision.values.push_back(metadata::encode(decision.records.front(), latest.record_level()));
    decision.response.producer_id_start = start;
    decision.response.producer_id_len = producer_id_block;
    return decision;
}

}  // namespace barnabas::controller
