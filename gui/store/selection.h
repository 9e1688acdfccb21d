// What is selected, or under the mouse: one thing or nothing.
#pragma once

#include <variant>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

struct SelectedNode {
    std::uint16_t node = nobody;
    friend bool operator==(const SelectedNode&, const SelectedNode&) = default;
};

// A message by what tells it from all others, so that it is found again at another instant.
struct SelectedMessage {
    std::uint32_t connection = 0;
    std::uint16_t from = nobody;
    std::uint16_t to = nobody;
    Instant sent;
    friend bool operator==(const SelectedMessage&, const SelectedMessage&) = default;
};

struct SelectedEvent {
    std::uint64_t row = 0;
    friend bool operator==(const SelectedEvent&, const SelectedEvent&) = default;
};

using Selection = std::variant<std::monostate, SelectedNode, SelectedMessage, SelectedEvent>;

inline SelectedMessage key_of(const MessageView& message) {
    return {message.connection, message.from, message.to, message.sent};
}

inline const MessageView* find_message(const Snapshot& snapshot, const SelectedMessage& key) {
    for (const MessageView& message : snapshot.messages)
        if (key_of(message) == key) return &message;
    return nullptr;
}

}  // namespace barnabas::gui
