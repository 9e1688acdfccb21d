#include "engine/host/sender.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/host/file_calls.h"

namespace barnabas::host {
namespace {

// Capacity that an idle connection may keep.
constexpr std::size_t parts_kept = 16;
// Small ranges are read no further ahead of the peer than this.
constexpr std::uint64_t loaded_max = 64 * 1024;

std::uint64_t size_of(const std::variant<Bytes, FileRange>& part) {
    if (const auto* bytes = std::get_if<Bytes>(&part)) return bytes->size();
    return std::get<FileRange>(part).length;
}

}  // namespace

void Sender::push(const Chain& bytes) {
    for (const Bytes& piece : bytes.pieces()) parts_.emplace_back(piece);
    bytes_left_ += bytes.size();
    untried_ += bytes.size();
    memory_left_ += bytes.size();
}

void Sender::push(FileRange range) {
    if (range.length == 0) return;
    bytes_left_ += range.length;
    untried_ += range.length;
    parts_.emplace_back(std::move(range));
}

Sender::Outcome Sender::send(int socket) {
    untried_ = 0;
    std::uint64_t spent = 0;
    while (bytes_left_ > 0) {
        if (is_broken_) return Outcome::broken;
        if (spent >= step_max) return Outcome::unspent;
        if (const auto stopped = send_some(socket, spent)) return *stopped;
    }
    return Outcome::empty;
}

// What ends the sending; nothing when it goes on.
std::optional<Sender::Outcome> Sender::send_some(int socket, std::uint64_t& spent) {
    std::uint64_t wanted = 0;
    std::int64_t sent = 0;
    const Loaded front = load_small(part_);
    if (front == Loaded::cold) return Outcome::cold;
    if (front == Loaded::yes) {
        sent = send_bytes(socket, wanted);
    } else {
        const std::uint64_t length = sendable(std::get<FileRange>(parts_[part_]));
        if (length == 0) return Outcome::cold;
        sent = send_range(socket, length);
    }
    if (sent < 0) {
        if (errno == EINTR) return std::nullopt;
        warm_of_part_ = 0;  // by the time the peer takes it, it may be gone from memory
        return errno == EAGAIN ? Outcome::blocked : Outcome::broken;
    }
    if (sent == 0) return Outcome::broken;  // the file ends before the range does
    spent += static_cast<std::uint64_t>(sent);
    advance(static_cast<std::uint64_t>(sent));
    // Bytes that went only in part have filled the socket's buffer. A part of a file may be cut for
    // other reasons.
    if (static_cast<std::uint64_t>(sent) < wanted) return Outcome::blocked;
    return std::nullopt;
}

// Makes bytes of a small range. `no`: a range that is to be sent as such.
Sender::Loaded Sender::load_small(std::size_t at) {
    const auto* range = std::get_if<FileRange>(&parts_[at]);
    if (!range) return Loaded::yes;
    if (!range->file) return Loaded::cold;
    const bool has_begun = at == part_ && (sent_of_part_ > 0 || warm_of_part_ > 0);
    if (range->length > small_max || has_begun) return Loaded::no;
    auto storage = std::make_shared_for_overwrite<std::uint8_t[]>(range->length);
    const iovec part{storage.get(), range->length};
    const ssize_t count = ::preadv2(range->file->number(), &part, 1,
                                    static_cast<off_t>(range->position), RWF_NOWAIT);
    if (count < 0 && errno == EOPNOTSUPP) return Loaded::no;  // the file system cannot tell
    if (count != static_cast<ssize_t>(range->length)) return Loaded::cold;
    const std::uint8_t* data = storage.get();
    parts_[at] = Bytes::adopt(std::shared_ptr<const std::uint8_t>(std::move(storage), data),
                              static_cast<std::size_t>(count));
    return Loaded::yes;
}

// Needs: load_small(part_) said yes.
std::int64_t Sender::send_bytes(int socket, std::uint64_t& wanted) {
    std::array<iovec, 256> gathered;
    std::size_t count = 0;
    std::size_t skip = sent_of_part_;
    bool more = false;
    for (std::size_t at = part_; at < parts_.size(); ++at) {
        const bool is_bytes = std::holds_alternative<Bytes>(parts_[at]);
        more = count == gathered.size() || (!is_bytes && wanted >= loaded_max) ||
               load_small(at) != Loaded::yes;
        if (more) break;
        const Bytes& bytes = std::get<Bytes>(parts_[at]);
        // sendmsg reads only, though its structure cannot say so.
        gathered[count++] = {const_cast<std::uint8_t*>(bytes.data()) + skip, bytes.size() - skip};
        wanted += bytes.size() - skip;
        skip = 0;
    }
    msghdr message{};
    message.msg_iov = gathered.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

std::int64_t Sender::send_range(int socket, std::uint64_t length) {
    const auto& range = std::get<FileRange>(parts_[part_]);
    auto position = static_cast<off_t>(range.position + sent_of_part_);
    return ::sendfile(socket, range.file->number(), &position, length);
}

// How much of the range at the front can be sent without waiting for a disk.
std::uint64_t Sender::sendable(const FileRange& range) const {
    const std::uint64_t rest = std::min(range.length - sent_of_part_, piece_max);
    if (warm_of_part_ > sent_of_part_) return std::min(rest, warm_of_part_ - sent_of_part_);
    return bytes_in_memory(range.file->number(), range.position + sent_of_part_, rest);
}

FileRange Sender::cold_piece() const {
    FileRange piece = std::get<FileRange>(parts_[part_]);
    piece.position += sent_of_part_;
    piece.length = static_cast<std::uint32_t>(std::min(cold_bytes(), piece_max));
    return piece;
}

std::uint64_t Sender::cold_bytes() const {
    return std::get<FileRange>(parts_[part_]).length - sent_of_part_;
}

void Sender::warmed(SharedDescriptor file) {
    is_broken_ = !file;
    warm_of_part_ = sent_of_part_ + std::min(cold_bytes(), piece_max);
    std::get<FileRange>(parts_[part_]).file = std::move(file);
}

void Sender::advance(std::uint64_t count) {
    bytes_left_ -= count;
    while (count > 0) {
        const std::uint64_t rest = size_of(parts_[part_]) - sent_of_part_;
        if (std::holds_alternative<Bytes>(parts_[part_])) memory_left_ -= std::min(count, rest);
        if (count < rest) {
            sent_of_part_ += count;
            count = 0;
            break;
        }
        count -= rest;
        parts_[part_] = Bytes();  // lets go of what it held
        ++part_;
        sent_of_part_ = 0;
        warm_of_part_ = 0;
    }
    if (part_ < parts_.size() && part_ < parts_kept) return;
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(part_));
    part_ = 0;
    if (!parts_.empty()) return;
    if (parts_.capacity() > parts_kept) parts_.shrink_to_fit();
}

std::optional<std::uint64_t> Sender::drained() {
    const bool is_first = told_ == 0 && bytes_left_ > 0;
    const bool has_halved = told_ > 0 && bytes_left_ <= told_ / 2;
    if (bytes_left_ > told_) told_ = bytes_left_;
    if (!is_first && !has_halved) return std::nullopt;
    told_ = bytes_left_;
    return bytes_left_;
}

}  // namespace barnabas::host
