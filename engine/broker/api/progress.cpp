// What the answers of the disk mean to the requests that wait for them.

#include "engine/broker/api/routes.h"

namespace barnabas::broker::api {

void answer_lookups(Node& node, Replica& replica, Turn& turn) {
    for (const log::Found& found : replica.log.take_found()) {
        const auto row = node.lookups.find(found.id);
        if (row == node.lookups.end()) continue;
        const LookupRow place = row->second;
        node.lookups.erase(row);
        if (node.fetches.contains(place.row)) {
            on_fetch_found(node, replica, place, found, turn);
        } else {
            on_offset_found(node, replica, place, found, turn);
        }
    }
}

void on_log_progress(Node& node, Replica& replica, Turn& turn) {
    on_written(node, replica, turn);
    answer_lookups(node, replica, turn);
    if (replica.high_watermark() == replica.told_high_watermark) return;
    replica.told_high_watermark = replica.high_watermark();
    replica.log.settle_transactions(replica.high_watermark());
    const Offset stable = replica.log.last_stable_offset(replica.high_watermark());
    const bool is_more_stable = std::exchange(replica.told_last_stable, stable) != stable;
    wake_fetches(node, replica, is_more_stable, turn);
}

void forget(Node& node, ConnectionId connection) {
    forget_fetches(node, connection);
    const auto first = node.offsets.lower_bound({connection, 0});
    const auto last = node.offsets.upper_bound({connection, UINT64_MAX});
    node.offsets.erase(first, last);
    std::erase_if(node.waits_for_producer_ids, [connection](const ReturnAddress& to) {
        return to.address.connection == connection;
    });
    std::erase_if(node.waits_for_topics, [connection](const TopicsRow& row) {
        return row.to.address.connection == connection;
    });
}

}  // namespace barnabas::broker::api
