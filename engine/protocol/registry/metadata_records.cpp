#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/security_records.h"
#include "engine/protocol/registry/entry.h"

namespace barnabas::protocol::registry {

Entries metadata_records() {
    return entries<RegisterBrokerRecord, UnregisterBrokerRecord, FenceBrokerRecord,
                   UnfenceBrokerRecord, BrokerRegistrationChangeRecord, RegisterControllerRecord,
                   TopicRecord, RemoveTopicRecord, PartitionRecord, PartitionChangeRecord,
                   ClearElrRecord, ConfigRecord, FeatureLevelRecord, ProducerIdsRecord, NoOpRecord,
                   ZkMigrationStateRecord, BeginTransactionRecord, EndTransactionRecord,
                   AbortTransactionRecord, AccessControlEntryRecord, RemoveAccessControlEntryRecord,
                   UserScramCredentialRecord, RemoveUserScramCredentialRecord,
                   DelegationTokenRecord, RemoveDelegationTokenRecord, ClientQuotaRecord>();
}

}  // namespace barnabas::protocol::registry
