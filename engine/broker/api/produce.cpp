// Produce: each batch is checked in place and appended as it came, under a new head. A check that
// is too much for a turn is done elsewhere (see checks.h), and the batch appended when it is back.
// The answer waits for the disk; with acks=0 there is none, and an error closes the connection, or
// the producer would never learn of it.

#include <fmt/format.h>

#include <algorithm>

#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/broker/names.h"
#include "engine/records/validate.h"

namespace barnabas::broker::api {
namespace {

using protocol::ErrorCode;
using protocol::ProduceRequest;
using protocol::ProduceResponse;
using ProduceResult = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t acks_all = -1;
// Of the checks of one turn: about a millisecond.
constexpr std::uint64_t turn_effort = 320u << 10;
constexpr std::string_view verification_setting = "transaction.partition.verification.enable";

ErrorCode code_of(records::RefusedAs as) {
    switch (as) {
        case records::RefusedAs::corrupt_message: return ErrorCode::corrupt_message;
        case records::RefusedAs::invalid_record: return ErrorCode::invalid_record;
        case records::RefusedAs::invalid_timestamp: return ErrorCode::invalid_timestamp;
        case records::RefusedAs::message_too_large: return ErrorCode::message_too_large;
        case records::RefusedAs::unsupported_compression_type:
            return ErrorCode::unsupported_compression_type;
    }
    return ErrorCode::unknown_server_error;
}

ErrorCode code_of(log::AppendRefusal refusal) {
    switch (refusal) {
        case log::AppendRefusal::not_open: return ErrorCode::not_leader_or_follower;
        case log::AppendRefusal::no_space: return ErrorCode::kafka_storage_error;
        case log::AppendRefusal::batch_too_large: return ErrorCode::record_list_too_large;
        case log::AppendRefusal::producer_fenced: return ErrorCode::invalid_producer_epoch;
        case log::AppendRefusal::out_of_order_sequence:
            return ErrorCode::out_of_order_sequence_number;
        case log::AppendRefusal::not_transactional: return ErrorCode::invalid_txn_state;
        case log::AppendRefusal::coordinator_fenced:
            return ErrorCode::transaction_coordinator_fenced;
        case log::AppendRefusal::corrupt:
        case log::AppendRefusal::out_of_order_offsets: return ErrorCode::corrupt_message;
    }
    return ErrorCode::unknown_server_error;
}

std::string_view words_for(log::AppendRefusal refusal) {
    switch (refusal) {
        case log::AppendRefusal::not_open: return "the partition's log is not open";
        case log::AppendRefusal::no_space: return "the disk is full";
        case log::AppendRefusal::batch_too_large: return "the batch is larger than segment.bytes";
        case log::AppendRefusal::producer_fenced:
            return "a producer with the same id and a later epoch has written";
        case log::AppendRefusal::out_of_order_sequence:
            return "the sequence does not follow the producer's last one";
        case log::AppendRefusal::not_transactional:
            return "the producer is in a transaction, the batch is not";
        case log::AppendRefusal::coordinator_fenced:
            return "a later coordinator has ended a transaction of this producer";
        case log::AppendRefusal::corrupt: return "the batch is damaged";
        case log::AppendRefusal::out_of_order_offsets:
            return "the batch begins before the log's end";
    }
    return "";
}

void refuse_partition(ProduceResult& result, ErrorCode code, std::string message) {
    result.error_code = code;
    result.base_offset = -1;
    result.error_message = std::move(message);
}

records::Rules rules_for(const Replica& replica, std::int16_t version, WallTime now) {
    const settings::TopicSettings& topic = *replica.settings;
    records::Rules rules;
    rules.produce_version = version;
    rules.batch_bytes_max = topic.message_bytes_max;
    rules.record_bytes_max = topic.record_bytes_max;
    rules.are_keys_required = topic.is_compacted;
    rules.timestamp_type = topic.timestamp_type == settings::TimestampType::create_time
                               ? records::TimestampType::create_time
                               : records::TimestampType::log_append_time;
    rules.timestamp_before_max = topic.timestamp_before_max.count();
    rules.timestamp_after_max = topic.timestamp_after_max.count();
    rules.compression = replica.compression;
    rules.now = now;
    return rules;
}

// Why this replica takes nothing, if so.
ErrorCode standing(const Node& node, const Replica* replica, std::int16_t acks) {
    const ErrorCode trouble = node.standing(replica);
    if (trouble != ErrorCode::none || acks != acks_all) return trouble;
    const bool has_enough = replica->isr_size >= replica->settings->insync_replicas_min;
    return has_enough ? ErrorCode::none : ErrorCode::not_enough_replicas;
}

// A transactional batch belongs to a transaction that the log knows to be open, or that its
// coordinator confirms (KIP-890). There is no coordinator yet: none is confirmed.
ErrorCode verify(const Node& node, const Replica& replica, const records::BatchHeader& header) {
    if (!header.is_transactional() || !node.settings.flag(verification_setting))
        return ErrorCode::none;
    const log::ProducerStates* states = replica.log.producer_states();
    const auto* known = states ? states->find(header.producer_id) : nullptr;
    if (known && header.producer_epoch < known->epoch) return ErrorCode::invalid_producer_epoch;
    const bool is_open =
        states && states->has_open_transaction(header.producer_id, header.producer_epoch);
    return is_open ? ErrorCode::none : ErrorCode::invalid_txn_state;
}

// Keeps the row's answer back until the log holds all below `until`. A retry of a batch that is on
// its way waits for that batch, and so before others.
void wait_until(Offset until, Replica& replica, const ProduceWait& wait) {
    std::size_t at = replica.produce_waits.size();
    while (at > 0 && replica.produce_waits[at - 1].until > until) --at;
    replica.produce_waits.insert(at, wait);
}

void refuse_partition(ProduceResult& result, ErrorCode code) {
    refuse_partition(result, code, std::string(protocol::text_of(code)));
}

// Appends what was checked, or says in `result` why not. Gives the offset behind what was appended,
// or was before.
std::optional<Offset> append(const Node& node, Replica& replica,
                             const records::Validated& prepared, ProduceResult& result,
                             Turn& turn) {
    if (!prepared) {
        refuse_partition(result, code_of(prepared.error().as), prepared.error().message);
        for (const records::RecordError& bad : prepared.error().record_errors) {
            auto& error = result.record_errors.emplace_back();
            error.batch_index = bad.batch_index;
            error.batch_index_error_message = bad.message;
        }
        return std::nullopt;
    }
    const ErrorCode doubt = verify(node, replica, prepared->header);
    if (doubt != ErrorCode::none) {
        refuse_partition(result, doubt);
        return std::nullopt;
    }
    const auto appended = replica.log.append(*prepared, replica.leader_epoch, turn);
    if (!appended) {
        refuse_partition(result, code_of(appended.error()),
                         std::string(words_for(appended.error())));
        return std::nullopt;
    }
    result.base_offset = appended->base.value();
    if (appended->is_duplicate) {
        result.log_append_time_ms = appended->timestamp;
    } else if (prepared->header.timestamp_type() == records::TimestampType::log_append_time) {
        result.log_append_time_ms = prepared->header.max_timestamp;
    }
    return appended->last + 1;
}

// The same, and lets the answer wait for the disk where it must. True when it waits.
bool append_and_wait(const Node& node, Replica& replica, const records::Validated& prepared,
                     const Check& check, ProduceResult& result, Turn& turn) {
    const auto until = append(node, replica, prepared, result, turn);
    if (!until || check.acks == 0) return false;
    if (*until <= replica.log.acknowledged_end()) return false;  // a retry, long stored
    wait_until(*until, replica, {*until, check.row, check.topic, check.partition});
    return true;
}

// True when the answer has to wait: for the disk, or for a check that is done elsewhere.
bool take_batch(Node& node, Replica* replica, Check check, ProduceResult& result,
                records::Effort& effort, Turn& turn) {
    const ErrorCode trouble = standing(node, replica, check.acks);
    if (trouble != ErrorCode::none) {
        refuse_partition(result, trouble);
        return false;
    }
    result.log_start_offset = replica->log.log_start_offset().value();
    if (node.checks.has(replica->slot)) {
        node.checks.add(replica->slot, std::move(check));
        return true;
    }
    const records::Rules rules = rules_for(*replica, check.version, turn.wall);
    const auto validated = records::validate_within(check.records, rules, effort);
    if (validated) return append_and_wait(node, *replica, *validated, check, result, turn);
    node.checks.add(replica->slot, std::move(check));
    node.checks.begin(replica->slot, effect::Load::light, rules, turn);
    return true;
}

void answer_produce(Node& node, ProduceRow& row, Turn& turn) {
    if (row.wants_answer) return node.reply(row.to, std::move(row.response), turn);
    for (const auto& topic : row.response.responses) {
        for (const ProduceResult& result : topic.partition_responses) {
            if (result.error_code == ErrorCode::none) continue;
            return node.connections.hang_up(
                row.to.address,
                fmt::format("a produce with acks=0 to {}-{} failed: {}", topic.name, result.index,
                            protocol::name_of(result.error_code)),
                turn);
        }
    }
    node.connections.answer(row.to.address, {}, turn);
}

// One of the partitions that a request waits for has its result.
void count_down(Node& node, std::map<Address, ProduceRow>::iterator row, Turn& turn) {
    if (--row->second.waits > 0) return;
    answer_produce(node, row->second, turn);
    node.produces.erase(row);
}

ProduceResult& result_of(ProduceRow& row, const Check& check) {
    return row.response.responses[check.topic].partition_responses[check.partition];
}

// Takes the front batch of that log, whose check is over, and appends it if it may still be.
void finish_check(Node& node, Replica& replica, const records::Validated& validated, Turn& turn) {
    const Check check = node.checks.take(replica.slot);
    const auto row = node.produces.find(check.row);
    CHECK(row != node.produces.end());
    ProduceResult& result = result_of(row->second, check);
    const ErrorCode trouble = standing(node, &replica, check.acks);
    if (trouble != ErrorCode::none) {
        refuse_partition(result, trouble);
    } else if (append_and_wait(node, replica, validated, check, result, turn)) {
        return;
    }
    count_down(node, row, turn);
}

// Batch by batch, in the order of the request.
struct ProduceWork {
    using Request = ProduceRequest;

    explicit ProduceWork(const ReturnAddress& from) : to(from) {}

    bool advance(Node& node, Slice& slice, Turn& turn) {
        ProduceRow& row = node.produces[to.address];
        if (!std::exchange(is_begun, true)) {
            row.to = to;
            row.wants_answer = request.acks != 0;
            row.waits = 1;  // until all were taken
            row.response.responses.reserve(request.topic_data.size());
        }
        records::Effort effort(turn_effort);
        const auto begin_topic = [&](const Request::TopicProduceData& topic) {
            auto& results = row.response.responses.emplace_back();
            results.name = topic.name;
            results.topic_id = topic.topic_id;
            results.partition_responses.reserve(topic.partition_data.size());
        };
        if (!visit_some(request.topic_data, &Request::TopicProduceData::partition_data, at, slice,
                        begin_topic, [&](const auto& topic, const auto& data) {
                            if (take(node, topic, data, row, effort, turn)) ++row.waits;
                        }))
            return false;
        count_down(node, node.produces.find(to.address), turn);
        return true;
    }

    void abandon(Node& node, Turn& turn) {
        if (is_begun) count_down(node, node.produces.find(to.address), turn);
    }

    // True when the answer has to wait for it.
    bool take(Node& node, const Request::TopicProduceData& topic,
              const Request::PartitionProduceData& data, ProduceRow& row, records::Effort& effort,
              Turn& turn) {
        ProduceResult& result = row.response.responses.back().partition_responses.emplace_back();
        answer_bytes += sizeof(result);
        result.index = data.index;
        if (request.acks < -1 || request.acks > 1) {
            refuse_partition(result, ErrorCode::invalid_required_acks, "acks must be 0, 1 or -1");
            return false;
        }
        const metadata::Topic* known = node.find_topic(topic.name, topic.topic_id);
        if (!known && !topic.topic_id.is_zero()) {
            refuse_partition(result, ErrorCode::unknown_topic_id, "no topic has this id");
            return false;
        }
        Replica* replica =
            known ? node.replicas.find(known->name, PartitionIndex(data.index)) : nullptr;
        Check check{to.address,   at.topic,       at.partition,
                    request.acks, to.api_version, data.records.bytes()};
        return take_batch(node, replica, std::move(check), result, effort, turn);
    }

    ReturnAddress to;
    Request request;
    Place at;
    bool is_begun = false;
    std::uint64_t answer_bytes = 0;
};

}  // namespace

void produce(Node& node, const Call& call, Turn& turn) {
    begin_work<ProduceWork>(node, call, turn);
}

// The check of a log's front batch is back: it is appended, and the next ones as far as this turn
// may go. A light check that was not enough is begun again as a heavy one.
void on_checked(Node& node, const event::Computed& done, Turn& turn) {
    const std::uint32_t slot = names::slot_of_check(done.job);
    Replica& replica = node.replicas.at(slot);
    const auto rules = [&] {
        return rules_for(replica, node.checks.front(slot).version, turn.wall);
    };
    node.checks.end(slot, turn);
    auto validated = records::read_validation(done.result, node.checks.front(slot).records);
    if (!validated) return node.checks.begin(slot, effect::Load::heavy, rules(), turn);
    finish_check(node, replica, *validated, turn);
    records::Effort effort(turn_effort);
    while (node.checks.has(slot)) {
        validated = records::validate_within(node.checks.front(slot).records, rules(), effort);
        if (!validated) return node.checks.begin(slot, effect::Load::light, rules(), turn);
        finish_check(node, replica, *validated, turn);
    }
}

// Batches of a connection that is gone, of which too many wait.
void forget_checks(Node& node, ConnectionId connection, Turn& turn) {
    for (const Check& check : node.checks.forget(connection)) {
        const auto row = node.produces.find(check.row);
        CHECK(row != node.produces.end());
        refuse_partition(result_of(row->second, check), ErrorCode::network_exception,
                         "its client is gone");
        count_down(node, row, turn);
    }
}

// Answers what the disk has, and what it will never have.
void on_written(Node& node, Replica& replica, Turn& turn) {
    const auto settle = [&](const ProduceWait& wait, ErrorCode code) {
        const auto found = node.produces.find(wait.row);
        CHECK(found != node.produces.end());
        ProduceRow& row = found->second;
        ProduceResult& result =
            row.response.responses[wait.topic].partition_responses[wait.partition];
        if (code != ErrorCode::none)
            refuse_partition(result, code, "the log directory cannot be written");
        count_down(node, found, turn);
    };
    auto& waits = replica.produce_waits;
    for (; !waits.empty() && waits.front().until <= replica.log.acknowledged_end();
         waits.pop_front()) {
        settle(waits.front(), ErrorCode::none);
    }
    const bool has_failed = replica.log.state() == log::PartitionLog::State::failed;
    const std::optional<Offset> cut = replica.log.take_cut();
    while (!waits.empty() && (has_failed || (cut && waits.back().until > *cut))) {
        settle(waits.back(), ErrorCode::kafka_storage_error);
        waits.keep_first(waits.size() - 1);
    }
}

}  // namespace barnabas::broker::api
