#include "engine/runtime/occurrence.h"

namespace barnabas {

std::string_view name_of(Occurrence::Kind kind) {
    using enum Occurrence::Kind;
    switch (kind) {
        case started: return "STARTED";
        case stopped: return "STOPPED";
        case listening: return "LISTENING";
        case formatted: return "FORMATTED";
        case role: return "ROLE";
        case metadata: return "METADATA";
        case partition: return "PARTITION";
        case high_watermark: return "HIGH WATERMARK";
        case segment: return "SEGMENT";
        case recovered: return "RECOVERED";
        case truncated: return "TRUNCATED";
        case refused: return "REFUSED";
        case storage: return "STORAGE";
        case setting: return "SETTING";
        case client: return "CLIENT";
    }
    return "UNKNOWN";
}

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::debug: return "debug";
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "unknown";
}

}  // namespace barnabas
