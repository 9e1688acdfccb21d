// What one connection still has to send: bytes and ranges of files, in order.
//
// A range goes from the page cache to the socket. What is not there is brought there first, by
// somebody else, piece by piece: sending never waits for a disk.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "engine/base/chain.h"
#include "engine/host/descriptor.h"

namespace barnabas::host {

// A range of a file. Holding one keeps the file readable, whatever becomes of its name; but for one
// that is opened late, by the name that it had.
struct FileRange {
    SharedDescriptor file;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    std::uint32_t medium = 0;
    std::shared_ptr<const std::string> late;  // its path, when it could not be opened at once
};

class Sender {
  public:
    enum class Outcome : std::uint8_t {
        empty,    // all is sent
        blocked,  // the peer takes no more for now
        cold,     // the next piece is to be brought into memory first
        unspent,  // stopped at the bound of one pass: more could be sent at once
        broken,   // the connection is, or a file was shorter than promised
    };
    // A connection sends no more than this at a time, so that others have their turn.
    static constexpr std::uint64_t step_max = 1024 * 1024;
    static constexpr std::uint64_t piece_max = 1024 * 1024;
    // Ranges up to this are read and go with the bytes around them: one call instead of several.
    static constexpr std::uint32_t small_max = 16 * 1024;

    void push(const Chain& bytes);
    void push(FileRange range);

    Outcome send(int socket);

    // The piece that is cold. Needs: send() said so, and warmed() was not called since.
    FileRange cold_piece() const;
    // The range that it is the beginning of. Needs: as before.
    std::uint64_t cold_bytes() const;
    // Somebody has read it, by this descriptor; none: it cannot be read, which breaks the
    // connection.
    void warmed(SharedDescriptor file);

    std::uint64_t bytes_left() const { return bytes_left_; }
    // What was pushed since sending was last tried, or could not be.
    std::uint64_t untried() const { return untried_; }
    void note_tried() { untried_ = 0; }
    std::uint64_t memory_left() const { return memory_left_; }  // of them, not in files

    // At the end of a pass: the number of a Drained event that is due (see event.h).
    std::optional<std::uint64_t> drained();

  private:
    using Part = std::variant<Bytes, FileRange>;

    enum class Loaded : std::uint8_t { yes, no, cold, broken };

    std::optional<Outcome> send_some(int socket, std::uint64_t& spent);
    Loaded load_small(std::size_t at);
    std::int64_t send_bytes(int socket, std::uint64_t& wanted);
    std::int64_t send_range(int socket, std::uint64_t length);
    std::uint64_t sendable(const FileRange& range) const;
    void advance(std::uint64_t count);

    std::vector<Part> parts_;
    std::size_t part_ = 0;  // the first that is not all sent
    std::uint64_t sent_of_part_ = 0;
    std::uint64_t warm_of_part_ = 0;  // somebody has just read it up to here
    bool is_broken_ = false;
    std::uint64_t bytes_left_ = 0;
    std::uint64_t untried_ = 0;
    std::uint64_t memory_left_ = 0;
    std::uint64_t told_ = 0;  // the last number told, or what it has grown to since
};

}  // namespace barnabas::host
