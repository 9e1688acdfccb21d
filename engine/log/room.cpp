#include "engine/log/room.h"

#include "engine/log/log_parts.h"
#include "engine/runtime/visit.h"

namespace barnabas::log {

bool Room::admits(const Turn& turn) {
    if (!is_full_) return true;
    if (is_probing_ || turn.now < probe_at_) return false;
    return is_probing_ = true;
}

void Room::refuse(std::string_view what, const LogParts& log, Turn& turn) {
    if (!is_full_)
        turn.note(Occurrence::Kind::storage, log.partition.text(),
                  "the disk is full (" + std::string(what) + "): appends are refused, reads go on",
                  Severity::error);
    is_full_ = true;
    is_probing_ = false;
    probe_at_ = turn.now + probe_interval;
}

void Room::note_room(const LogParts& log, Turn& turn) {
    is_probing_ = false;
    if (std::exchange(is_full_, false))
        turn.note(Occurrence::Kind::storage, log.partition.text(), "there is room again");
}

}  // namespace barnabas::log
