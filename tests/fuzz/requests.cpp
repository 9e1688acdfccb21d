// libFuzzer on foreign requests: what is done with them, and what must hold whatever they are.
#include "engine/protocol/frame.h"
#include "engine/protocol/registry.h"
#include "tests/engine/protocol/typed/typed.h"

namespace barnabas::fuzz {
namespace {

// A request without its length, as a broker reads it: header, then the body of any API. What could
// be read can be written, and then reads as the same again.
void read_request(ByteView input) {
    const Bytes frame = Bytes::copy(input);
    std::size_t at = 0;
    const auto header = protocol::decode_header(frame, at);
    if (!header) return;
    CHECK(at <= frame.size());
    const auto* type = protocol::find_message(header->api_key, protocol::Kind::request);
    CHECK(type != nullptr);
    const Bytes body = frame.from(at);
    const auto written = protocol::rewrite(*type, body, header->api_version);
    if (!written) return;
    const auto again = protocol::rewrite(*type, *written, header->api_version);
    CHECK(again.has_value());
    CHECK(*again == *written);
    CHECK(type->to_json(body, header->api_version).has_value());
}

}  // namespace
}  // namespace barnabas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    barnabas::fuzz::read_request({data, size});
    return 0;
}
