// Events, messages and times in words, as the event list, the inspector and labels say them.
#pragma once

#include <string>

#include "gui/store/snapshot.h"

namespace barnabas::gui {

// "12.481 903 s": seconds, with milli- and microseconds in a group of their own.
std::string exact_time(Instant time);
// "1.204 ms", "90 ms", "12 s": three digits or so.
std::string short_time(Duration time);
// "412 B", "16.4 KB".
std::string size_words(std::uint64_t bytes);
// "48,112".
std::string count_words(std::uint64_t count);

// "Produce", "Api 4711", or "frame" for no API.
std::string api_words(std::int16_t api);
// "running", "killed".
std::string_view status_words(Status status);
std::string_view role_words(Role role);

// The kind of an event in one or two words: "Produce request", "timer".
std::string kind_words(const EventRow& event);
// What it is about: "from till, 412 B", and what the machine said.
std::string detail_words(const EventRow& event, const std::string& said, const SessionInfo& info);
std::string node_name(const SessionInfo& info, std::uint16_t node);

// The same with the two directions of one fault on one link as one band.
std::vector<Band> joined(const std::vector<Band>& bands);
// "cut till → broker-1 for 3 s".
std::string band_words(const Band& band, const SessionInfo& info);

}  // namespace barnabas::gui
