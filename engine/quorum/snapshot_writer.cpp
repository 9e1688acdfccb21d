#include "engine/quorum/snapshot_writer.h"

#include "engine/protocol/codec.h"
#include "engine/records/build.h"

namespace barnabas::quorum {
namespace {

template <class Message>
records::Prepared control(records::ControlType type, const Message& message, const Turn& turn) {
    const auto value = protocol::encode(message, 0);
    CHECK(value.has_value());
    return records::control_batch(type, *value, turn.wall.time_since_epoch().count());
}

}  // namespace

void SnapshotWriter::start(Turn& turn) {
    turn.ask(effect::Open{token_, file_, directory_ + '/' + part_name(plan_.id),
                          OpenMode::create_emptied});
}

void SnapshotWriter::on(const event::StorageDone& done, Turn& turn) {
    CHECK(done.operation == token_);
    if (done.status != StorageStatus::ok) {
        status_ = done.status;
        if (stage_ != Stage::opening) turn.ask(effect::Remove{token_, file_});
        stage_ = Stage::done;
        return;
    }
    switch (stage_) {
        case Stage::opening: return write_header(turn);
        case Stage::writing: stage_ = Stage::ready; return;
        case Stage::ending:
            stage_ = Stage::flushing;
            return turn.ask(effect::Flush{token_, file_});
        case Stage::flushing:
            stage_ = Stage::renaming;
            return turn.ask(
                effect::Rename{token_, file_, directory_ + '/' + file_name(plan_.id)});
        case Stage::renaming:
            stage_ = Stage::settling;
            return turn.ask(effect::FlushDirectory{token_, directory_});
        case Stage::settling:
            turn.ask(effect::Close{file_});
            stage_ = Stage::done;
            return;
        case Stage::ready:
        case Stage::done: break;
    }
    CHECK(!"an answer to nothing");
}

void SnapshotWriter::add(const records::Prepared& batch) {
    waiting_.append(records::stamp(batch, next_, plan_.id.epoch));
    next_ = next_ + batch.offsets();
}

void SnapshotWriter::write(Stage next, Turn& turn) {
    stage_ = next;
    const std::uint64_t position = position_;
    position_ += waiting_.size();
    turn.ask(effect::Write{token_, file_, position, std::exchange(waiting_, {})});
}

// With kraft.version 1 the quorum's own records follow the header, as Kafka has it.
void SnapshotWriter::write_header(Turn& turn) {
    protocol::SnapshotHeaderRecord header;
    header.last_contained_log_timestamp = plan_.timestamp;
    add(control(records::ControlType::snapshot_header, header, turn));
    if (plan_.control.kraft_version > 0) {
        protocol::KRaftVersionRecord version;
        version.kraft_version = plan_.control.kraft_version;
        add(control(records::ControlType::kraft_version, version, turn));
        if (plan_.control.voters) {
            add(control(records::ControlType::kraft_voters, *plan_.control.voters, turn));
        }
    }
    write(Stage::writing, turn);
}

void SnapshotWriter::append(const std::vector<Bytes>& values, Turn& turn) {
    CHECK(wants_records());
    CHECK(!values.empty());
    records::BatchBuilder batch;
    for (const Bytes& value : values) {
        batch.add(turn.wall.time_since_epoch().count(), std::nullopt, value.view());
    }
    add(batch.finish());
    write(Stage::writing, turn);
}

void SnapshotWriter::finish(Turn& turn) {
    CHECK(wants_records());
    add(control(records::ControlType::snapshot_footer, protocol::SnapshotFooterRecord(), turn));
    write(Stage::ending, turn);
}

}  // namespace barnabas::quorum
