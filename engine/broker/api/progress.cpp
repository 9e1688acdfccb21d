// What the answers of the disk mean to the requests that wait for them: those of the logs, and of
// the metadata log.

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"

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

// The first of many are answered at once, the others in turns of their own.
void on_topics_settled(Node& node, Turn& turn) {
    constexpr int answered_at_once = 4;
    auto& rows = node.waits_for_topics;
    const auto first = std::stable_partition(
        rows.begin(), rows.end(),
        [&](TopicsRow& row) { return row.is_asked || !node.settle(row.topics); });
    std::vector<TopicsRow> settled(std::make_move_iterator(first),
                                  std::make_move_iterator(rows.end()));
    rows.erase(first, rows.end());
    int answered = 0;
    for (TopicsRow& row : settled) {
        const bool is_at_once = answered++ < answered_at_once;
        if (auto* wanted = std::get_if<TopicsWanted>(&row.then)) {
            answer_metadata(node, row.to, std::move(*wanted), is_at_once, turn);
            continue;
        }
        ReplyJob<protocol::CreateTopicsResponse> reply(
            row.to, std::move(std::get<protocol::CreateTopicsResponse>(row.then)), {});
        if (!is_at_once || reply.advance(node, turn)) node.jobs.add(std::move(reply), turn);
    }
}

void forget(Node& node, ConnectionId connection, Turn& turn) {
    node.jobs.forget(connection);
    forget_fetches(node, connection, turn);
    const auto first = node.offsets.lower_bound({connection, 0});
    const auto last = node.offsets.upper_bound({connection, UINT64_MAX});
    for (auto row = first; row != last; ++row) let_go(node, std::move(row->second.response), turn);
    node.offsets.erase(first, last);
    std::erase_if(node.waits_for_producer_ids, [connection](const ReturnAddress& to) {
        return to.address.connection == connection;
    });
    const auto left = std::stable_partition(
        node.waits_for_topics.begin(), node.waits_for_topics.end(),
        [connection](const TopicsRow& row) { return row.to.address.connection != connection; });
    for (auto row = left; row != node.waits_for_topics.end(); ++row) {
        if (auto* wanted = std::get_if<TopicsWanted>(&row->then))
            answer_metadata(node, row->to, std::move(*wanted), false, turn);  // frees it in turns
        else
            let_go(node, std::get<protocol::CreateTopicsResponse>(std::move(row->then)), turn);
    }
    node.waits_for_topics.erase(left, node.waits_for_topics.end());
}

}  // namespace barnabas::broker::api
