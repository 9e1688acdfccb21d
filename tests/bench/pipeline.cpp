#include "tests/bench/pipeline.h"

namespace barnabas::bench {

std::int64_t Pipeline::run() {
    const auto begin = Clock::now();
    last_ = plan_.requests;
    socket_.set_blocking(false);
    while (!is_done()) {
        if (seconds_since(begin) > plan_.seconds_max) last_ = std::min(last_, sent_);
        gather();
        send();
        const short events = pending_.empty() ? POLLIN : POLLIN | POLLOUT;
        if (is_done()) break;
        pollfd wanted{.fd = socket_.descriptor(), .events = events, .revents = 0};
        if (plan_.are_answered || !pending_.empty()) {
            if (::poll(&wanted, 1, 30'000) <= 0) fail("the broker is silent");
        }
        receive();
    }
    socket_.set_blocking(true);
    return last_;
}

// Frames that wait their turn stay where the owner of the pipeline keeps them.
void Pipeline::gather() {
    constexpr std::size_t pieces_max = 64;
    while (may_send() && pending_.size() < pieces_max) {
        if (!plan_.are_answered && !pending_.empty()) break;
        support::Frame& frame = request_(sent_);
        support::set_correlation(frame, static_cast<std::int32_t>(sent_));
        pending_.push_back({.iov_base = frame.data(), .iov_len = frame.size()});
        ++sent_;
    }
}

void Pipeline::send() {
    while (!pending_.empty()) {
        const auto went =
            ::writev(socket_.descriptor(), pending_.data(), static_cast<int>(pending_.size()));
        if (went < 0 && errno == EAGAIN) return;
        if (went < 0) fail("the broker ended the connection");
        auto left = static_cast<std::size_t>(went);
        auto piece = pending_.begin();
        for (; piece != pending_.end() && left >= piece->iov_len; ++piece) left -= piece->iov_len;
        pending_.erase(pending_.begin(), piece);
        if (!pending_.empty()) {
            pending_.front().iov_base =
                static_cast<std::uint8_t*>(pending_.front().iov_base) + left;
            pending_.front().iov_len -= left;
        }
    }
}

void Pipeline::receive() {
    const auto got = ::recv(socket_.descriptor(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the broker ended the connection");
    take({buffer_.data(), static_cast<std::size_t>(got)});
}

void Pipeline::take(ByteView bytes) {
    constexpr std::size_t prefix = support::frame_prefix_bytes;
    while (!bytes.empty()) {
        // First the prefix, then the beginning, then the rest, which is only counted.
        std::size_t wanted = prefix;
        if (beginning_.size() >= prefix) {
            const auto length = static_cast<std::size_t>(load_big<std::int32_t>(beginning_.data()));
            wanted = prefix + std::min(length, beginning_bytes);
            if (beginning_.size() == prefix) left_ = length - (wanted - prefix);
        }
        if (beginning_.size() < wanted) {
            const std::size_t count = std::min(wanted - beginning_.size(), bytes.size());
            beginning_.insert(beginning_.end(), bytes.begin(),
                              bytes.begin() + static_cast<std::ptrdiff_t>(count));
            bytes = bytes.subspan(count);
            if (beginning_.size() < wanted || wanted == prefix) continue;
        }
        const std::size_t skipped = std::min(left_, bytes.size());
        left_ -= skipped;
        bytes = bytes.subspan(skipped);
        if (left_ > 0) continue;
        const ByteView beginning = ByteView(beginning_).subspan(prefix);
        const auto length = static_cast<std::size_t>(load_big<std::int32_t>(beginning_.data()));
        const auto correlation = load_big<std::int32_t>(beginning.data());
        if (correlation != static_cast<std::int32_t>(answered_)) fail("answers out of order");
        answer_(answered_, beginning, length);
        ++answered_;
        beginning_.clear();
    }
}

}  // namespace barnabas::bench
