// Looks at a world after every step and every deed, and shows the checkers what is new: what
// clients were told and saw, what stands in the logs of the brokers' disks, and what has befallen
// whom. Changes nothing.
//
//     Watch watch(cast);
//     watch.before_harm(world, broker);  before a deed that takes what was not flushed
//     watch.look(world);                 after every step and every deed
//     watch.finish(world);               once, at the end
#pragma once

#include "sim/checkers/checkers.h"

namespace barnabas::sim {

class Watch {
  public:
    explicit Watch(Cast cast);
    // Compiled once, not in every file that holds one: much state by value.
    Watch(const Watch& other);
    Watch(Watch&& other) noexcept;
    Watch& operator=(const Watch& other);
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

    void before_harm(const World& world, NodeIndex broker);
    void look(const World& world);
    void finish(const World& world);
    // Behind all other rules: who had something to judge, and did not.
    void judge_checkers(const World& world);

    template <Checker T>
    T& of() {
        return std::get<T>(checkers_);
    }
    template <Checker T>
    const T& of() const {
        return std::get<T>(checkers_);
    }
    const Cast& cast() const { return cast_; }
    const Harm& harm() const { return harm_; }
    const LogFollower& logs(NodeIndex broker) const { return logs_.at(broker); }

    // Of all checkers, in the order in which they were seen; the first of them.
    const std::vector<Violation>& violations() const { return violations_; }
    std::uint64_t violation_count() const { return violation_count_; }
    // A rule that somebody else saw broken.
    void report(std::string rule, std::string text);
    // Who asked a checker takes up what it has found out by that.
    void take_violations();

    // What each checker did.
    struct Account {
        std::string name;
        Tally tally;
        std::string rest;  // why it had nothing to judge; empty: it had
    };
    std::vector<Account> accounts(const World& world) const;

  private:
    struct Told {  // of what a client remembers, how much the checkers know
        std::size_t given = 0;
        std::size_t journal = 0;
    };

    Sight sight_of(const World& world) const;
    void before_harm(const World& world, const Disk& disk, NodeIndex broker);
    bool look_at_client(const World& world, Sight& sight);
    bool look_at_broker(const World& world, Sight& sight);
    void show(const Sight& sight);

    Cast cast_;
    Harm harm_;
    Logs logs_;
    std::vector<Told> told_;  // by node
    std::vector<LogChange> changes_;
    std::map<TopicPartition, Offset> durable_;  // before the harm under way
    std::optional<NodeIndex> harmed_;           // whose it is
    std::int64_t second_ = -1;
    Checkers checkers_;
    std::vector<std::uint64_t> counts_told_;  // of each checker's violations
    std::vector<Violation> violations_;
    std::uint64_t violation_count_ = 0;
};

}  // namespace barnabas::sim
