// The typed codec of every message by its name, so that tests can go through all of them: the bytes
// decoded into the message's struct and encoded again. Instantiated over several files.
#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "engine/base/random.h"
#include "engine/protocol/codec.h"
#include "engine/protocol/registry.h"

namespace barnabas::protocol {

struct Rewrite {
    void (*at_once)(Reader& from, std::int16_t version, Writer& to);
    Result<Bytes, CodecError> (*in_slices)(const Bytes& body, std::int16_t version, Random& random);
};

// Nothing but an error, or the bytes that the typed message becomes. Needs: a version that it has.
Result<Bytes, CodecError> rewrite(const MessageType& type, const Bytes& body, std::int16_t version);

// The same in slices of any size, each of which goes on with a copy of what the last one left.
// Tagged fields that the message does not know are left out.
Result<Bytes, CodecError> rewrite_in_slices(const MessageType& type, const Bytes& body,
                                            std::int16_t version, Random& random);

namespace typed {

using Rewrites = std::map<std::string_view, Rewrite>;

template <class M>
void rewrite_as(Reader& from, std::int16_t version, Writer& to) {
    M message;
    read_message(from, message, version);
    if (!from.failed()) write_message(to, message, version);
}

template <class M>
Result<Bytes, CodecError> rewrite_in_slices_as(const Bytes& body, std::int16_t version,
                                               Random& random) {
    auto message = std::make_unique<M>();
    Reading reading;
    for (;;) {
        const auto is_read =
            decode_some(body, version, 1 + random.below(300), UINT64_MAX, *message, reading);
        if (!is_read) return unexpected(is_read.error());
        if (*is_read) break;
        message = std::make_unique<M>(*message);
    }
    if (reading.at != body.size()) return unexpected(CodecError{CodecError::Reason::left_over});
    Gathered written;
    Trail trail;
    for (bool is_done = false; !is_done;) {
        Writer writer;
        is_done = write_some(writer, *message, version, 1 + random.below(60), trail);
        const auto more = std::move(writer).gathered();
        if (!more) return unexpected(more.error());
        written.append(*more);
        message = std::make_unique<M>(*message);
    }
    return written.chain()->flatten();
}

template <class... Messages>
void add(Rewrites& all) {
    (all.emplace(name_of_type<Messages>(),
                 Rewrite{rewrite_as<Messages>, rewrite_in_slices_as<Messages>}),
     ...);
}

void add_classic_groups(Rewrites& all);
void add_cluster(Rewrites& all);
void add_data_path(Rewrites& all);
void add_group_records(Rewrites& all);
void add_metadata_records(Rewrites& all);
void add_new_groups(Rewrites& all);
void add_other_records(Rewrites& all);
void add_quorum_and_brokers(Rewrites& all);
void add_security(Rewrites& all);
void add_share_state(Rewrites& all);
void add_streams_and_share_records(Rewrites& all);
void add_topics_and_configs(Rewrites& all);
void add_transactions(Rewrites& all);

}  // namespace typed
}  // namespace barnabas::protocol
