#include "gui/session/sim_session.h"

#include <algorithm>

namespace barnabas::gui {
namespace {

// A window draws about so often; nothing is published more often while the run goes on.
constexpr std::chrono::milliseconds frame{16};

SessionInfo completed(SessionInfo info, const sim::World& world) {
    info.seed = world.seed();
    for (std::uint32_t i = static_cast<std::uint32_t>(info.nodes.size()); i < world.nodes(); ++i)
        info.nodes.push_back({world.name(sim::NodeIndex(i)), world.address(sim::NodeIndex(i)), {}});
    return info;
}

}  // namespace

SimSession::SimSession(Subject start, SessionInfo info)
    : info_(completed(std::move(info), start.world())),
      store_(start.world().nodes()),
      here_{std::move(start), {}} {
    checkpoints_.offer(0, here_);
    publish();
    thread_ = std::jthread([this] { work(); });
}

SimSession::~SimSession() {
    {
        const std::lock_guard lock(mutex_);
        is_closing_ = true;
    }
    posted_.notify_all();
}

std::uint64_t SimSession::post(Command command) {
    std::uint64_t ticket = 0;
    {
        const std::lock_guard lock(mutex_);
        ticket = ++last_ticket_;
        queue_.push_back({command, ticket});
    }
    posted_.notify_all();
    return ticket;
}

bool SimSession::wait(std::uint64_t ticket, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return published_.wait_for(lock, patience, [&] { return slot_.get()->ticket >= ticket; });
}

void SimSession::work() {
    bool is_resting = true;
    for (;;) {
        std::optional<Posted> posted;
        {
            std::unique_lock lock(mutex_);
            const auto has_news = [this] { return is_closing_ || !queue_.empty(); };
            if (is_resting && std::holds_alternative<Playing>(goal_))
                posted_.wait_for(lock, frame, has_news);
            else if (is_resting)
                posted_.wait(lock, has_news);
            if (is_closing_) return;
            if (!queue_.empty()) {
                posted = queue_.front();
                queue_.pop_front();
            }
        }
        if (posted) {
            carry_out(posted->command);
            // A seek's own ticket is given back when it has arrived; the next command's arrival
            // covers it too.
            ticket_ = posted->ticket;
        }
        breath_ = Clock::now() + frame;
        is_resting = pursue();
        publish();
    }
}

void SimSession::carry_out(const Command& command) {
    struct Visitor {
        SimSession& session;
        void operator()(const command::Play&) const {
            if (session.is_over_) session.go_to(0), session.playhead_ = Instant();
            session.play_from_here();
        }
        void operator()(const command::Pause&) const { session.goal_ = Idle{}; }
        void operator()(const command::SetSpeed& wanted) const {
            session.speed_ = std::clamp(wanted.seconds_per_second, 1e-6, 1e4);
            if (std::holds_alternative<Playing>(session.goal_)) session.play_from_here();
        }
        void operator()(const command::Step& wanted) const {
            const auto events = static_cast<std::uint64_t>(wanted.events);
            const std::uint64_t here = session.position_;
            if (wanted.events < 0)
                session.goal_ = ToPosition{here - std::min(here, 0 - events)};
            else
                session.goal_ = ToPosition{here + events};
        }
        void operator()(const command::SeekTime& wanted) const {
            session.goal_ = ToTime{std::max(wanted.time, Instant())};
        }
        void operator()(const command::SeekPosition& wanted) const {
            session.goal_ = ToPosition{wanted.position};
        }
        void operator()(const command::SeekEnd&) const { session.goal_ = ToEnd{}; }
    };
    std::visit(Visitor{*this}, command);
}

bool SimSession::pursue() {
    return std::visit([this](const auto& goal) { return pursue(goal); }, decltype(goal_)(goal_));
}

bool SimSession::pursue(const Playing& playing) {
    const std::chrono::duration<double, std::nano> passed = Clock::now() - playing.since;
    const double ahead = std::min(passed.count() * speed_, 9e17);
    const Instant target = playing.at + Duration(static_cast<std::int64_t>(ahead));
    while (!is_over_ && !must_pause_for_breath()) {
        const bool is_known = position_ < store_.size();
        const auto next =
            is_known ? std::optional(store_.time(position_)) : here_.subject.world().next_at();
        if (next && *next > target) {
            playhead_ = std::max(playhead_, target);
            return true;
        }
        if (!step()) break;
        playhead_ = here_.subject.world().now();
    }
    if (is_over_) {
        arrive();
        return true;
    }
    play_from_here();  // too slow for the speed that was asked for: the clock waits for the run
    return false;
}

bool SimSession::pursue(const ToTime& goal) {
    if (store_.size() > 0 && goal.time < store_.time(store_.size() - 1)) {
        go_to(store_.until(goal.time));
        while (position_ < store_.until(goal.time)) {
            if (must_pause_for_breath()) return false;
            if (!step()) break;
        }
        arrive();
        playhead_ = std::max(playhead_, goal.time);
        return true;
    }
    // Only a step into the unknown tells when the next event is: one step too far and back.
    while (here_.subject.world().now() <= goal.time) {
        if (must_pause_for_breath()) return false;
        if (!step()) {
            arrive();
            return true;
        }
    }
    return false;
}

bool SimSession::pursue(const ToPosition& goal) {
    go_to(goal.position);
    while (position_ < goal.position) {
        if (must_pause_for_breath()) return false;
        if (!step()) break;
    }
    arrive();
    return true;
}

bool SimSession::pursue(const ToEnd&) {
    while (step())
        if (must_pause_for_breath()) return false;
    arrive();
    return true;
}

bool SimSession::must_pause_for_breath() const {
    return position_ % 64 == 0 && Clock::now() >= breath_;
}

bool SimSession::step() {
    if (is_over_) return false;
    if (store_.is_full() || !here_.subject.step()) {
        is_over_ = true;
        return false;
    }
    Watch::Seen seen = here_.watch.look(here_.subject.world());
    if (position_ == store_.size()) {
        store_.append(seen.row, std::move(seen.words));
    } else {
        CHECK(store_.time(position_) == seen.row.at);  // a replay is the same run
    }
    ++position_;
    checkpoints_.offer(position_, here_);
    return true;
}

void SimSession::go_to(std::uint64_t position) {
    const auto& kept = checkpoints_.nearest(position);
    const bool is_near = position_ <= position && kept.position <= position_;
    if (is_near) return;
    here_ = kept.state;
    position_ = kept.position;
    is_over_ = false;
}

void SimSession::play_from_here() { goal_ = Playing{Clock::now(), playhead_}; }

void SimSession::arrive() {
    goal_ = Idle{};
    playhead_ = here_.subject.world().now();
}

void SimSession::publish() {
    auto snapshot = std::make_shared<Snapshot>();
    const sim::World& world = here_.subject.world();
    snapshot->position = position_;
    snapshot->now = world.now();
    snapshot->playhead = std::max(playhead_, world.now());
    // At the end it is the run's own, which says what state each node was left in.
    snapshot->hash = is_over_ ? world.final_hash() : world.trace_hash();
    for (std::uint32_t i = 0; i < world.nodes(); ++i) {
        const sim::NodeIndex node(i);
        NodeView view{.status = status_of(world.state(node)),
                      .events = world.events_of(node),
                      .life = world.life(node),
                      .waiting = world.waiting_events(node),
                      .busy_until = world.busy_until(node)};
        here_.subject.describe(node, view);
        snapshot->nodes.push_back(std::move(view));
    }
    here_.watch.fill(*snapshot, world);
    snapshot->seen = store_.size();
    if (snapshot->seen > 0) snapshot->seen_until = store_.time(snapshot->seen - 1);
    if (position_ == snapshot->seen) bands_ = snapshot->bands;
    snapshot->bands = bands_;
    snapshot->at_end = is_over_;
    if (is_over_) {
        const Verdict verdict = here_.subject.verdict();
        snapshot->verdict = verdict.words;
        snapshot->verdict_is_good = verdict.is_good;
    }
    if (const auto& stop = world.stopped()) snapshot->trouble = stop->message;
    snapshot->is_playing = std::holds_alternative<Playing>(goal_);
    snapshot->is_seeking = !snapshot->is_playing && !std::holds_alternative<Idle>(goal_);
    snapshot->speed = speed_;
    snapshot->ticket = snapshot->is_seeking ? slot_.get()->ticket : ticket_;
    {
        const std::lock_guard lock(mutex_);
        slot_.put(std::move(snapshot));
    }
    published_.notify_all();
}

}  // namespace barnabas::gui
