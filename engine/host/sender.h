// What one connection still has to send: bytes and ranges of files, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "engine/base/chain.h"
#include "engine/host/descriptor.h"

namespace barnabas::host {

// A range of a file. Holding one keeps the file readable, whatever becomes of its name.
struct FileRange {
    SharedDescriptor file;
    std::uint64_t position = 0;
    std::uint64_t length = 0;
};

class Sender {
  public:
    enum class Outcome : std::uint8_t {
        empty,    // all is sent
        blocked,  // the peer takes no more for now
        unspent,  // stopped at the bound of one pass: more could be sent at once
        broken,   // the connection is, or a file was shorter than promised
    };
    // A connection sends no more than this in one pass, so that others have their turn.
    static constexpr std::uint64_t pass_max = 4 * 1024 * 1024;

    void push(const Chain& bytes);
    void push(FileRange range);

    Outcome send(int socket);

    std::uint64_t bytes_left() const { return bytes_left_; }

    // At the end of a pass: the number of a Drained event that is due (see event.h).
    std::optional<std::uint64_t> drained();

  private:
    using Part = std::variant<Bytes, FileRange>;

    std::int64_t send_bytes(int socket, std::size_t& wanted);
    std::int64_t send_range(int socket, std::size_t& wanted);
    void advance(std::uint64_t count);

    std::vector<Part> parts_;
    std::size_t part_ = 0;  // the first that is not all sent
    std::size_t sent_of_part_ = 0;
    std::uint64_t bytes_left_ = 0;
    std::uint64_t told_ = 0;  // the last number told, or what it has grown to since
};

}  // namespace barnabas::host
