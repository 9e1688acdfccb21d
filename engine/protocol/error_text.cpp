#include "engine/protocol/error_text.h"

namespace barnabas::protocol {
namespace {

constexpr const char* ellipsis = "...";
constexpr std::size_t ellipsis_bytes = 3;

// A byte that goes on with a character of UTF-8. One has at most three of them: where more stand,
// the text is none.
bool goes_on(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }
constexpr std::size_t more_bytes_max = 3;

}  // namespace

std::string error_text(std::string text) {
    if (text.size() <= error_text_bytes_max) return text;
    constexpr std::size_t kept_max = error_text_bytes_max - ellipsis_bytes;
    std::size_t kept = kept_max;
    while (kept > kept_max - more_bytes_max && goes_on(text[kept])) --kept;
    text.resize(goes_on(text[kept]) ? kept_max : kept);
    text.shrink_to_fit();
    return text + ellipsis;
}

}  // namespace barnabas::protocol
