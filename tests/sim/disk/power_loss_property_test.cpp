// Whatever is written, cut and flushed: power loss keeps what was flushed, and of the rest each
// sector is one that was there or one that was written.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "sim/disk/disk.h"

namespace barnabas::sim {
namespace {

struct Step {
    std::uint64_t kind = 0;  // 0..2 write, 3 cut, 4 flush, 5 power loss
    std::uint64_t position = 0;
    std::uint64_t size = 0;
};

// What every byte of the file may be after power loss.
class Model {
  public:
    void write(std::uint64_t position, const std::vector<std::uint8_t>& bytes) {
        if (bytes.empty()) return;
        if (now_.size() < position + bytes.size()) now_.resize(position + bytes.size());
        std::copy(bytes.begin(), bytes.end(), now_.begin() + static_cast<std::ptrdiff_t>(position));
        past_.push_back(now_);
        // A later write may be kept while an earlier one is lost.
        loose_.push_back({position, bytes});
    }
    void cut(std::uint64_t size) {
        if (size == now_.size()) return;
        now_.resize(size);
        past_.push_back(now_);
    }
    void flush() {
        durable_ = now_;
        past_.clear();
        loose_.clear();
    }
    void become(const std::vector<std::uint8_t>& bytes) {
        now_ = bytes;
        flush();
    }
    const std::vector<std::uint8_t>& now() const { return now_; }
    const std::vector<std::uint8_t>& durable() const { return durable_; }

    bool allows(const std::vector<std::uint8_t>& found) const {
        if (past_.empty()) return found == durable_;
        for (std::uint64_t i = 0; i < found.size(); ++i)
            if (!allows(i, found[i])) return false;
        return true;
    }

  private:
    struct Loose {
        std::uint64_t position;
        std::vector<std::uint8_t> bytes;
    };
    bool allows(std::uint64_t at, std::uint8_t byte) const {
        if (at < durable_.size() ? byte == durable_[at] : byte == 0) return true;
        for (const auto& then : past_)
            if (at < then.size() ? then[at] == byte : byte == 0) return true;
        for (const Loose& one : loose_)
            if (at >= one.position && at < one.position + one.bytes.size() &&
                one.bytes[at - one.position] == byte)
                return true;
        return false;
    }

    std::vector<std::uint8_t> now_;
    std::vector<std::uint8_t> durable_;
    std::vector<std::vector<std::uint8_t>> past_;
    std::vector<Loose> loose_;
};

std::vector<std::uint8_t> read_all(const Disk& disk) {
    const auto bytes = disk.read("log");
    RC_ASSERT(bytes.has_value());
    return {bytes->begin(), bytes->end()};
}

void open(Disk& disk) {
    disk.finish(
        disk.submit(effect::Open{Token(1), FileId(1), "log", OpenMode::create}, Instant()).slot);
    disk.finish(disk.submit(effect::FlushDirectory{Token(2), ""}, Instant()).slot);
}

void check_power_loss(const Disk& disk, const Model& model) {
    Disk all_lost = disk;
    all_lost.lose_power(Unflushed::lost);
    RC_ASSERT(read_all(all_lost) == model.durable());
    Disk all_kept = disk;
    all_kept.lose_power(Unflushed::kept);
    RC_ASSERT(read_all(all_kept) == model.now());
    Disk some = disk;
    some.lose_power(Unflushed::seeded);
    RC_ASSERT(model.allows(read_all(some)));
}

void carry_out(Disk& disk, Model& model, const Step& step, std::uint8_t mark) {
    const auto run = [&disk](const Effect& wanted) {
        RC_ASSERT(disk.finish(disk.submit(wanted, Instant()).slot).answer->status ==
                  StorageStatus::ok);
    };
    if (step.kind <= 2) {
        const std::vector<std::uint8_t> bytes(step.size, mark);
        run(effect::Write{Token(3), FileId(1), step.position, Bytes::own(bytes)});
        model.write(step.position, bytes);
    } else if (step.kind == 3) {
        run(effect::Truncate{Token(4), FileId(1), step.position});
        model.cut(step.position);
    } else if (step.kind == 4) {
        run(effect::Flush{Token(5), FileId(1)});
        model.flush();
    } else {
        disk.lose_power(Unflushed::seeded);
        model.become(read_all(disk));
        open(disk);
    }
}

TEST(Disk, PowerLossKeepsWhatWasFlushedAndOnlyThat) {
    EXPECT_TRUE(rc::check([] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const auto steps = *rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
            rc::gen::set(&Step::kind, rc::gen::inRange<std::uint64_t>(0, 6)),
            rc::gen::set(&Step::position, rc::gen::inRange<std::uint64_t>(0, 3000)),
            rc::gen::set(&Step::size, rc::gen::inRange<std::uint64_t>(0, 2000))));
        Disk disk(DiskOptions(), seed);
        Model model;
        open(disk);
        std::uint8_t mark = 0;
        for (const Step& step : steps) {
            carry_out(disk, model, step, ++mark);
            RC_ASSERT(read_all(disk) == model.now());
            RC_ASSERT(disk.used() == model.now().size());
            check_power_loss(disk, model);
        }
    }));
}

// The dice must be able to lose, keep and tear: else the property above shows nothing.
TEST(Disk, PowerLossLosesKeepsTearsAndReorders) {
    bool lost = false;
    bool kept = false;
    bool torn = false;
    bool reordered = false;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Disk disk(DiskOptions(), seed);
        Model model;
        open(disk);
        carry_out(disk, model, {0, 0, 2048}, 1);
        carry_out(disk, model, {0, 2048, 2048}, 2);
        disk.lose_power(Unflushed::seeded);
        const auto found = read_all(disk);
        const auto first = std::ranges::count(found, 1);
        const auto second = std::ranges::count(found, 2);
        lost |= first == 0 && second == 0;
        kept |= first == 2048 && second == 2048;
        torn |= first > 0 && first < 2048;
        reordered |= first == 0 && second == 2048;
        EXPECT_EQ(first % 512, 0);
        EXPECT_EQ(second % 512, 0);
    }
    EXPECT_TRUE(lost && kept && torn && reordered);
}

}  // namespace
}  // namespace barnabas::sim
