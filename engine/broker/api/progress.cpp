// What the answers of the disk mean to the requests that wait for them: those of the logs, and of
// the metadata log.

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"

namespace barnabas::broker::api {

// An answer may be what another question was waiting for: until there is none.
void deliver(Node& node, Turn& turn) {
    for (;;) {
        auto answers = node.partitions.take_answers();
        const auto news = node.partitions.take_news();
        if (answers.empty() && news.empty()) return;
        for (auto& [asker, answer] : answers) {
            if (auto* appended = std::get_if<replication::Appended>(&answer))
                on_appended(node, asker, std::move(*appended), turn);
            else if (const auto* read = std::get_if<replication::Read>(&answer))
                on_read(node, asker, *read, turn);
            else
                on_offset_found(node, asker, std::get<replication::FoundOffset>(answer), turn);
        }
        Slice slice;
        for (const replication::News& one : news) on_news(node, one, slice, turn);
    }
}

// The first of many are answered at once, the others in turns of their own.
void on_topics_settled(Node& node, Turn& turn) {
    constexpr int answered_at_once = 4;
    auto& rows = node.waits_for_topics;
    const auto first =
        std::stable_partition(rows.begin(), rows.end(), [&](TopicsRow& row) {
            return row.is_asked || !node.settle(row.topics);
        });
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
    forget_offsets(node, connection, turn);
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
