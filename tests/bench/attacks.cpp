#include "tests/bench/attacks.h"

#include "tests/bench/load.h"

namespace barnabas::bench {
namespace {

using support::Frame;
using support::FrameBuilder;
using support::Milliseconds;
using support::Socket;
using support::Wire;

constexpr int metadata = 3;
constexpr int connections = 4;
constexpr int partitions_of_everything = 1000;

void nothing(std::uint16_t, int) {}

// On each of a few connections again and again, whatever comes of it. One that was ended is dialled
// anew.
void ask_again_and_again(std::uint16_t port, Clock::time_point until, const Frame& request) {
    std::vector<Wire> wires;
    for (int i = 0; i < connections; ++i) wires.emplace_back(port);
    while (Clock::now() < until) {
        for (Wire& wire : wires)
            if (!wire.socket().send_all(request, Milliseconds(1000))) wire = Wire(port);
        for (Wire& wire : wires)
            if (!wire.answer(Milliseconds(5000))) wire = Wire(port);
    }
}

// A batch of one record that is nearly nothing until it is unpacked.
Frame bomb(records::Codec codec) {
    constexpr std::size_t unpacked_bytes = 100u << 20;
    const std::vector<std::uint8_t> zeros(unpacked_bytes);
    records::BatchBuilder builder({}, {.codec = codec, .levels = {}, .framing = {}});
    builder.add(wall_milliseconds(), std::nullopt, ByteView(zeros));
    return support::produce_request("bombed", 0, 1, builder.finish().batch);
}

Attack bombs(const std::string& codec_name, records::Codec codec) {
    return {"bombs-" + codec_name,
            [](std::uint16_t port, int) {
                Wire wire(port);
                ready_topic(wire, "bombed", 1);
            },
            [codec](std::uint16_t port, Clock::time_point until) {
                ask_again_and_again(port, until, bomb(codec));
            }};
}

void prepare_everything(std::uint16_t port, int topics) {
    Wire wire(port);
    for (int i = 0; i < topics; ++i)
        wire.create_topics("everything" + std::to_string(i), 1, partitions_of_everything);
    ready_topic(wire, "everything" + std::to_string(topics - 1), 1);
}

Frame metadata_of_everything() {
    return FrameBuilder(metadata, 4).number<std::int32_t>(-1).number<std::int8_t>(0).finish();
}

// One topic of many partitions, named as often as a small frame holds.
Frame metadata_repeated() {
    constexpr std::size_t times = 4000;
    FrameBuilder frame(metadata, 4);
    frame.count(times);
    for (std::size_t i = 0; i < times; ++i) frame.text("everything0");
    return frame.number<std::int8_t>(0).finish();
}

Frame fetch_of_many() {
    constexpr std::size_t topics = 10;
    FrameBuilder frame(1, 11);
    frame.number<std::int32_t>(-1).number<std::int32_t>(0).number<std::int32_t>(1);
    frame.number<std::int32_t>(1 << 20).number<std::int8_t>(0);
    frame.number<std::int32_t>(0).number<std::int32_t>(-1).count(topics);
    for (std::size_t topic = 0; topic < topics; ++topic) {
        frame.text("everything" + std::to_string(topic)).count(partitions_of_everything);
        for (std::int32_t partition = 0; partition < partitions_of_everything; ++partition) {
            frame.number(partition).number<std::int32_t>(-1).number<std::int64_t>(0);
            frame.number<std::int64_t>(-1).number<std::int32_t>(1 << 20);
        }
    }
    return frame.count(0).text("").finish();
}

// 2 MiB of requests at once on each connection, and nobody who reads.
void leave_unread(std::uint16_t port, Clock::time_point until) {
    const Frame one = support::metadata_request("everything0");
    std::vector<std::uint8_t> all;
    while (all.size() < (2u << 20)) all.insert(all.end(), one.begin(), one.end());
    while (Clock::now() < until) {
        std::vector<Socket> sockets;
        for (int i = 0; i < connections && Clock::now() < until; ++i) {
            sockets.push_back(support::dial_loopback(port));
            sockets.back().send_all(all, Milliseconds(100));
        }
    }
}

// Six frames are announced, as many bytes as a node may hold, and never come.
void announce(std::uint16_t port, Clock::time_point until) {
    std::vector<Socket> sockets;
    for (int i = 0; i < 6; ++i) {
        std::vector<std::uint8_t> prefix(support::frame_prefix_bytes);
        store_big(prefix.data(), std::int32_t{i < 5 ? 100 << 20 : 12'000'000});
        sockets.push_back(support::dial_loopback(port));
        sockets.back().send_all(prefix);
    }
    std::this_thread::sleep_until(until);
}

// Each is a line in the broker's log.
void make_it_complain(std::uint16_t port, Clock::time_point until) {
    const Frame not_served = FrameBuilder(9999, 0).finish();
    while (Clock::now() < until) {
        Socket socket = support::dial_loopback(port);
        socket.send_all(not_served, Milliseconds(100));
        socket.is_ended_by_peer(Milliseconds(100));
    }
}

}  // namespace

const std::vector<Attack>& attacks() {
    const auto asking = [](Frame (*request)()) {
        return [request](std::uint16_t port, Clock::time_point until) {
            ask_again_and_again(port, until, request());
        };
    };
    static const std::vector<Attack> all = {
        {"nothing", nothing,
         [](std::uint16_t, Clock::time_point until) { std::this_thread::sleep_until(until); }},
        {"announcements", nothing, announce},
        {"complaints", nothing, make_it_complain},
        bombs("gzip", records::Codec::gzip),
        bombs("snappy", records::Codec::snappy),
        bombs("lz4", records::Codec::lz4),
        bombs("zstd", records::Codec::zstd),
        {"everything", prepare_everything, asking(metadata_of_everything)},
        {"repeated", prepare_everything, asking(metadata_repeated)},
        {"fetch-10000", prepare_everything, asking(fetch_of_many)},
        {"unread", prepare_everything, leave_unread},
    };
    return all;
}

}  // namespace barnabas::bench
