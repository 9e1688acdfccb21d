#include "engine/client/verdict.h"

#include "engine/base/check.h"

namespace barnabas::client {
namespace {

using protocol::ErrorCode;

struct Row {
    ErrorCode error;
    Verdict verdict;
};

// Errors that are about where a partition is led, and those after which records may stand in the
// log. All others are what Kafka's table of errors says: retriable or final, and surely not done.
constexpr Row rows[] = {
    {ErrorCode::unknown_server_error, {.retry = false, .refresh = false, .unsure = true}},
    {ErrorCode::unknown_topic_or_partition, {.retry = true, .refresh = true, .unsure = false}},
    {ErrorCode::leader_not_available, {.retry = true, .refresh = true, .unsure = false}},
    // The leader may have appended before it lost its leadership (KAFKA-13574).
    {ErrorCode::not_leader_or_follower, {.retry = true, .refresh = true, .unsure = true}},
    {ErrorCode::request_timed_out, {.retry = true, .refresh = false, .unsure = true}},
    {ErrorCode::network_exception, {.retry = true, .refresh = true, .unsure = true}},
    {ErrorCode::not_enough_replicas_after_append,
     {.retry = true, .refresh = false, .unsure = true}},
    // A write that failed may have left its first bytes, or all of them.
    {ErrorCode::kafka_storage_error, {.retry = true, .refresh = true, .unsure = true}},
    {ErrorCode::fenced_leader_epoch, {.retry = true, .refresh = true, .unsure = false}},
    {ErrorCode::unknown_leader_epoch, {.retry = true, .refresh = true, .unsure = false}},
    {ErrorCode::unknown_topic_id, {.retry = true, .refresh = true, .unsure = false}},
    {ErrorCode::inconsistent_topic_id, {.retry = true, .refresh = true, .unsure = false}},
};

}  // namespace

Verdict verdict_of(ErrorCode error) {
    CHECK(error != ErrorCode::none);
    for (const Row& row : rows)
        if (row.error == error) return row.verdict;
    return {.retry = protocol::is_retriable(error), .refresh = false, .unsure = false};
}

}  // namespace barnabas::client
