// What the answers of the disk mean to the requests that wait for them: those of the logs, and of
// the metadata log.

#include <algorithm>

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
    // No fetch waits for a log that has failed.
    if (replica.log.state() == log::PartitionLog::State::failed)
        return wake_fetches(node, replica, true, turn);
    if (replica.high_watermark() == replica.told_high_watermark) return;
    replica.told_high_watermark = replica.high_watermark();
    replica.log.settle_transactions(replica.high_watermark());
    const Offset stable = replica.log.last_stable_offset(replica.high_watermark());
    const bool is_more_stable = std::exchange(replica.told_last_stable, stable) != stable;
    wake_fetches(node, replica, is_more_stable, turn);
}

void on_topics_settled(Node& node, Turn& turn) {
    for (TopicsRow& row : std::exchange(node.waits_for_topics, {})) {
        if (!node.settle(row.topics)) {
            node.waits_for_topics.push_back(std::move(row));
        } else if (const auto* request = std::get_if<protocol::MetadataRequest>(&row.then)) {
            answer_metadata(node, row.to, *request, turn);
        } else {
            node.reply(row.to, std::get<protocol::CreateTopicsResponse>(row.then), turn);
        }
    }
}

void answer_committed(Node& node, Turn& turn) {
    while (!node.waits_for_commit.empty() &&
           node.waits_for_commit.front().end <= node.quorum.high_watermark()) {
        node.reply(node.waits_for_commit.front().to, node.waits_for_commit.front().response, turn);
        node.waits_for_commit.pop_front();
    }
}

void on_metadata_lost(Node& node, Offset from, Turn& turn) {
    node.restore_controller();
    for (TopicsRow& row : node.waits_for_topics) {
        auto* response = std::get_if<protocol::CreateTopicsResponse>(&row.then);
        if (response && row.end > from) refuse_decided(response->topics);
    }
    on_producer_ids_lost(node, turn);
    on_topics_settled(node, turn);
    std::deque<CommitRow>& rows = node.waits_for_commit;
    const auto first = std::ranges::find_if(rows, [&](auto& row) { return row.end > from; });
    for (auto row = first; row != rows.end(); ++row) {
        refuse_decided(row->response.responses);
        node.reply(row->to, row->response, turn);
    }
    rows.erase(first, rows.end());
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
