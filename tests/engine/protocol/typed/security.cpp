#include "engine/protocol/messages/alter_client_quotas.h"
#include "engine/protocol/messages/alter_user_scram_credentials.h"
#include "engine/protocol/messages/create_acls.h"
#include "engine/protocol/messages/create_delegation_token.h"
#include "engine/protocol/messages/delete_acls.h"
#include "engine/protocol/messages/describe_acls.h"
#include "engine/protocol/messages/describe_client_quotas.h"
#include "engine/protocol/messages/describe_delegation_token.h"
#include "engine/protocol/messages/describe_user_scram_credentials.h"
#include "engine/protocol/messages/expire_delegation_token.h"
#include "engine/protocol/messages/renew_delegation_token.h"
#include "engine/protocol/messages/sasl_authenticate.h"
#include "engine/protocol/messages/sasl_handshake.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol::typed {

void add_security(Rewrites& all) {
    add<SaslHandshakeRequest, SaslHandshakeResponse, SaslAuthenticateRequest,
        SaslAuthenticateResponse, DescribeAclsRequest, DescribeAclsResponse, CreateAclsRequest,
        CreateAclsResponse, DeleteAclsRequest, DeleteAclsResponse, CreateDelegationTokenRequest,
        CreateDelegationTokenResponse, RenewDelegationTokenRequest, RenewDelegationTokenResponse,
        ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, DescribeDelegationTokenRequest,
        DescribeDelegationTokenResponse, DescribeClientQuotasRequest, DescribeClientQuotasResponse,
        AlterClientQuotasRequest, AlterClientQuotasResponse, DescribeUserScramCredentialsRequest,
        DescribeUserScramCredentialsResponse, AlterUserScramCredentialsRequest,
        AlterUserScramCredentialsResponse>(all);
}

}  // namespace barnabas::protocol::typed
