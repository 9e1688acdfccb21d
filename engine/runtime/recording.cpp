#include "engine/runtime/recording.h"

#include <algorithm>

#include "engine/base/crc32c.h"
#include "engine/runtime/visit.h"

namespace barnabas {
namespace {

constexpr std::string_view magic = "barnrec2";
constexpr std::size_t prefix_size = 1 + 8;  // kind, size
constexpr std::size_t crc_size = 4;

void put(std::vector<std::uint8_t>& out, std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint64_t number_at(ByteView bytes, std::size_t at, int count) {
    std::uint64_t number = 0;
    for (int i = 0; i < count; ++i)
        number |= static_cast<std::uint64_t>(bytes[at + static_cast<std::size_t>(i)]) << (8 * i);
    return number;
}

void put_crc_from(std::vector<std::uint8_t>& out, std::size_t start) {
    put(out, crc32c(ByteView(out).subspan(start)), crc_size);
}

std::size_t begin_record(std::vector<std::uint8_t>& out, char kind) {
    out.push_back(static_cast<std::uint8_t>(kind));
    put(out, 0, 8);
    return out.size() - prefix_size;
}

void end_record(std::vector<std::uint8_t>& out, std::size_t start) {
    const std::uint64_t size = out.size() - start - prefix_size;
    for (std::size_t i = 0; i < 8; ++i)
        out[start + 1 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    put_crc_from(out, start);
}

}  // namespace

Hash128 hash_of(std::span<const Effect> effects) {
    Hasher hasher;
    hasher.add(static_cast<std::uint64_t>(effects.size()));
    for (const Effect& effect : effects) hash_into(hasher, effect);
    return hasher.value();
}

void write_header(std::vector<std::uint8_t>& out, const RecordingHeader& header) {
    const std::size_t start = out.size();
    out.insert(out.end(), magic.begin(), magic.end());
    put(out, header.seed, 8);
    put(out, header.setup.size(), 8);
    out.insert(out.end(), header.setup.begin(), header.setup.end());
    put_crc_from(out, start);
}

void write_secret(std::vector<std::uint8_t>& out, const Randoms::Entropy& entropy) {
    const std::size_t start = begin_record(out, 'S');
    for (const std::uint64_t word : entropy) put(out, word, 8);
    end_record(out, start);
}

void write_turn_begin(std::vector<std::uint8_t>& out, const Event& event, Instant now,
                      WallTime wall) {
    const std::size_t start = begin_record(out, 'E');
    put(out, static_cast<std::uint64_t>(now.time_since_epoch().count()), 8);
    put(out, static_cast<std::uint64_t>(wall.time_since_epoch().count()), 8);
    encode(out, event);
    end_record(out, start);
}

void write_turn_end(std::vector<std::uint8_t>& out, std::span<const Effect> effects) {
    const std::size_t start = begin_record(out, 'H');
    const Hash128 hash = hash_of(effects);
    put(out, hash.high, 8);
    put(out, hash.low, 8);
    end_record(out, start);
}

Result<Recording, std::string> Recording::open(Bytes bytes) {
    constexpr std::size_t fixed = magic.size() + 8 + 8;
    if (bytes.size() < fixed || bytes.slice(0, magic.size()).text() != magic)
        return unexpected("not a recording: it does not begin with " + std::string(magic));
    const std::uint64_t setup_size = number_at(bytes, magic.size() + 8, 8);
    if (setup_size > bytes.size() - fixed || bytes.size() - fixed - setup_size < crc_size)
        return unexpected(std::string("the recording ends within its header"));
    const std::size_t end = fixed + setup_size;
    if (crc32c(bytes.view().first(end)) != number_at(bytes, end, crc_size))
        return unexpected(std::string("the recording's header is damaged"));
    Recording recording;
    recording.header_.seed = number_at(bytes, magic.size(), 8);
    recording.header_.setup = bytes.slice(fixed, setup_size).text();
    recording.at_ = end + crc_size;
    recording.bytes_ = std::move(bytes);
    return recording;
}

std::optional<Recording::Record> Recording::record_at(std::size_t at) const {
    const std::size_t left = bytes_.size() - at;
    if (left < prefix_size + crc_size) return std::nullopt;
    const std::uint64_t size = number_at(bytes_, at + 1, 8);
    if (size > left - prefix_size - crc_size) return std::nullopt;
    const std::size_t crc_at = at + prefix_size + size;
    if (crc32c(bytes_.view().subspan(at, prefix_size + size)) !=
        number_at(bytes_, crc_at, crc_size))
        return std::nullopt;
    return Record{static_cast<char>(bytes_[at]), bytes_.slice(at + prefix_size, size),
                  crc_at + crc_size};
}

Result<std::optional<RecordedTurn>, std::string> Recording::next() {
    auto begin = record_at(at_);
    RecordedTurn turn;
    if (begin && begin->kind == 'S' && begin->payload.size() == sizeof(Randoms::Entropy)) {
        turn.secret.emplace();
        for (std::size_t i = 0; i < turn.secret->size(); ++i)
            (*turn.secret)[i] = number_at(begin->payload, 8 * i, 8);
        begin = record_at(begin->end);
    }
    if (!begin) return std::nullopt;
    constexpr std::size_t times = 16;
    if (begin->kind != 'E' || begin->payload.size() < times)
        return unexpected("no turn begins at byte " + std::to_string(at_));
    turn.now = Instant(Duration(static_cast<std::int64_t>(number_at(begin->payload, 0, 8))));
    turn.wall =
        WallTime(WallTime::duration(static_cast<std::int64_t>(number_at(begin->payload, 8, 8))));
    std::size_t at = times;
    auto event = decode_event(begin->payload, at);
    if (!event) return unexpected("event at byte " + std::to_string(at_) + ": " + event.error());
    turn.event = std::move(*event);
    at_ = begin->end;
    if (const auto end = record_at(at_); end && end->kind == 'H' && end->payload.size() == 16) {
        turn.effects = Hash128{number_at(end->payload, 0, 8), number_at(end->payload, 8, 8)};
        at_ = end->end;
    }
    return turn;
}

Replay::Replay(Recording recording, Machine machine)
    : recording_(std::move(recording)),
      machine_(std::move(machine)),
      random_(recording_.header().seed) {
    advance();
}

bool Replay::step() {
    if (!next_) return false;
    effects_.clear();
    if (next_->secret) random_.feed_secret(*next_->secret);
    Turn turn{next_->now, next_->wall, random_, effects_};
    machine_.on(next_->event, turn);
    ++report_.turns;
    report_.ended_in_turn = !next_->effects;
    if (next_->effects && *next_->effects != hash_of(effects_)) {
        report_.difference = Difference{report_.turns, print(next_->event), {}};
        for (const Effect& effect : effects_) report_.difference->effects.push_back(print(effect));
        next_.reset();
        return true;
    }
    advance();
    return true;
}

const Replay::Report& Replay::finish() {
    while (step()) {}
    return report_;
}

void Replay::advance() {
    auto next = recording_.next();
    next_.reset();
    if (!next)
        report_.error = std::move(next.error());
    else
        next_ = std::move(*next);
    if (!next_) report_.tail = recording_.tail();
}

}  // namespace barnabas
