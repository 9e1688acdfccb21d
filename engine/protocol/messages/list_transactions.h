// ListTransactions: the transactional ids that a broker looks after, filtered.
#pragma once

#include "engine/protocol/message.h"

namespace barnabas::protocol {

struct ListTransactionsRequest {
    static constexpr Api api{.key = ApiKey::list_transactions,
                             .valid = {0, 2},
                             .flexible_from = 0,
                             .on = Listeners::broker};

    std::vector<std::string> state_filters;
    std::vector<std::int64_t> producer_id_filters;
    std::int64_t duration_filter = -1;
    std::optional<std::string> transactional_id_pattern;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("StateFilters", self.state_filters);
        field("ProducerIdFilters", self.producer_id_filters, names_producer);
        field("DurationFilter", self.duration_filter, since(1), defaults(-1));
        field("TransactionalIdPattern", self.transactional_id_pattern, since(2), nullable(2),
              defaults(null));
    }
};

struct ListTransactionsResponse {
    static constexpr Api api = ListTransactionsRequest::api;

    struct TransactionState {
        std::string transactional_id;
        std::int64_t producer_id = 0;
        std::string transaction_state;
        UnknownTags unknown_tags;

        static void describe(auto& field, auto& self) {
            field("TransactionalId", self.transactional_id, names_transaction);
            field("ProducerId", self.producer_id, names_producer);
            field("TransactionState", self.transaction_state);
        }
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> unknown_state_filters;
    std::vector<TransactionState> transaction_states;
    UnknownTags unknown_tags;

    static void describe(auto& field, auto& self) {
        field("ThrottleTimeMs", self.throttle_time_ms);
        field("ErrorCode", self.error_code);
        field("UnknownStateFilters", self.unknown_state_filters);
        field("TransactionStates", self.transaction_states);
    }
};

}  // namespace barnabas::protocol
