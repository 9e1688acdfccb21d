#include "engine/metadata/security_rows.h"

#include <bit>

namespace barnabas::metadata {

void SecurityRows::apply(const protocol::DelegationTokenRecord& record) {
    tokens.insert_or_assign(
        record.token_id,
        TokenRow{record.owner, record.requester, record.renewers, record.issue_timestamp,
                 record.max_timestamp, record.expiration_timestamp});
}

void SecurityRows::apply(const protocol::RemoveDelegationTokenRecord& record) {
    tokens.erase(record.token_id);
}

void SecurityRows::apply(const protocol::UserScramCredentialRecord& record) {
    // What is kept for long is copied out of the batch that it came in.
    credentials.insert_or_assign(
        {record.name, record.mechanism},
        ScramRow{Bytes::copy(record.salt.view()), Bytes::copy(record.stored_key.view()),
                 Bytes::copy(record.server_key.view()), record.iterations});
}

void SecurityRows::apply(const protocol::RemoveUserScramCredentialRecord& record) {
    credentials.erase({record.name, record.mechanism});
}

void SecurityRows::apply(const protocol::ClientQuotaRecord& record) {
    QuotaName name{{}, record.key};
    for (const auto& one : record.entity) {
        name.first.insert_or_assign(one.entity_type, one.entity_name);
    }
    if (record.remove) {
        quotas.erase(name);
    } else {
        quotas.insert_or_assign(std::move(name), std::bit_cast<QuotaBits>(record.value));
    }
}

void SecurityRows::apply(const protocol::AccessControlEntryRecord& record) {
    access.insert_or_assign(
        record.id, AccessRow{record.resource_name, record.principal, record.host,
                             record.resource_type, record.pattern_type, record.operation,
                             record.permission_type});
}

void SecurityRows::apply(const protocol::RemoveAccessControlEntryRecord& record) {
    access.erase(record.id);
}

}  // namespace barnabas::metadata
