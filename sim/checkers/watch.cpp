#include "sim/checkers/watch.h"

#include <utility>

#include "sim/clients/admin_node.h"
#include "sim/clients/producer_node.h"

namespace barnabas::sim {
namespace {

template <class List>
void each_checker(List& checkers, auto&& on_checker) {
    std::apply([&](auto&... one) { (on_checker(one), ...); }, checkers);
}

bool has_error_note(const Happening& last) {
    return std::ranges::any_of(last.effects, [](const Effect& effect) {
        const auto* note = std::get_if<effect::Note>(&effect);
        return note != nullptr && note->what.severity == Severity::error;
    });
}

}  // namespace

Watch::Watch(Cast cast) : cast_(std::move(cast)) {
    std::set<std::string> topics, compacted;
    for (const Cast::Topic& topic : cast_.topics) {
        topics.insert(topic.name);
        if (topic.settings.is_compacted) compacted.insert(topic.name);
    }
    for (const Cast::Broker& broker : cast_.brokers) {
        logs_.emplace(broker.node, LogFollower(broker.directories, topics, compacted));
    }
    each_checker(checkers_, [&](auto& checker) {
        if constexpr (requires { checker.add(cast_); }) checker.add(cast_);
        counts_told_.push_back(0);
    });
}

Watch::Watch(const Watch& other) = default;
Watch::Watch(Watch&& other) noexcept = default;
Watch& Watch::operator=(const Watch& other) = default;
Watch& Watch::operator=(Watch&& other) noexcept = default;
Watch::~Watch() = default;

Sight Watch::sight_of(const World& world) const {
    return {world, cast_, harm_, logs_, world.last().node, world.last().deed()};
}

void Watch::look(const World& world) {
    const Happening& last = world.last();
    if (last.lost && logs_.contains(last.node)) before_harm(world, *last.lost, last.node);
    const bool is_deed = last.deed() != nullptr;
    Sight sight = sight_of(world);
    if (is_deed || !sight.is_up(last.node) || harm_.is_ending()) harm_.look(world);
    const std::int64_t second = world.now().time_since_epoch() / Duration(1s);
    sight.has_second_passed = std::exchange(second_, second) != second;
    bool is_news = is_deed || sight.has_second_passed || !sight.is_up(last.node);
    const Event* event = last.event();
    is_news |= event != nullptr && std::holds_alternative<event::Disconnected>(*event);
    is_news |= logs_.contains(last.node) ? look_at_broker(world, sight)
                                         : look_at_client(world, sight);
    if (is_news) show(sight);
    harmed_.reset();
}

bool Watch::look_at_client(const World& world, Sight& sight) {
    const NodeIndex node = sight.node;
    if (told_.size() < world.nodes()) told_.resize(world.nodes());
    Told& told = told_[node.value()];
    if (const auto* machine = world.machine(node).as<ProducerNode>()) {
        sight.fates = {machine->history(),
                       std::exchange(told.journal, machine->history().size())};
        return std::exchange(told.given, machine->next_number()) != machine->next_number() ||
               !sight.fates.empty();
    }
    if (const auto* machine = world.machine(node).as<ConsumerNode>()) {
        sight.seen = {machine->seen(), std::exchange(told.journal, machine->seen().size())};
        return !sight.seen.empty();
    }
    return cast_.admin == node;
}

// Files change when an operation is done, or when a dying process leaves some undone.
bool Watch::look_at_broker(const World& world, Sight& sight) {
    LogFollower& logs = logs_.at(sight.node);
    const Event* event = sight.last().event();
    changes_.clear();
    if (harmed_ == sight.node) {
        changes_ = logs.read_anew(world.disk(sight.node));
        sight.durable = &durable_;
    } else if (sight.deed != nullptr && sight.deed->kind == Deed::Kind::bit_flip) {
        changes_ = logs.spoil(world.disk(sight.node), sight.deed->path,
                              static_cast<std::uint64_t>(sight.deed->amount));
    } else if (event == nullptr || std::holds_alternative<event::StorageDone>(*event) ||
               !sight.is_up(sight.node)) {
        changes_ = logs.follow(world.disk(sight.node));
    }
    sight.changes = &changes_;
    return !changes_.empty() || has_error_note(sight.last());
}

void Watch::before_harm(const World& world, NodeIndex broker) {
    before_harm(world, world.disk(broker), broker);
}

void Watch::before_harm(const World& world, const Disk& disk, NodeIndex broker) {
    LogFollower& logs = logs_.at(broker);
    changes_ = logs.follow(disk);
    durable_ = logs.durable_ends(disk);
    harmed_ = broker;
    Sight sight = sight_of(world);
    sight.node = broker;
    sight.deed = nullptr;
    sight.changes = &changes_;
    each_checker(checkers_, [&](auto& checker) { checker.before(sight); });
    show(sight);
}

void Watch::show(const Sight& sight) {
    each_checker(checkers_, [&](auto& checker) {
        checker.count_look();
        checker.look(sight);
    });
    take_violations();
}

void Watch::finish(const World& world) {
    const Sight sight = sight_of(world);
    each_checker(checkers_, [&](auto& checker) { checker.finish(sight); });
    take_violations();
}

void Watch::judge_checkers(const World& world) {
    const Sight sight = sight_of(world);
    each_checker(checkers_, [&](auto& checker) {
        if (checker.tally().judgements > 0 || !checker.rest(sight).empty()) return;
        report("unjudged", std::string(checker.name) + " has judged nothing in all of this run");
    });
}

void Watch::take_violations() {
    std::size_t at = 0;
    each_checker(checkers_, [&](auto& checker) {
        const std::uint64_t told = std::exchange(counts_told_[at++], checker.violation_count());
        if (told == checker.violation_count()) return;
        violation_count_ += checker.violation_count() - told;
        for (auto i = told; i < checker.violations().size(); ++i) {
            if (violations_.size() == Judge::violations_kept) break;
            violations_.push_back(checker.violations()[i]);
        }
    });
}

void Watch::report(std::string rule, std::string text) {
    ++violation_count_;
    if (violations_.size() < Judge::violations_kept)
        violations_.push_back({std::move(rule), std::move(text)});
}

std::vector<Watch::Account> Watch::accounts(const World& world) const {
    std::vector<Account> all;
    const Sight sight = sight_of(world);
    each_checker(checkers_, [&](const auto& checker) {
        std::string rest = checker.tally().judgements > 0 ? std::string() : checker.rest(sight);
        all.push_back({std::string(checker.name), checker.tally(), std::move(rest)});
    });
    return all;
}

}  // namespace barnabas::sim
