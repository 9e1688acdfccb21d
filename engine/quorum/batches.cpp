#include "engine/quorum/batches.h"

#include <fmt/format.h>

#include "engine/protocol/stored.h"
#include "engine/records/compression.h"
#include "engine/records/record.h"

namespace barnabas::quorum {
namespace {

using protocol::ControlType;

template <class Message>
Result<Message, std::string> value_of(const records::RecordView& record) {
    const Bytes value = Bytes::copy(record.value.value_or(ByteView()));
    auto message = protocol::decode_control_value<Message>(value);
    if (!message) return unexpected(message.error().text());
    return *std::move(message);
}

std::optional<std::string> take_control(const records::RecordView& record,
                                        ControlState& control) {
    if (!record.key) return "a control record has no key";
    const auto type = protocol::decode_control_key(Bytes::copy(*record.key));
    if (!type) return type.error().text();
    switch (*type) {
        case ControlType::snapshot_header: {
            const auto header = value_of<protocol::SnapshotHeaderRecord>(record);
            if (!header) return header.error();
            control.has_header = true;
            control.header_timestamp = header->last_contained_log_timestamp;
            break;
        }
        case ControlType::snapshot_footer: control.has_footer = true; break;
        case ControlType::kraft_version: {
            const auto version = value_of<protocol::KRaftVersionRecord>(record);
            if (!version) return version.error();
            control.kraft_version = version->kraft_version;
            break;
        }
        case ControlType::kraft_voters: {
            auto voters = value_of<protocol::VotersRecord>(record);
            if (!voters) return voters.error();
            control.voters = *std::move(voters);
            break;
        }
        case ControlType::leader_change:
        case ControlType::abort:
        case ControlType::commit: break;
    }
    return std::nullopt;
}

}  // namespace

// A controller writes no batch beyond this, and none that is packed: reading one takes no longer.
constexpr std::size_t unpacked_bytes_max = 8u << 20;

Result<std::optional<Committed>, std::string> read_batch(const records::Batch& batch,
                                                         ControlState& control) {
    const records::BatchHeader& header = batch.header;
    const auto wrong = [&](std::string_view what) {
        return unexpected(
            fmt::format("the batch at offset {} {}", header.base_offset.value(), what));
    };
    if (!batch.has_good_crc()) return wrong("has a bad CRC");
    const auto plain = records::plain_records(batch, unpacked_bytes_max);
    if (!plain) return wrong("cannot be unpacked: " + plain.error());
    Committed out{header.base_offset,   header.next_offset(),
                  header.leader_epoch,  {},
                  header.max_timestamp, static_cast<std::uint32_t>(header.size())};
    records::RecordReader fields(header, plain->view());
    while (const auto record = fields.next()) {
        if (!header.is_control()) {
            if (record->value) out.values.push_back(Bytes::copy(*record->value));
        } else if (const auto why = take_control(*record, control)) {
            return wrong(*why);
        }
    }
    if (!fields.is_good()) return wrong("holds broken records");
    if (header.is_control()) return std::nullopt;
    return out;
}

std::optional<std::string> read_control(const records::Batch& batch, ControlState& control) {
    if (!batch.header.is_control() && batch.has_good_crc()) return std::nullopt;
    const auto read = read_batch(batch, control);
    return read ? std::nullopt : std::optional(read.error());
}

}  // namespace barnabas::quorum
