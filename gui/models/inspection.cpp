#include "gui/models/inspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/protocol/api_key.h"
#include "gui/store/words.h"

namespace barnabas::gui {
namespace {

using Line = Inspection::Line;
using Section = Inspection::Section;

constexpr std::size_t lines_of_history = 8;

std::string ago(Duration passed) { return short_time(passed) + " ago"; }

Section history(std::uint16_t node, const SessionInfo& info, const Snapshot& snapshot,
                const EventStore& events) {
    constexpr std::uint64_t look_back = 20'000;
    Section section{"Lately", {}};
    const std::uint64_t last = std::min(snapshot.position, events.size());
    for (std::uint64_t row = last; row > 0 && last - row < look_back; --row) {
        const EventRow event = events[row - 1];
        if (event.node != node) continue;
        std::string words = kind_words(event);
        const std::string& said = events.words(row - 1);
        if (event.peer != nobody) words += ", " + node_name(info, event.peer);
        if (!said.empty()) words += ": " + said;
        section.lines.push_back({ago(snapshot.playhead - event.at), words,
                                 event.kind == EventKind::received ? event.api : no_api});
        if (section.lines.size() == lines_of_history) break;
    }
    return section;
}

Section questions(std::uint16_t node, const SessionInfo& info, const Snapshot& snapshot) {
    Section section{"Waiting for answers", {}};
    for (const Question& question : snapshot.questions) {
        if (question.from != node && question.to != node) continue;
        if (question.asked > snapshot.playhead) continue;
        const bool asks = question.from == node;
        section.lines.push_back({api_words(question.api),
                                 fmt::format("{} {}, asked {}", asks ? "from" : "asked by",
                                             node_name(info, asks ? question.to : question.from),
                                             ago(snapshot.playhead - question.asked)),
                                 question.api});
    }
    return section;
}

Inspection of_node(std::uint16_t node, const SessionInfo& info, const Snapshot& snapshot,
                   const EventStore& events) {
    const NodeView& view = snapshot.nodes[node];
    Inspection inspection{
        info.nodes[node].name,
        fmt::format("{} · {}", role_words(info.nodes[node].role), status_words(view.status)),
        {}};
    Section state{"State", {}};
    for (const Fact& fact : view.facts) {
        const bool is_told_better =
            std::any_of(view.more_facts.begin(), view.more_facts.end(),
                        [&](const Fact& more) { return more.label == fact.label; });
        if (!is_told_better) state.lines.push_back({fact.label, fact.value});
    }
    for (const Fact& fact : view.more_facts) state.lines.push_back({fact.label, fact.value});
    Section process{"Process", {}};
    process.lines.push_back({"address", info.nodes[node].address});
    process.lines.push_back({"life", view.life <= 1
                                         ? std::string("the first")
                                         : fmt::format("{}, after {} restart{}", view.life,
                                                       view.life - 1, view.life == 2 ? "" : "s")});
    process.lines.push_back({"events taken", count_words(view.events)});
    process.lines.push_back({"events waiting", count_words(view.waiting)});
    if (view.busy_until > snapshot.playhead) {
        process.lines.push_back(
            {"busy for", short_time(view.busy_until - snapshot.playhead) + " more"});
    }
    Section faults{"Faults here", {}};
    for (const Band& band : joined(snapshot.bands)) {
        if (band.node != node && band.other != node) continue;
        if (band.from > snapshot.playhead) continue;
        if (band.until && *band.until < snapshot.playhead && band.kind != Band::Kind::mark)
            continue;
        faults.lines.push_back({ago(snapshot.playhead - band.from), band_words(band, info)});
    }
    for (Section* section : {&state, &process, &faults})
        if (!section->lines.empty()) inspection.sections.push_back(std::move(*section));
    for (Section section : {questions(node, info, snapshot), history(node, info, snapshot, events)})
        if (!section.lines.empty()) inspection.sections.push_back(std::move(section));
    return inspection;
}

std::string_view kind_of(MessageView::Kind kind) {
    switch (kind) {
        case MessageView::Kind::request: return "request";
        case MessageView::Kind::response: return "response";
        case MessageView::Kind::control: return "of the connection";
        case MessageView::Kind::part: break;
    }
    return "part of a frame";
}

Inspection of_message(const MessageView& message, const SessionInfo& info,
                      const Snapshot& snapshot) {
    const std::string from = node_name(info, message.from);
    const std::string to = node_name(info, message.to);
    Inspection inspection{
        fmt::format("{} {}", message.name, kind_of(message.kind)), from + " → " + to, {}};
    Section way{"Under way", {}};
    way.lines.push_back({"size", size_words(message.size)});
    if (message.sent > snapshot.playhead) {
        way.lines.push_back({"leaves", "in " + short_time(message.sent - snapshot.playhead) +
                                           ", when its sender's turn ends"});
    } else {
        way.lines.push_back(
            {"left", exact_time(message.sent) + ", " + ago(snapshot.playhead - message.sent)});
    }
    if (message.is_held) {
        way.lines.push_back({"arrives", "not while the link is cut or clogged"});
    } else {
        way.lines.push_back({"arrives", exact_time(message.arrives) + ", in " +
                                            short_time(message.arrives - snapshot.playhead)});
    }
    inspection.sections.push_back(std::move(way));
    if (message.api != no_api) {
        Section frame{"Frame", {}};
        frame.lines.push_back({"API",
                               fmt::format("{} (key {}), version {}", api_words(message.api),
                                           message.api, message.version),
                               message.api});
        frame.lines.push_back({"correlation id", std::to_string(message.correlation)});
        inspection.sections.push_back(std::move(frame));
        inspection.sections.push_back(
            {"What it is for", {{"", std::string(purpose_of_api(message.api)), no_api}}});
    }
    return inspection;
}

Inspection of_event(std::uint64_t row, const SessionInfo& info, const Snapshot& snapshot,
                    const EventStore& events) {
    const EventRow event = events[row];
    Inspection inspection{
        kind_words(event),
        fmt::format("event {} · {}", count_words(row + 1), node_name(info, event.node)),
        {}};
    Section facts{"Event", {}};
    facts.lines.push_back({"time", exact_time(event.at)});
    if (event.peer != nobody) facts.lines.push_back({"peer", node_name(info, event.peer)});
    if (event.sent < event.at) {
        facts.lines.push_back({"left its sender", exact_time(event.sent)});
        facts.lines.push_back({"on its way for", short_time(event.at - event.sent)});
    }
    if (event.size > 0) facts.lines.push_back({"size", size_words(event.size)});
    if (event.api != no_api) {
        facts.lines.push_back(
            {"API",
             fmt::format("{} (key {}), version {}", api_words(event.api), event.api, event.version),
             event.api});
    }
    facts.lines.push_back({"playhead", row < snapshot.position ? "behind it" : "still to come"});
    inspection.sections.push_back(std::move(facts));
    if (!events.words(row).empty())
        inspection.sections.push_back({"The node said", {{"", events.words(row), no_api}}});
    if (event.api != no_api) {
        inspection.sections.push_back(
            {"What it is for", {{"", std::string(purpose_of_api(event.api)), no_api}}});
    }
    return inspection;
}

Inspection of_run(const SessionInfo& info, const Snapshot& snapshot) {
    Inspection inspection{info.title, fmt::format("simulation · seed {}", info.seed), {}};
    Section here{"Here", {}};
    here.lines.push_back({"time", exact_time(snapshot.playhead)});
    here.lines.push_back({"events", count_words(snapshot.position)});
    here.lines.push_back({"under way", fmt::format("{} message{}", snapshot.messages.size(),
                                                   snapshot.messages.size() == 1 ? "" : "s")});
    here.lines.push_back({"open requests", count_words(snapshot.questions.size())});
    inspection.sections.push_back(std::move(here));
    Section faults{"Faults now", {}};
    for (const Band& band : joined(snapshot.bands)) {
        if (band.from > snapshot.playhead || band.kind == Band::Kind::mark) continue;
        if (band.until && *band.until <= snapshot.playhead) continue;
        faults.lines.push_back({ago(snapshot.playhead - band.from), band_words(band, info)});
    }
    if (faults.lines.empty()) faults.lines.push_back({"", "None at this instant.", no_api});
    inspection.sections.push_back(std::move(faults));
    Section next{"Next in the scenario", {}};
    for (const PlannedAction& action : info.planned) {
        if (action.at <= snapshot.playhead) continue;
        next.lines.push_back({"in " + short_time(action.at - snapshot.playhead), action.words});
        if (next.lines.size() == 4) break;
    }
    if (!next.lines.empty()) inspection.sections.push_back(std::move(next));
    inspection.sections.push_back(
        {snapshot.at_end ? "Trace hash of the run" : "Trace hash up to here",
         {{"", snapshot.hash.hex(), no_api}}});
    inspection.sections.push_back(
        {"", {{"", "Click a node, a message or an event to see more of it.", no_api}}});
    return inspection;
}

}  // namespace

std::string Inspection::text() const {
    std::string text = title + "\n" + subtitle + "\n";
    for (const Section& section : sections) {
        if (!section.title.empty()) text += "\n" + section.title + "\n";
        for (const Line& line : section.lines)
            text += line.label.empty() ? line.value + "\n" : line.label + ": " + line.value + "\n";
    }
    return text;
}

Inspection inspect(const Selection& selection, const SessionInfo& info, const Snapshot& snapshot,
                   const EventStore& events) {
    if (const auto* key = std::get_if<SelectedNode>(&selection)) {
        if (key->node < snapshot.nodes.size()) return of_node(key->node, info, snapshot, events);
    }
    if (const auto* key = std::get_if<SelectedMessage>(&selection)) {
        if (const MessageView* message = find_message(snapshot, *key))
            return of_message(*message, info, snapshot);
        return {"Message",
                node_name(info, key->from) + " → " + node_name(info, key->to),
                {{"",
                  {{"",
                    "It is not under way at this instant: it has arrived, was lost with "
                    "its connection, or has not left yet.",
                    no_api}}}}};
    }
    if (const auto* key = std::get_if<SelectedEvent>(&selection)) {
        if (key->row < events.size()) return of_event(key->row, info, snapshot, events);
    }
    return of_run(info, snapshot);
}

std::string_view purpose_of_api(std::int16_t api) {
    switch (protocol::ApiKey(api)) {
        case protocol::ApiKey::produce:
            return "A producer hands batches of records to the leader of their partitions. With "
                   "acks=all the answer waits until every in-sync replica has them.";
        case protocol::ApiKey::fetch:
            return "A consumer or a follower asks for the records from an offset on. When there "
                   "are none yet, the broker holds the request until some come or the wait is "
                   "over.";
        case protocol::ApiKey::list_offsets:
            return "Asks at which offset a partition begins, ends, or reaches a timestamp.";
        case protocol::ApiKey::metadata:
            return "Asks which brokers there are and who leads each partition.";
        case protocol::ApiKey::api_versions:
            return "The first question on a connection: which APIs the broker serves, in which "
                   "versions.";
        case protocol::ApiKey::create_topics:
            return "Asks for new topics. The answer comes when their records are committed in the "
                   "cluster's metadata.";
        case protocol::ApiKey::vote: return "A candidate asks a voter of the quorum for its vote.";
        case protocol::ApiKey::broker_heartbeat:
            return "A broker tells the controller that it is alive.";
        default: return "An API of the Kafka protocol.";
    }
}

}  // namespace barnabas::gui
