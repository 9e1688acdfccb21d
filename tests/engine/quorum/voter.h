// A quorum of one voter on a disk in memory: what the tests of this room share.
#pragma once

#include <gtest/gtest.h>

#include "engine/quorum/quorum.h"
#include "engine/records/build.h"
#include "tests/support/fake_disk.h"

namespace barnabas::quorum {

class Voter {
  public:
    explicit Voter(log::LogConfig config = {}, SnapshotRetention retention = {})
        : config_(config), retention_(retention), quorum_(make()) {}

    void start() {
        quorum_ = make();
        turn([](Quorum& quorum, Turn& turn) { quorum.start(false, turn); });
        settle();
    }
    bool append(const std::string& value) {
        bool is_taken = false;
        turn([&](Quorum& quorum, Turn& turn) {
            is_taken = quorum.append({Bytes::copy(value)}, turn);
        });
        return is_taken;
    }
    // A snapshot of what came out so far, written to its end as far as the disk goes.
    void snapshot(std::int64_t timestamp = 1) {
        const auto values = committed();
        const SnapshotId id{quorum_.high_watermark(), quorum_.epoch()};
        turn([&](Quorum& quorum, Turn& turn) { quorum.begin_snapshot(id, timestamp, turn); });
        for (const std::string& value : values) {
            settle();
            if (!quorum_.snapshot_wants_records()) return;
            turn([&](Quorum& quorum, Turn& turn) {
                quorum.add_to_snapshot({Bytes::copy(value)}, turn);
            });
        }
        settle();
        if (!quorum_.snapshot_wants_records()) return;
        turn([](Quorum& quorum, Turn& turn) { quorum.finish_snapshot(turn); });
        settle();
    }
    void turn(auto deed) {
        std::vector<Effect> effects;
        Turn turn{now, wall, random_, effects};
        deed(quorum_, turn);
        disk.take(effects);
        for (const Effect& effect : effects) {
            if (const auto* note = std::get_if<effect::Note>(&effect)) notes.push_back(note->what);
        }
    }
    void settle() {
        while (const auto done = disk.answer()) {
            turn([&](Quorum& quorum, Turn& turn) { quorum.on(*done, turn); });
        }
    }
    // All that came out, in order.
    std::vector<std::string> committed() {
        for (const Committed& batch : quorum_.take_committed()) {
            for (const Bytes& value : batch.values) seen_.emplace_back(value.text());
        }
        return seen_;
    }
    void forget() { seen_.clear(); }
    Quorum& quorum() { return quorum_; }
    std::vector<std::string> snapshot_files() const {
        std::vector<std::string> names;
        for (const std::string& name : disk.names_in("/data/__cluster_metadata-0")) {
            if (name.find(".checkpoint") != std::string::npos) names.push_back(name);
        }
        std::erase(names, "leader-epoch-checkpoint");
        return names;
    }

    tests::FakeDisk disk;
    Instant now{1s};
    WallTime wall{std::chrono::milliseconds(1)};
    std::vector<Occurrence> notes;

  private:
    Quorum make() { return {NodeId(1), "/data", config_, 1ull << 40, retention_}; }
    log::LogConfig config_;
    SnapshotRetention retention_;
    Quorum quorum_;
    Randoms random_{1};
    std::vector<std::string> seen_;
};

}  // namespace barnabas::quorum
