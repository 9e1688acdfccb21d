#include "sim/checkers/exits.h"

#include <fmt/format.h>

#include "sim/clients/admin_node.h"

namespace barnabas::sim {
namespace {

// What befell its storage in this life, or had not ended when that began.
Harm::Excuse fault_behind(const Sight& sight) {
    return sight.harm.of_storage(sight.node, {}, sight.harm.started(sight.node) + Duration(1));
}

}  // namespace

std::string Exits::rest(const Sight& sight) const {
    return sight.cast.brokers.empty() ? "there is no broker" : "";
}

void Exits::look(const Sight& sight) {
    if (sight.cast.broker(sight.node) == nullptr) return;
    const bool has_ended = sight.world.state(sight.node) == NodeState::exited;
    if (!has_ended) {
        ended_.erase(sight.node);
    } else if (ended_.insert(sight.node).second) {
        judge_end(sight);
    }
    if (sight.deed != nullptr) {
        judged();
        if (sight.deed->kind == Deed::Kind::order) told_to_stop_.insert(sight.node);
        if (sight.deed->kind == Deed::Kind::restart) told_to_stop_.erase(sight.node);
        return;
    }
    for (std::size_t i = 0; i < sight.last().carried_out; ++i) {
        const auto* note = std::get_if<effect::Note>(&sight.last().effects[i]);
        if (note == nullptr || note->what.severity != Severity::error) continue;
        judged();
        if (fault_behind(sight)) continue;
        report("alarmed", fmt::format("{} noted an error, and nothing had befallen it: {}: {}",
                                      sight.world.name(sight.node), note->what.subject,
                                      note->what.text));
    }
}

void Exits::judge_end(const Sight& sight) {
    judged();
    const int code = sight.world.exit_code(sight.node);
    const std::string what = fmt::format("{} ended with {} at {}", sight.world.name(sight.node),
                                         code, Harm::text(sight.now()));
    if (code == 0 && told_to_stop_.contains(sight.node)) return;
    if (const auto excuse = fault_behind(sight)) {
        ends_.push_back(what + ": " + *excuse);
    } else {
        report("exited", what + (code == 0 ? ", and nobody had told it to stop"
                                           : ", and nothing had befallen its storage"));
    }
}

void Exits::finish(const Sight& sight) {
    judged();
    if (const auto& stop = sight.world.stopped())
        report("stopped", stop->message + " in " + stop->node_name + " at " + stop->event);
    if (!sight.cast.admin) return;
    const auto* admin = sight.world.machine(*sight.cast.admin).as<AdminNode>();
    if (admin == nullptr) return;
    for (const std::string& refusal : admin->refusals()) report("refused", refusal);
}

}  // namespace barnabas::sim
