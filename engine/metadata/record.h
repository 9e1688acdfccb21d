// Every record of the metadata log, as one value. Stored as Kafka stores it: the value of a record
// in
// `__cluster_metadata-0` is a frame version, the record's key, its version and its body.
#pragma once

#include <string>
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

// The value bytes, in the version that metadata.version 4.3-IV0 (level 30) writes. An error when a
// text of the record is longer than a string may be.
Result<Bytes, protocol::CodecError> try_encode(const Record& record);
// The same of a record whose texts were read from records, or are our own.
Bytes encode(const Record& record);

// An error names the record's key and version where they could be read.
Result<Record, std::string> decode(const Bytes& value);

// Nodes as records name them.
std::vector<std::int32_t> numbers(const std::vector<NodeId>& nodes);

// "TopicRecord"
std::string_view name_of(const Record& record);

}  // namespace barnabas::metadata
