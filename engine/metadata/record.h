// Every record of the metadata log, as one value. Stored as Kafka stores it: the value of a record
// in `__cluster_metadata-0` is a frame version, the record's key, its version and its body.
//
// The finalized metadata.version says in which version each record is written, so that every Kafka
// that may read the log at that level can: what the level has no field for is left out, and a
// record that it does not have is not written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/protocol/codec_error.h"
#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/security_records.h"
#include "engine/protocol/types.h"

namespace barnabas::metadata {

using Record = std::variant<
    protocol::RegisterBrokerRecord, protocol::UnregisterBrokerRecord, protocol::TopicRecord,
    protocol::PartitionRecord, protocol::ConfigRecord, protocol::PartitionChangeRecord,
    protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord, protocol::RemoveTopicRecord,
    protocol::DelegationTokenRecord, protocol::UserScramCredentialRecord,
    protocol::FeatureLevelRecord, protocol::ClientQuotaRecord, protocol::ProducerIdsRecord,
    protocol::BrokerRegistrationChangeRecord, protocol::AccessControlEntryRecord,
    protocol::RemoveAccessControlEntryRecord, protocol::NoOpRecord,
    protocol::ZkMigrationStateRecord, protocol::RemoveUserScramCredentialRecord,
    protocol::BeginTransactionRecord, protocol::EndTransactionRecord,
    protocol::AbortTransactionRecord, protocol::RemoveDelegationTokenRecord,
    protocol::RegisterControllerRecord, protocol::ClearElrRecord>;

constexpr std::string_view metadata_version = "metadata.version";
constexpr std::int16_t metadata_version_level = 30;       // 4.3-IV0, which a new log begins with
constexpr std::int16_t metadata_version_oldest = 7;       // 3.3-IV3
constexpr std::int16_t metadata_transactions_since = 13;  // 3.6-IV1
constexpr std::int16_t log_directories_since = 17;        // 3.7-IV2

// What a log of that level says of it: without the fields that its version there lacks. Nothing
// when the level has no such record.
std::optional<Record> as_of(Record record, std::int16_t level);
// The same of each; those that the level does not have are gone.
std::vector<Record> as_of(std::vector<Record> records, std::int16_t level);

// The value bytes in the version of that level. An error when a text of the record is longer than a
// string may be. Needs: it is as as_of() gives it.
Result<Bytes, protocol::CodecError> try_encode(const Record& record,
                                               std::int16_t level = metadata_version_level);
// The same of a record whose texts were read from records, or are our own.
Bytes encode(const Record& record, std::int16_t level = metadata_version_level);

// An error names the record's key and version where they could be read.
Result<Record, std::string> decode(const Bytes& value);

// Nodes as records name them.
std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes);

// "TopicRecord"
std::string_view name_of(const Record& record);

}  // namespace barnabas::metadata
