#include "engine/metadata/bootstrap.h"

#include "engine/protocol/codec.h"
#include "engine/protocol/messages/quorum_records.h"
#include "engine/records/build.h"

namespace barnabas::metadata {
namespace {

constexpr LeaderEpoch before_any_leader{0};

template <class Message>
std::vector<std::uint8_t> body(const Message& message) {
    auto encoded = protocol::encode(message, 0);
    CHECK(encoded.has_value());
    return *std::move(encoded);
}

}  // namespace

std::vector<Record> bootstrap_records() {
    protocol::FeatureLevelRecord version;
    version.name = metadata_version;
    version.feature_level = metadata_version_level;
    return {std::move(version)};
}

std::vector<Record> bootstrap_transaction(std::vector<Record> bootstrap) {
    for (const Record& record : bootstrap) {
        const auto* level = std::get_if<protocol::FeatureLevelRecord>(&record);
        if (level && level->name == metadata_version &&
            level->feature_level < metadata_transactions_since)
            return bootstrap;
    }
    protocol::BeginTransactionRecord begin;
    begin.name = "Bootstrap records";
    std::vector<Record> records = {std::move(begin)};
    for (Record& record : bootstrap) records.push_back(std::move(record));
    records.push_back(protocol::EndTransactionRecord());
    return records;
}

Bytes bootstrap_checkpoint(WallTime now) {
    const std::int64_t timestamp = now.time_since_epoch().count();
    Chain file;
    Offset at{0};
    const auto append = [&](const records::Prepared& batch) {
        file.append(records::stamp(batch, at, before_any_leader));
        at = at + batch.offsets();
    };
    append(records::control_batch(records::ControlType::snapshot_header,
                                  body(protocol::SnapshotHeaderRecord()), timestamp));
    records::BatchBuilder batch;
    for (const Record& record : bootstrap_records()) {
        batch.add(timestamp, std::nullopt, encode(record).view());
    }
    append(batch.finish());
    append(records::control_batch(records::ControlType::snapshot_footer,
                                  body(protocol::SnapshotFooterRecord()), timestamp));
    return file.flatten();
}

}  // namespace barnabas::metadata
