#include "engine/protocol/messages/metadata_records.h"
#include "engine/protocol/messages/security_records.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_metadata_records(Rewrites& all) {
    add<RegisterBrokerRecord, UnregisterBrokerRecord, FenceBrokerRecord, UnfenceBrokerRecord,
        BrokerRegistrationChangeRecord, RegisterControllerRecord, TopicRecord, RemoveTopicRecord,
        PartitionRecord, PartitionChangeRecord, ClearElrRecord, ConfigRecord, FeatureLevelRecord,
        ProducerIdsRecord, NoOpRecord, ZkMigrationStateRecord, BeginTransactionRecord,
        EndTransactionRecord, AbortTransactionRecord, AccessControlEntryRecord,
        RemoveAccessControlEntryRecord, UserScramCredentialRecord, RemoveUserScramCredentialRecord,
        DelegationTokenRecord, RemoveDelegationTokenRecord, ClientQuotaRecord>(all);
}

}  // namespace barnabas::protocol::typed
