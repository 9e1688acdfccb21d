#include "sim/world/effects.h"

namespace barnabas::sim {
namespace {

bool is_storage(const Effect& wanted) {
    return std::visit(
        [](const auto& one) {
            using Wanted = std::remove_cvref_t<decltype(one)>;
            return requires { one.operation; } || std::is_same_v<Wanted, effect::Close>;
        },
        wanted);
}

}  // namespace

std::uint64_t bytes_moved(const Event& event, std::span<const Effect> effects) {
    std::uint64_t bytes = 0;
    if (const auto* received = std::get_if<event::Received>(&event)) bytes = received->frame.size();
    if (const auto* done = std::get_if<event::StorageDone>(&event)) bytes = done->bytes.size();
    for (const Effect& effect : effects) {
        if (const auto* send = std::get_if<effect::Send>(&effect)) bytes += send->bytes.size();
        if (const auto* write = std::get_if<effect::Write>(&effect)) bytes += write->bytes.size();
    }
    return bytes;
}

void Carrier::carry_out(const Effect& wanted) {
    if (const auto* sending = std::get_if<effect::SendFile>(&wanted)) {
        send_file(*sending, wanted);
    } else if (is_storage(wanted)) {
        world.submit(index, wanted, departs);
    } else {
        std::visit(*this, wanted);
    }
}

void Carrier::operator()(const effect::ArmTimer& wanted) {
    Timer& timer = node.timers[wanted.timer];
    timer.at = wanted.at;
    timer.is_armed = true;
    world.queue_timer(index, wanted.timer, timer);
}

void Carrier::operator()(const effect::DisarmTimer& wanted) {
    const auto found = node.timers.find(wanted.timer);
    if (found == node.timers.end()) return;
    found->second.is_armed = false;
    if (!found->second.is_queued) node.timers.erase(found);
}

void Carrier::operator()(const effect::Listen& wanted) {
    world.prepare(index, world.network_.listen(index, wanted));
}
void Carrier::operator()(const effect::Unlisten& wanted) {
    world.network_.unlisten(index, wanted.listener);
}
void Carrier::operator()(const effect::Dial& wanted) {
    world.network_.dial(index, wanted, departs);
}
void Carrier::operator()(const effect::Admit& wanted) { world.network_.admit(index, wanted); }
void Carrier::operator()(const effect::Pause& wanted) {
    world.network_.pause(index, wanted.connection);
}
void Carrier::operator()(const effect::Resume& wanted) {
    world.network_.resume(index, wanted.connection);
}
void Carrier::operator()(const effect::HangUp& wanted) {
    world.network_.hang_up(index, wanted.connection, departs);
}
void Carrier::operator()(const effect::Send& wanted) {
    world.network_.send(index, wanted.connection, wanted.bytes, departs);
}
// At once when nothing of that file is under way; else behind what is, and in line on the
// connection.
void Carrier::send_file(const effect::SendFile& wanted, const Effect& whole) {
    if (!node.disk.is_idle(wanted.file)) {
        const std::uint32_t slot = world.submit(index, whole, departs);
        world.network_.promise(index, wanted.connection, std::uint64_t{slot} + 1, wanted.length);
        return;
    }
    const Chain bytes = node.disk.read_now(wanted.file, wanted.position, wanted.length);
    if (bytes.size() < wanted.length) {
        world.network_.break_off(index, wanted.connection, departs);
    } else {
        world.network_.send(index, wanted.connection, bytes, departs);
    }
}

void Carrier::operator()(const effect::Continue& wanted) {
    node.continues.push(wanted.job);
    world.plan_turn(index);
}

// The work is done here and now; that it takes time, and overtakes other work, is seen when its
// result comes.
void Carrier::operator()(const effect::Compute& wanted) {
    const Computation compute = node.machine.computation();
    CHECK(compute != nullptr);
    world.deliver_later(index, {wanted.job, compute(wanted)},
                        wanted.terms.size() + wanted.input.size(), departs);
}

void Carrier::operator()(const effect::Exit& wanted) {
    node.exit_code = wanted.code;
    world.count({.kind = Deed::Kind::exit, .node = index, .amount = wanted.code});
    world.end_life(index, NodeState::exited);
}

}  // namespace barnabas::sim
