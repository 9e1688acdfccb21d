// The tokens and file ids of one log: a range of 2^24 of each, so that a broker finds the log that
// an answer belongs to by the upper bits, and the log its own purpose by the next four.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/protocol/types.h"
#include "engine/runtime/ids.h"

namespace barnabas::log {

struct Names {
    static constexpr std::uint64_t range = 1ull << 24;
    std::uint64_t base = 0;  // a multiple of range
};

// What an operation is for. An answer is routed by it.
enum class Purpose : std::uint8_t {
    load,
    append,
    create,       // a new segment's .log
    index,        // opens and writes of index files
    flush_data,   // a .log
    flush_index,  // the index files of a sealed segment
    flush_directory,
    truncate,
    remove,
    lookup,
    epochs,     // replacing leader-epoch-checkpoint
    metadata,   // replacing partition.metadata
    clean,      // reading segments for compaction, writing and swapping in what is left of them
    producers,  // transaction indexes and snapshots of producers
    cut,        // taking the end of the log away
};

enum class FileKind : std::uint8_t { log, index, timeindex, txnindex };
inline constexpr std::array all_file_kinds = {FileKind::log, FileKind::index, FileKind::timeindex,
                                              FileKind::txnindex};

class Ids {
  public:
    explicit Ids(Names names) : base_(names.base) { CHECK(names.base % Names::range == 0); }

    // Operations of one purpose are told apart as long as fewer than 2^20 are under way.
    Token next(Purpose purpose) {
        constexpr std::uint64_t numbers = 1ull << 20;
        return Token(base_ + static_cast<std::uint64_t>(purpose) * numbers +
                     (next_operation_++ & (numbers - 1)));
    }
    static Purpose purpose_of(Token token) {
        return static_cast<Purpose>((token.value() >> 20) & 0xf);
    }

    // A slot stands for the files of one segment; slot 0 for those of the partition.
    static constexpr std::uint32_t slots = 1u << 22;
    FileId file(std::uint32_t slot, FileKind kind) const {
        CHECK(slot < slots);
        return FileId(base_ + slot * 4ull + static_cast<std::uint64_t>(kind));
    }
    std::uint32_t next_slot() {
        if (++last_slot_ == slots) last_slot_ = 1;
        return last_slot_;
    }

    std::uint32_t last_slot() const { return last_slot_; }
    // The files of all slots that were given out since last_slot() was `before`.
    template <class Visit>
    void each_file_since(std::uint32_t before, Visit visit) const {
        while (before != last_slot_) {
            before = before + 1 == slots ? 1 : before + 1;
            for (const FileKind kind :
                 {FileKind::log, FileKind::index, FileKind::timeindex, FileKind::txnindex})
                visit(file(before, kind));
        }
    }

    bool owns(Token token) const { return token.value() / Names::range == base_ / Names::range; }

    void digest(Hasher& hasher) const;

  private:
    std::uint64_t base_;
    std::uint32_t next_operation_ = 0;
    std::uint32_t last_slot_ = 0;
};

// "00000000000000001140.timeindex"
std::string file_name(Offset base, FileKind kind);

// "00000000000000001140.snapshot"
std::string snapshot_name(Offset at);

// What a name in a partition's directory means to its log.
struct NameMeaning {
    enum class What : std::uint8_t {
        segment,    // a file of the segment at `base`
        snapshot,   // of the producers, with all below `base`
        left_over,  // of an operation that a crash ended: may be removed
        cleaned,    // of a compaction that a crash ended before it changed anything: likewise
        swap,       // of a compaction that is to be completed
    };
    What what = What::segment;
    Offset base{};
    FileKind kind = FileKind::log;
};
std::optional<NameMeaning> meaning_of(std::string_view name);

}  // namespace barnabas::log
