#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::protocol {

namespace {

const typed::Rewrites& all_rewrites() {
    static const typed::Rewrites all = [] {
        typed::Rewrites made;
        using namespace typed;
        add_classic_groups(made);
        add_cluster(made);
        add_data_path(made);
        add_group_records(made);
        add_metadata_records(made);
        add_new_groups(made);
        add_other_records(made);
        add_quorum_and_brokers(made);
        add_security(made);
        add_share_state(made);
        add_streams_and_share_records(made);
        add_topics_and_configs(made);
        add_transactions(made);
        return made;
    }();
    return all;
}

}  // namespace

Result<Bytes, CodecError> rewrite(const MessageType& type, const Bytes& body,
                                  std::int16_t version) {
    Reader reader(body, 0);
    Writer writer;
    all_rewrites().at(type.name()).at_once(reader, version, writer);
    if (!reader.failed() && reader.left() != 0) reader.fail(CodecError::Reason::left_over);
    if (reader.failed()) return unexpected(reader.trouble().error());
    return std::move(writer).bytes();
}

Result<Bytes, CodecError> rewrite_in_slices(const MessageType& type, const Bytes& body,
                                            std::int16_t version, Random& random) {
    return all_rewrites().at(type.name()).in_slices(body, version, random);
}

}  // namespace barnabas::protocol
