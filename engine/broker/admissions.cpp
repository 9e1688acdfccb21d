#include "engine/broker/admissions.h"

#include "engine/base/check.h"

namespace barnabas::broker {

void Admissions::release(std::uint64_t bytes) {
    CHECK(bytes <= held_);
    held_ -= bytes;
}

std::uint64_t Admissions::line_up(Line line, ConnectionId connection) {
    lines_[index(line)].emplace(++last_place_, connection);
    return last_place_;
}

std::optional<ConnectionId> Admissions::first(Line line) const {
    const auto& waiting = lines_[index(line)];
    if (waiting.empty()) return std::nullopt;
    return waiting.begin()->second;
}

void Admissions::end_run(ConnectionId connection, std::uint64_t before) {
    for (std::optional<Address>& runner : runners_)
        if (runner && runner->connection == connection && runner->sequence < before) runner.reset();
}

void Admissions::digest(Hasher& hasher) const {
    hasher.add(held_);
    for (const auto& waiting : lines_)
        for (const auto& [place, connection] : waiting) hasher.add(connection.value());
    for (const std::optional<Address>& runner : runners_)
        hasher.add(runner ? runner->connection.value() : 0);
}

}  // namespace barnabas::broker
