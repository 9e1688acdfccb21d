// Messages as JSON in Kafka's own naming, both ways, by their schemas.
//
// Written: every field that the version has, tagged ones at their default too; tagged fields that
// no description knows as "unknownTaggedFields" with their bytes. Read: a tagged field may be left
// out; any other name that is missing, or that the version does not have, is an error. Numbers of
// 64 bits survive both ways; bytes stand as base64, UUIDs as Kafka prints them.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/protocol/codec_error.h"
#include "engine/protocol/schema.h"

namespace barnabas::protocol {

// A whole body as JSON of one line. Needs: a version that the message has.
Result<std::string, CodecError> json_of(const Schema& message, const Format& format,
                                        const Bytes& body, std::int16_t version);
Result<Bytes, CodecError> body_of(const Schema& message, const Format& format,
                                  std::string_view json, std::int16_t version);

}  // namespace barnabas::protocol
