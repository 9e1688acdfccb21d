// A recording: what went through the door of one machine, turn by turn, as bytes. Run through an
// equal machine again, it must give the same effects. Pure: who has the bytes, has the recording.
//
//   header:  "barnrec2", u64 seed, u64 size and bytes of `setup`, u32 CRC-32C of all that
//
//   then for each turn:
//
//   'S':  u64 size, [4 u64], u32 CRC-32C: what Concern::secret was fed with before the turn, when
//   it was. Who reads a recording knows the secrets of its node.
//
//   'E':  u64 size, [i64 now in ns, i64 wall in ms, the event as encode() writes it], u32 CRC-32C
//
//   'H':  u64 size, [u64 high, u64 low: the hash of the turn's effects], u32 CRC-32C
//
// Little-endian. Each CRC covers the record from its kind on. 'E' is written before the turn runs:
// a recording that ends with it ends in the turn that killed its machine. What does not read back
// at the end is a tail that was cut, and is left out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/machine.h"

namespace barnabas {

Hash128 hash_of(std::span<const Effect> effects);

struct RecordingHeader {
    std::uint64_t seed = 0;  // of the machine's Randoms
    std::string setup;       // what the machine was built from, in its builder's own words
};
void write_header(std::vector<std::uint8_t>& out, const RecordingHeader& header);
void write_secret(std::vector<std::uint8_t>& out, const Randoms::Entropy& entropy);
void write_turn_begin(std::vector<std::uint8_t>& out, const Event& event, Instant now,
                      WallTime wall);
void write_turn_end(std::vector<std::uint8_t>& out, std::span<const Effect> effects);

struct RecordedTurn {
    Instant now;
    WallTime wall;
    Event event;
    std::optional<Randoms::Entropy> secret;
    std::optional<Hash128> effects;  // nothing: the turn did not end
};

class Recording {
  public:
    // An error in words when the bytes are no recording.
    static Result<Recording, std::string> open(Bytes bytes);

    const RecordingHeader& header() const { return header_; }
    // The next turn; nothing at the end. An error in words for a turn that another version wrote.
    Result<std::optional<RecordedTurn>, std::string> next();
    // Bytes left at the end that are no whole record.
    std::size_t tail() const { return bytes_.size() - at_; }

  private:
    struct Record {
        char kind = 0;
        Bytes payload;
        std::size_t end = 0;
    };
    std::optional<Record> record_at(std::size_t at) const;

    Bytes bytes_;
    std::size_t at_ = 0;
    RecordingHeader header_;
};

// Runs a recording through a machine, turn by turn: at once, or at the pace of next()->now.
class Replay {
  public:
    struct Difference {
        std::uint64_t turn = 0;  // the first is 1
        std::string event;
        std::vector<std::string> effects;  // what the machine asks for now
    };
    struct Report {
        std::uint64_t turns = 0;
        std::optional<Difference> difference;  // the first turn whose effects differ
        bool ended_in_turn = false;            // the last turn has no end: it killed its machine,
                                               // unless a tail was cut right there
        std::size_t tail = 0;                  // bytes cut off at the end
        std::string error;                     // the recording could not be read on
    };

    // Needs: the machine is as the recorded one was when it was born.
    Replay(Recording recording, Machine machine);

    // The turn that step() would run; nothing at the end or behind a difference.
    const std::optional<RecordedTurn>& next() const { return next_; }
    // Runs it. False when there is none.
    bool step();
    // Runs all that are left.
    const Report& finish();

    const Report& report() const { return report_; }
    const Machine& machine() const { return machine_; }
    const std::vector<Effect>& effects() const { return effects_; }  // of the turn run last

  private:
    void advance();

    Recording recording_;
    Machine machine_;
    Randoms random_;
    std::vector<Effect> effects_;
    std::optional<RecordedTurn> next_;
    Report report_;
};

}  // namespace barnabas
