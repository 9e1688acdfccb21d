#include "engine/controller/decision.h"

#include <fmt/format.h>

#include <algorithm>

namespace barnabas::controller {

using metadata::Record;

using protocol::ErrorCode;

std::optional<Refusal> why_too_many(const std::vector<Record>& records) {
    if (records.size() <= records_max) return std::nullopt;
    const auto of_partitions = std::ranges::count_if(records, [](const Record& record) {
        return std::holds_alternative<protocol::PartitionRecord>(record);
    });
    if (records.size() - static_cast<std::size_t>(of_partitions) <= records_max)
        return std::nullopt;
    return Refusal{ErrorCode::policy_violation,
                   fmt::format("The request would make {} changes; one may make at most {}.",
                               records.size(), records_max)};
}

Result<std::vector<Bytes>, Refusal> values_of(const std::vector<Record>& records,
                                              std::int16_t level) {
    std::vector<Bytes> values;
    values.reserve(records.size());
    std::size_t size = 0;
    for (const Record& record : records) {
        auto value = metadata::try_encode(record, level);
        if (!value) {
            return unexpected(Refusal{
                ErrorCode::unknown_server_error,
                fmt::format("A {} cannot be written: {}.", metadata::name_of(record),
                            value.error().text())});
        }
        size += value->size();
        if (size > batch_bytes_max) {
            return unexpected(
                Refusal{ErrorCode::unknown_server_error,
                        fmt::format("The request would change more than {} bytes of the metadata "
                                    "log at once.",
                                    batch_bytes_max)});
        }
        values.push_back(*std::move(value));
    }
    return values;
}

}  // namespace barnabas::controller
