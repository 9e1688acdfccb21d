#include "engine/records/prepared.h"

#include <array>

#include "engine/base/big_endian.h"

namespace barnabas::records {

Chain stamp(const Prepared& prepared, Offset base_offset, LeaderEpoch leader_epoch) {
    BatchHeader header = prepared.header;
    header.base_offset = base_offset;
    header.leader_epoch = leader_epoch;
    std::array<std::uint8_t, batch_head_bytes> head;
    header.store(head.data());
    const std::size_t fresh = prepared.head_changed ? batch_head_bytes : stamped_bytes;
    Chain chain(Bytes::copy(ByteView(head.data(), fresh)));
    chain.push(prepared.batch.from(fresh));
    return chain;
}

}  // namespace barnabas::records
