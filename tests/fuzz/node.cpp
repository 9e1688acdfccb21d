// libFuzzer on a whole node: its bytes are the choices of the conversation, and what must hold
// whatever is asked stands there.
#include <cstdio>

#include "tests/engine/broker/conversation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace barnabas;
    broker::Conversation conversation{support::Dice(ByteView(data, size))};
    const auto wrong = conversation.run(25);
    if (!wrong) return 0;
    std::fprintf(stderr, "%s\n", wrong->c_str());
    std::abort();
}
