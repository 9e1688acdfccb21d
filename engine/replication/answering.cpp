// Partitions: questions and their answers.
#include <algorithm>

#include "engine/replication/partitions.h"

namespace barnabas::replication {
namespace {

using protocol::ErrorCode;

// Of a batch that the log does not take.
ErrorCode code_of(log::AppendRefusal refusal) {
    using log::AppendRefusal;
    switch (refusal) {
        case AppendRefusal::not_open: return ErrorCode::not_leader_or_follower;
        case AppendRefusal::no_space: return ErrorCode::kafka_storage_error;
        case AppendRefusal::batch_too_large: return ErrorCode::record_list_too_large;
        case AppendRefusal::producer_fenced: return ErrorCode::invalid_producer_epoch;
        case AppendRefusal::out_of_order_sequence: return ErrorCode::out_of_order_sequence_number;
        case AppendRefusal::not_transactional: return ErrorCode::invalid_txn_state;
        case AppendRefusal::coordinator_fenced: return ErrorCode::transaction_coordinator_fenced;
        case AppendRefusal::corrupt:
        case AppendRefusal::out_of_order_offsets: return ErrorCode::corrupt_message;
    }
    return ErrorCode::unknown_server_error;
}

std::string_view words_for(log::AppendRefusal refusal) {
    using log::AppendRefusal;
    switch (refusal) {
        case AppendRefusal::not_open: return "the partition's log is not open";
        case AppendRefusal::no_space: return "the disk is full";
        case AppendRefusal::batch_too_large: return "the batch is larger than segment.bytes";
        case AppendRefusal::producer_fenced:
            return "a producer with the same id and a later epoch has written";
        case AppendRefusal::out_of_order_sequence:
            return "the sequence does not follow the producer's last one";
        case AppendRefusal::not_transactional:
            return "the producer is in a transaction, the batch is not";
        case AppendRefusal::coordinator_fenced:
            return "a later coordinator has ended a transaction of this producer";
        case AppendRefusal::corrupt: return "the batch is damaged";
        case AppendRefusal::out_of_order_offsets: return "the batch begins before the log's end";
    }
    return "";
}

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

records::Rules rules_for(const Partition& partition, std::int16_t version, WallTime now) {
    const settings::TopicSettings& topic = *partition.settings;
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
    rules.compression = partition.compression;
    rules.now = now;
    return rules;
}

// A transactional batch belongs to a transaction that the log knows to be open, or that its
// coordinator confirms (KIP-890). There is no coordinator yet: none is confirmed.
ErrorCode verify(const Partition& partition, const records::BatchHeader& header) {
    if (!header.is_transactional()) return ErrorCode::none;
    const log::ProducerStates* states = partition.log.producer_states();
    const auto* known = states ? states->find(header.producer_id) : nullptr;
    if (known && header.producer_epoch < known->epoch) return ErrorCode::invalid_producer_epoch;
    const bool is_open =
        states && states->has_open_transaction(header.producer_id, header.producer_epoch);
    return is_open ? ErrorCode::none : ErrorCode::invalid_txn_state;
}

// Of a lookup that came to nothing.
ErrorCode code_of(const log::Found& found) {
    if (std::holds_alternative<log::OutOfRange>(found.what)) return ErrorCode::offset_out_of_range;
    if (std::holds_alternative<log::Void>(found.what)) return ErrorCode::not_leader_or_follower;
    return ErrorCode::kafka_storage_error;
}

// The epoch that the log begins with. An empty one begins with its leader's.
LeaderEpoch first_epoch(const Partition& partition) {
    const log::PartitionLog& log = partition.log;
    return log.leader_epochs().epoch_of(log.log_start_offset()).value_or(
        partition.leader()->epoch);
}

}  // namespace

std::optional<Answer> Partitions::ask(const Asker& asker, Slot slot, const Question& question,
                                      records::Effort& effort, Turn& turn) {
    Partition* partition = table_.find(slot);
    const auto refuse = [](auto answer) -> std::optional<Answer> {
        answer.code = ErrorCode::unknown_topic_or_partition;
        return answer;
    };
    if (const auto* batch = std::get_if<Append>(&question))
        return partition ? append(asker, slot.number, *batch, effort, turn) : refuse(Appended());
    if (const auto* from = std::get_if<ReadFrom>(&question))
        return partition ? read(asker, slot.number, *from, turn) : refuse(Read());
    if (const auto* what = std::get_if<FindOffset>(&question))
        return partition ? find_offset(asker, slot.number, *what, turn) : refuse(FoundOffset());
    if (const auto* below = std::get_if<DeleteBelow>(&question))
        return partition ? delete_below(*partition, *below, turn) : refuse(Deleted());
    const auto& from = std::get<ListProducers>(question);
    return partition ? list_producers(*partition, from) : refuse(ListedProducers());
}

std::optional<Answer> Partitions::append(const Asker& asker, std::uint32_t slot,
                                         const Append& batch, records::Effort& effort,
                                         Turn& turn) {
    Partition& partition = *table_.at(slot);
    Appended answer;
    answer.code = partition.standing(batch.acks);
    if (answer.code != ErrorCode::none) return answer;
    Check check{asker, batch, partition.log.log_start_offset()};
    if (checks_.has(slot)) {
        checks_.add(slot, std::move(check));
        return std::nullopt;
    }
    const records::Rules rules = rules_for(partition, batch.version, turn.wall);
    if (const auto checked = records::validate_within(batch.records, rules, effort))
        return append_checked(partition, *checked, check, turn);
    checks_.add(slot, std::move(check));
    checks_.begin(slot, effect::Load::light, rules, turn);
    return std::nullopt;
}

// Nothing: the answer waits for the disk.
std::optional<Appended> Partitions::append_checked(Partition& partition,
                                                   const records::Validated& checked,
                                                   const Check& check, Turn& turn) {
    Appended answer;
    answer.log_start = check.log_start;
    if (!checked) {
        answer.code = code_of(checked.error().as);
        answer.message = checked.error().message;
        answer.record_errors = checked.error().record_errors;
        return answer;
    }
    if (are_transactions_verified_) answer.code = verify(partition, checked->header);
    if (answer.code != ErrorCode::none) return answer;
    const auto appended = partition.log.append(*checked, partition.leader()->epoch, turn);
    if (!appended) {
        answer.code = code_of(appended.error());
        answer.message = words_for(appended.error());
        return answer;
    }
    answer.base = appended->base;
    if (appended->is_duplicate)
        answer.append_time = appended->timestamp;
    else if (checked->header.timestamp_type() == records::TimestampType::log_append_time)
        answer.append_time = checked->header.max_timestamp;
    const Offset until = appended->last + 1;
    const bool is_stored = until <= partition.log.acknowledged_end();  // a retry, long stored
    if (check.batch.acks == 0 || is_stored) return answer;
    partition.leader()->wait({until, check.asker, std::move(answer)});
    return std::nullopt;
}

// Takes the front batch of that log, whose check is over, and appends it if it may still be.
void Partitions::finish_check(std::uint32_t slot, const records::Validated& checked, Turn& turn) {
    const Check check = checks_.take(slot);
    Partition& partition = *table_.at(slot);
    Appended refused;
    refused.code = partition.standing(check.batch.acks);
    refused.log_start = check.log_start;
    auto answer = refused.code == ErrorCode::none
                      ? append_checked(partition, checked, check, turn)
                      : std::optional(std::move(refused));
    if (answer) answers_.push_back({check.asker, *std::move(answer)});
}

// The front batch of a log is appended, and the next ones as far as this turn may go. A light check
// that was not enough is begun again as a heavy one.
void Partitions::on_checked(const event::Computed& done, records::Effort effort, Turn& turn) {
    const std::uint32_t slot = Checks::slot_of(done.job);
    const auto rules = [&] {
        return rules_for(*table_.at(slot), checks_.front(slot).batch.version, turn.wall);
    };
    checks_.end(slot, turn);
    auto checked = records::read_validation(done.result, checks_.front(slot).batch.records);
    if (!checked) return checks_.begin(slot, effect::Load::heavy, rules(), turn);
    finish_check(slot, *checked, turn);
    while (checks_.has(slot)) {
        checked = records::validate_within(checks_.front(slot).batch.records, rules(), effort);
        if (!checked) return checks_.begin(slot, effect::Load::light, rules(), turn);
        finish_check(slot, *checked, turn);
    }
}

void Partitions::forget(ConnectionId connection) {
    for (Check& check : checks_.forget(connection)) {
        Appended answer;
        answer.code = ErrorCode::network_exception;
        answer.message = "its client is gone";
        answer.log_start = check.log_start;
        answers_.push_back({check.asker, std::move(answer)});
    }
}

std::optional<Answer> Partitions::read(const Asker& asker, std::uint32_t slot,
                                       const ReadFrom& from, Turn& turn) {
    Partition& partition = *table_.at(slot);
    Read answer;
    answer.bytes_max = from.bytes_max;
    answer.is_first = from.is_first;
    answer.code = partition.standing();
    if (answer.code == ErrorCode::none)
        answer.code = partition.leader()->check_epoch(from.leader_epoch);
    if (answer.code != ErrorCode::none) return answer;
    const log::PartitionLog& log = partition.log;
    answer.log_start = log.log_start_offset();
    // Between the high watermark and the log's end there is nothing to be seen yet.
    if (from.from < log.log_start_offset() || from.from > log.log_end_offset()) {
        answer.code = ErrorCode::offset_out_of_range;
        return answer;
    }
    answer.high_watermark = partition.leader()->high_watermark;
    answer.last_stable = log.last_stable_offset(answer.high_watermark);
    const Offset below = from.is_committed_only ? answer.last_stable : answer.high_watermark;
    answer.has_records = from.from < below;
    const bool is_looked_for = answer.has_records && (from.bytes_max > 0 || from.is_first);
    if (!is_looked_for) return answer;
    const log::LookupId id(++last_lookup_);
    const auto found =
        partition.log.locate(from.from, below, from.bytes_max, id, turn, from.is_committed_only);
    Reading reading{asker, slot, from.is_committed_only, from.from, answer};
    if (std::holds_alternative<log::Pending>(found)) {
        readings_.emplace(id, std::move(reading));
        take_found(partition, turn);
        return std::nullopt;
    }
    const auto* range = std::get_if<log::FileRange>(&found);
    if (range == nullptr) {
        answer.code = ErrorCode::offset_out_of_range;
        return answer;
    }
    if (!add_range(reading, *range, turn)) return std::nullopt;
    return std::get<Read>(std::move(reading.answer));
}

// False when the transactions that were aborted in it are still looked up: a reader of committed
// records leaves those out. A range whose first batch is too large is not given out.
bool Partitions::add_range(Reading& reading, const log::FileRange& range, Turn& turn) {
    Read& answer = std::get<Read>(reading.answer);
    answer.range = range;
    const bool is_given_out =
        range.length > 0 && (answer.is_first || range.first_length <= answer.bytes_max);
    if (!reading.is_committed_only || !is_given_out) return true;
    Partition& partition = *table_.at(reading.slot);
    const log::LookupId id(++last_lookup_);
    auto aborted = partition.log.find_aborted(reading.from, range.below, id, turn);
    if (aborted) {
        answer.aborted = *std::move(aborted);
        return true;
    }
    readings_.emplace(id, std::move(reading));
    take_found(partition, turn);
    return false;
}

std::optional<Answer> Partitions::find_offset(const Asker& asker, std::uint32_t slot,
                                              const FindOffset& what, Turn& turn) {
    Partition& partition = *table_.at(slot);
    FoundOffset answer;
    answer.code = partition.standing();
    if (answer.code == ErrorCode::none)
        answer.code = partition.leader()->check_epoch(what.leader_epoch);
    if (answer.code != ErrorCode::none || what.what == FindOffset::What::nothing) return answer;
    if (what.what == FindOffset::What::latest) {
        answer.offset = partition.visible_end(what.is_committed_only);
        answer.epoch = partition.leader()->epoch;
        return answer;
    }
    if (what.what == FindOffset::What::earliest) {
        answer.offset = partition.log.log_start_offset();
        answer.epoch = first_epoch(partition);
        return answer;
    }
    const log::LookupId id(++last_lookup_);
    readings_.emplace(id, Reading{asker, slot, what.is_committed_only, {}, answer});
    if (what.what == FindOffset::What::largest_timestamp)
        partition.log.find_largest_timestamp(id, turn);
    else
        partition.log.find_timestamp(what.timestamp, id, turn);
    take_found(partition, turn);
    return std::nullopt;
}

Deleted Partitions::delete_below(Partition& partition, const DeleteBelow& what, Turn& turn) {
    Deleted answer;
    answer.code = partition.standing();
    if (answer.code != ErrorCode::none) return answer;
    // Of a log that is only compacted each key keeps its last record.
    const settings::TopicSettings& topic = *partition.settings;
    const Offset high_watermark = partition.leader()->high_watermark;
    const Offset start = what.offset.value_or(high_watermark);
    if (topic.is_compacted && !topic.is_deleted) {
        answer.code = ErrorCode::policy_violation;
    } else if (start < Offset(0) || start > high_watermark) {
        answer.code = ErrorCode::offset_out_of_range;
    } else {
        have_starts_moved_ |= start > partition.log.log_start_offset();
        partition.log.raise_log_start(start, turn);
        answer.log_start = partition.log.log_start_offset();
    }
    return answer;
}

ListedProducers Partitions::list_producers(const Partition& partition,
                                           const ListProducers& what) {
    ListedProducers answer;
    answer.code = partition.standing();
    const log::ProducerStates* states = partition.log.producer_states();
    if (answer.code != ErrorCode::none || states == nullptr) return answer;
    answer.count = states->producers().size();
    auto at = states->producers().lower_bound(what.from);
    for (; at != states->producers().end() && answer.producers.size() < what.count_max; ++at)
        answer.producers.push_back(*at);
    if (at != states->producers().end()) answer.next = at->first;
    return answer;
}

// Lookups that needed no look into a file have their answers at once.
void Partitions::take_found(Partition& partition, Turn& turn) {
    for (const log::Found& found : partition.log.take_found()) on_found(found, turn);
}

void Partitions::on_found(const log::Found& found, Turn& turn) {
    auto node = readings_.extract(found.id);
    CHECK(!node.empty());
    Reading& reading = node.mapped();
    const Partition& partition = *table_.at(reading.slot);
    if (auto* read = std::get_if<Read>(&reading.answer)) {
        if (const auto* range = std::get_if<log::FileRange>(&found.what)) {
            if (!add_range(reading, *range, turn)) return;
        } else if (const auto* aborted =
                       std::get_if<std::vector<log::AbortedTransaction>>(&found.what)) {
            read->aborted = *aborted;
        } else {
            // Records without the list of those to leave out would be taken for committed ones.
            read->range = {};
            read->code = code_of(found);
        }
        answers_.push_back({reading.asker, std::get<Read>(std::move(reading.answer))});
        return;
    }
    FoundOffset& answer = std::get<FoundOffset>(reading.answer);
    if (const auto* at = std::get_if<log::TimestampOffset>(&found.what)) {
        // A record behind what the client sees: for the client no record is that late.
        if (!partition.leader()) {
            answer.code = ErrorCode::not_leader_or_follower;
        } else if (at->offset < partition.visible_end(reading.is_committed_only)) {
            answer.offset = at->offset;
            answer.timestamp = at->timestamp;
            answer.epoch = at->epoch;
        }
    } else {
        const auto* why = std::get_if<log::Unreadable>(&found.what);
        answer.code =
            why && why->is_record_too_large ? ErrorCode::invalid_record : code_of(found);
    }
    answers_.push_back({reading.asker, std::move(answer)});
}

// Answers what the disk has, and what it will never have.
void Partitions::acknowledge(Partition& partition) {
    Leader* leader = partition.leader();
    const std::optional<Offset> cut = partition.log.take_cut();
    if (leader == nullptr) return;
    Queue<Leader::Unacknowledged>& waiting = leader->unacknowledged;
    const Offset stored = partition.log.acknowledged_end();
    for (; !waiting.empty() && waiting.front().until <= stored; waiting.pop_front())
        answers_.push_back({waiting.front().asker, std::move(waiting.front().answer)});
    const bool has_failed = partition.log.state() == log::LogState::failed;
    while (!waiting.empty() && (has_failed || (cut && waiting.back().until > *cut))) {
        Leader::Unacknowledged lost = waiting.back();
        lost.answer.code = ErrorCode::kafka_storage_error;
        lost.answer.message = "the log directory cannot be written";
        answers_.push_back({lost.asker, std::move(lost.answer)});
        waiting.keep_first(waiting.size() - 1);
    }
}

void Partitions::on_log(std::uint32_t slot, Turn& turn) {
    Partition& partition = *table_.at(slot);
    acknowledge(partition);
    const bool has_failed = partition.log.state() == log::LogState::failed;
    const auto is_stable = partition.leader() ? partition.move_high_watermark() : std::nullopt;
    take_found(partition, turn);
    // Nobody waits for a log that has failed.
    if (partition.leader() && (has_failed || is_stable))
        tell_watchers(*partition.leader(), has_failed || *is_stable);
}

}  // namespace barnabas::replication
