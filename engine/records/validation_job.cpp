// The check of a produced batch as a job: what goes in and what comes out, as bytes.
#include <array>

#include "engine/records/put_record.h"
#include "engine/records/record.h"
#include "engine/records/validate.h"

namespace barnabas::records {

namespace {

enum class Outcome : std::uint8_t { too_much_effort, as_it_came, made_anew, refused };

std::uint8_t byte_of(auto value) { return static_cast<std::uint8_t>(value); }

void put_text(std::vector<std::uint8_t>& out, std::string_view text) {
    put_run(out, as_bytes(text));
}

std::string text_of(FieldReader& fields) {
    const OptionalView run = fields.run(fields.int32());
    return run ? std::string(as_text(*run)) : "";
}

void put_refusal(std::vector<std::uint8_t>& out, const Refusal& refusal) {
    out.push_back(byte_of(refusal.as));
    put_text(out, refusal.message);
    put_signed(out, static_cast<std::int64_t>(refusal.record_errors.size()));
    for (const RecordError& one : refusal.record_errors) {
        put_signed(out, one.batch_index);
        put_text(out, one.message);
    }
}

Refusal refusal_of(FieldReader& fields) {
    Refusal refusal;
    refusal.as = static_cast<RefusedAs>(fields.byte());
    refusal.message = text_of(fields);
    for (std::int64_t left = fields.int64(); left > 0 && fields.is_good(); --left) {
        const std::int32_t index = fields.int32();
        refusal.record_errors.push_back({index, text_of(fields)});
    }
    return refusal;
}

Rules rules_of(FieldReader& fields) {
    Rules rules;
    rules.produce_version = static_cast<std::int16_t>(fields.int32());
    rules.batch_bytes_max = fields.int32();
    rules.are_keys_required = fields.byte() != 0;
    rules.timestamp_type = static_cast<TimestampType>(fields.byte());
    rules.timestamp_before_max = fields.int64();
    rules.timestamp_after_max = fields.int64();
    rules.record_bytes_max = fields.int32();
    rules.unpacked_bytes_max = static_cast<std::size_t>(fields.int64());
    rules.now = WallTime(WallTime::duration(fields.int64()));
    if (fields.byte() == 0) return rules;
    Compression& compression = rules.compression.emplace();
    compression.codec = static_cast<Codec>(fields.byte());
    compression.levels.gzip = fields.int32();
    compression.levels.lz4 = fields.int32();
    compression.levels.zstd = fields.int32();
    compression.framing = static_cast<SnappyFraming>(fields.byte());
    return rules;
}

}  // namespace

Bytes validation_terms(const Rules& rules, Effort effort) {
    std::vector<std::uint8_t> out;
    put_signed(out, static_cast<std::int64_t>(effort.left()));
    put_signed(out, rules.produce_version);
    put_signed(out, rules.batch_bytes_max);
    out.push_back(byte_of(rules.are_keys_required));
    out.push_back(byte_of(rules.timestamp_type));
    put_signed(out, rules.timestamp_before_max);
    put_signed(out, rules.timestamp_after_max);
    put_signed(out, rules.record_bytes_max);
    put_signed(out, static_cast<std::int64_t>(rules.unpacked_bytes_max));
    put_signed(out, rules.now.time_since_epoch().count());
    out.push_back(byte_of(rules.compression.has_value()));
    if (rules.compression) {
        out.push_back(byte_of(rules.compression->codec));
        put_signed(out, rules.compression->levels.gzip);
        put_signed(out, rules.compression->levels.lz4);
        put_signed(out, rules.compression->levels.zstd);
        out.push_back(byte_of(rules.compression->framing));
    }
    return Bytes::own(std::move(out));
}

Bytes compute_validation(const Bytes& terms, const Bytes& records) {
    FieldReader fields(terms);
    Effort effort(static_cast<std::uint64_t>(fields.int64()));
    const std::optional<Validated> validated = validate_within(records, rules_of(fields), effort);
    std::vector<std::uint8_t> out;
    if (!validated) {
        out.push_back(byte_of(Outcome::too_much_effort));
    } else if (!*validated) {
        out.push_back(byte_of(Outcome::refused));
        put_refusal(out, validated->error());
    } else {
        const Prepared& prepared = **validated;
        const bool is_anew = prepared.batch.data() != records.data();
        out.push_back(byte_of(is_anew ? Outcome::made_anew : Outcome::as_it_came));
        out.push_back(byte_of(prepared.head_changed));
        const std::size_t at = out.size();
        out.resize(at + batch_head_bytes);
        prepared.header.store(out.data() + at);
        if (is_anew) out.insert(out.end(), prepared.batch.begin(), prepared.batch.end());
    }
    return Bytes::own(std::move(out));
}

std::optional<Validated> read_validation(const Bytes& result, const Bytes& records) {
    FieldReader fields(result);
    const auto outcome = static_cast<Outcome>(fields.byte());
    if (outcome == Outcome::too_much_effort) return std::nullopt;
    if (outcome == Outcome::refused) return std::unexpected(refusal_of(fields));
    const bool is_changed = fields.byte() != 0;
    const std::size_t at = result.size() - fields.left();
    const auto header = BatchHeader::parse(result.from(at));
    const bool is_anew = outcome == Outcome::made_anew;
    CHECK(header && header->size() <= (is_anew ? result.size() : records.size()));
    return Prepared{*header,
                    is_anew ? result.from(at + batch_head_bytes)
                            : records.slice(0, header->size()),
                    is_changed};
}

}  // namespace barnabas::records
