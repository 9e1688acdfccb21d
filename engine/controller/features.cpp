#include "engine/controller/features.h"

#include <fmt/format.h>

#include "engine/metadata/bootstrap.h"

namespace barnabas::controller {

using metadata::Record;

Result<std::vector<Record>, std::string> decide_first_records(const std::vector<Bytes>& bootstrap) {
    std::vector<Record> records;
    for (const Bytes& value : bootstrap) {
        auto record = metadata::decode(value);
        if (!record) return unexpected("bootstrap.checkpoint: " + record.error());
        records.push_back(*std::move(record));
    }
    if (records.empty()) records = metadata::bootstrap_records();
    return metadata::bootstrap_transaction(std::move(records));
}

std::vector<Record> decide_abort() {
    protocol::AbortTransactionRecord abort;
    abort.reason = "the controller that began it is gone";
    return {std::move(abort)};
}

std::string why_level_is_unknown(const metadata::Image& latest) {
    const std::int16_t level = latest.feature_level(metadata::metadata_version);
    if (level <= metadata::metadata_version_level) return "";
    return fmt::format("metadata.version is finalized at {}; this release knows up to {}: start "
                       "the release that wrote this directory",
                       level, metadata::metadata_version_level);
}

}  // namespace barnabas::controller
