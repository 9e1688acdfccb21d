#include "engine/base/crc32c.h"
#include "engine/records/validate.h"
#include "tests/bench/load.h"
#include "tests/bench/operations.h"
#include "tests/support/log_on_disk.h"

namespace barnabas::bench {
namespace {

std::string shape(std::size_t record_bytes, std::size_t batch_bytes) {
    return std::to_string(record_bytes) + "B-in-" + std::to_string(batch_bytes >> 10) + "KB";
}

// A log whose disk says yes to everything and keeps nothing.
struct LogWithoutADisk {
    tests::LogOnDisk made;

    LogWithoutADisk() { made.open(); }
    void append(const records::Prepared& batch) {
        Turn turn = made.turn();
        CHECK(made.log.append(batch, LeaderEpoch(0), turn));
        settle();
    }
    void settle() {
        while (!made.effects.empty()) {
            std::vector<Effect> asked = std::exchange(made.effects, {});
            Turn turn = made.turn();
            for (const Effect& effect : asked) answer(effect, turn);
        }
    }
    void answer(const Effect& effect, Turn& turn) {
        std::visit(
            [&](const auto& one) {
                if constexpr (requires { one.operation; }) {
                    event::StorageDone done;
                    done.operation = one.operation;
                    made.log.on(done, turn);
                }
            },
            effect);
    }
};

// A run of batches of 4 KB, as a log holds them.
Bytes batches_of(std::size_t bytes) {
    const Bytes batch = load_of(4 << 10, 100).batch;
    Chain run;
    while (run.size() < bytes) run.push(batch);
    return run.flatten();
}

}  // namespace

std::vector<Operation> operations_of_records() {
    std::vector<Operation> all;
    all.push_back({"crc32c-256KB", 256 << 10, [] {
                       const auto bytes = std::make_shared<std::vector<std::uint8_t>>(256 << 10);
                       return [bytes] { keep(crc32c(ByteView(*bytes))); };
                   }});
    all.push_back({"scan-and-check-4KB-batches", 1 << 20, [] {
                       const Bytes run = batches_of(1 << 20);
                       return [=] {
                           records::BatchReader reader(run);
                           while (const auto batch = reader.next()) CHECK(batch->has_good_crc());
                           CHECK(reader.position() == run.size());
                       };
                   }});
    for (const std::size_t record : {1024, 100}) {
        for (const std::size_t batch : {4 << 10, 256 << 10}) {
            all.push_back({"validate-" + shape(record, batch), batch, [=] {
                               const Load load = load_of(batch, record);
                               records::Rules rules;
                               rules.now = WallTime(std::chrono::milliseconds(wall_milliseconds()));
                               return [=] {
                                   const auto checked =
                                       records::validate_produce(load.batch, rules);
                                   CHECK(checked);
                                   keep(*checked);
                               };
                           }});
        }
    }
    return all;
}

std::vector<Operation> operations_of_log() {
    return {
        {"append-4KB", 4 << 10,
         [] {
             const auto log = std::make_shared<LogWithoutADisk>();
             const Load load = load_of(4 << 10, 100);
             const auto batch = *records::validate_produce(
                 load.batch, {.now = WallTime(std::chrono::milliseconds(wall_milliseconds()))});
             return [=] { log->append(batch); };
         }},
        {"locate-at-the-tail", 0,
         [] {
             const auto log = std::make_shared<LogWithoutADisk>();
             const Load load = load_of(4 << 10, 100);
             const auto batch = *records::validate_produce(
                 load.batch, {.now = WallTime(std::chrono::milliseconds(wall_milliseconds()))});
             for (int i = 0; i < 1000; ++i) log->append(batch);
             return [=] {
                 Turn turn = log->made.turn();
                 const Offset end = log->made.log.written_end();
                 keep(log->made.log.locate(Offset(end.value() - load.records), end, 1 << 20,
                                           log::LookupId(1), turn));
             };
         }},
    };
}

}  // namespace barnabas::bench
