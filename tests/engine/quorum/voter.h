// A quorum of one voter on a disk in memory: what the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include "engine/quorum/lone_voter.h"
#include "engine/records/build.h"
#include "tests/support/fake_disk.h"

namespace barnabas::quorum {

class Voter {
  public:
    explicit Voter(log::LogConfig config = {}, SnapshotRetention retention = {})
        : config_(config), retention_(retention), log_(make()) {}

    void start() {
        begin();
        settle();
    }
    // The first step of a start; step() takes the others one by one.
    void begin() {
        log_ = make();
        leadership_ = LoneVoter(NodeId(1));
        leadership_.set_directory(directory_id);
        turn([](MetadataLog& log, Turn& turn) { log.start(false, turn); });
    }
    bool step() {
        const auto done = disk.answer();
        if (done) turn([&](MetadataLog& log, Turn& turn) { log.on(*done, turn); });
        return done.has_value();
    }
    bool append(const std::string& value) {
        bool is_taken = false;
        turn([&](MetadataLog& log, Turn& turn) {
            is_taken = log.append({Bytes::copy(value)}, leadership_.epoch(), turn);
        });
        return is_taken;
    }
    // A snapshot of what came out so far, written to its end as far as the disk goes.
    void snapshot(std::int64_t timestamp = 1) {
        const auto values = committed();
        const SnapshotId id{log_.high_watermark(), leadership_.epoch()};
        turn([&](MetadataLog& log, Turn& turn) { log.begin_snapshot(id, timestamp, turn); });
        for (const std::string& value : values) {
            settle();
            if (!log_.snapshot_wants_records()) return;
            turn([&](MetadataLog& log, Turn& turn) {
                log.add_to_snapshot({Bytes::copy(value)}, turn);
            });
        }
        settle();
        if (!log_.snapshot_wants_records()) return;
        turn([](MetadataLog& log, Turn& turn) { log.finish_snapshot(turn); });
        settle();
    }
    void turn(auto deed) {
        std::vector<Effect> effects;
        Turn turn{now, wall, random_, effects};
        deed(log_, turn);
        leadership_.follow(log_, turn);
        disk.take(effects);
        for (const Effect& effect : effects) {
            if (const auto* note = std::get_if<effect::Note>(&effect)) notes.push_back(note->what);
        }
    }
    void settle() {
        while (step()) {}
    }
    // All that came out, in order.
    std::vector<std::string> committed() {
        for (const Committed& batch : log_.take_committed()) {
            for (const Bytes& value : batch.values) seen_.emplace_back(value.text());
        }
        return seen_;
    }
    void forget() { seen_.clear(); }
    MetadataLog& log() { return log_; }
    LoneVoter& leadership() { return leadership_; }
    bool caught_up() const { return leadership_.caught_up(log_); }
    bool waits_for_room() const { return log_.waits_for_room() || leadership_.waits_for_room(); }
    std::vector<std::string> snapshot_files() const {
        std::vector<std::string> names;
        for (const std::string& name : disk.names_in("/data/__cluster_metadata-0")) {
            if (name.find(".checkpoint") != std::string::npos) names.push_back(name);
        }
        std::erase(names, "leader-epoch-checkpoint");
        return names;
    }

    tests::FakeDisk disk;
    Uuid directory_id;
    Instant now{1s};
    WallTime wall{std::chrono::milliseconds(1)};
    std::vector<Occurrence> notes;

  private:
    MetadataLog make() { return {"/data", config_, 1ull << 40, retention_}; }
    log::LogConfig config_;
    SnapshotRetention retention_;
    MetadataLog log_;
    LoneVoter leadership_{NodeId(1)};
    Randoms random_{1};
    std::vector<std::string> seen_;
};

}  // namespace barnabas::quorum
