#include "engine/host/sender.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace barnabas::host {
namespace {

// Capacity that an idle connection may keep.
constexpr std::size_t parts_kept = 16;

std::uint64_t size_of(const std::variant<Bytes, FileRange>& part) {
    if (const auto* bytes = std::get_if<Bytes>(&part)) return bytes->size();
    return std::get<FileRange>(part).length;
}

}  // namespace

void Sender::push(const Chain& bytes) {
    for (const Bytes& piece : bytes.pieces()) parts_.emplace_back(piece);
    bytes_left_ += bytes.size();
}

void Sender::push(FileRange range) {
    if (range.length == 0) return;
    bytes_left_ += range.length;
    parts_.emplace_back(std::move(range));
}

Sender::Outcome Sender::send(int socket) {
    std::uint64_t spent = 0;
    while (bytes_left_ > 0) {
        if (spent >= pass_max) return Outcome::unspent;
        std::size_t wanted = 0;
        const bool is_range = std::holds_alternative<FileRange>(parts_[part_]);
        const std::int64_t sent =
            is_range ? send_range(socket, wanted) : send_bytes(socket, wanted);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN ? Outcome::blocked : Outcome::broken;
        }
        if (sent == 0) return Outcome::broken;  // the file ends before the range does
        spent += static_cast<std::uint64_t>(sent);
        advance(static_cast<std::uint64_t>(sent));
        // Bytes that went only in part have filled the socket's buffer. A part of a file may be
        // cut for other reasons.
        if (!is_range && static_cast<std::size_t>(sent) < wanted) return Outcome::blocked;
    }
    return Outcome::empty;
}

std::int64_t Sender::send_bytes(int socket, std::size_t& wanted) {
    std::array<iovec, 256> gathered;
    std::size_t count = 0;
    std::size_t skip = sent_of_part_;
    bool more = false;
    for (std::size_t at = part_; at < parts_.size(); ++at) {
        const auto* bytes = std::get_if<Bytes>(&parts_[at]);
        more = !bytes || count == gathered.size();
        if (more) break;
        // sendmsg reads only, though its structure cannot say so.
        gathered[count++] = {const_cast<std::uint8_t*>(bytes->data()) + skip, bytes->size() - skip};
        wanted += bytes->size() - skip;
        skip = 0;
    }
    msghdr message{};
    message.msg_iov = gathered.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
}

std::int64_t Sender::send_range(int socket, std::size_t& wanted) {
    const auto& range = std::get<FileRange>(parts_[part_]);
    auto position = static_cast<off_t>(range.position + sent_of_part_);
    wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(range.length - sent_of_part_, pass_max));
    return ::sendfile(socket, range.file->number(), &position, wanted);
}

void Sender::advance(std::uint64_t count) {
    bytes_left_ -= count;
    while (count > 0) {
        const std::uint64_t rest = size_of(parts_[part_]) - sent_of_part_;
        if (count < rest) {
            sent_of_part_ += count;
            count = 0;
            break;
        }
        count -= rest;
        parts_[part_] = Bytes();  // lets go of what it held
        ++part_;
        sent_of_part_ = 0;
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
