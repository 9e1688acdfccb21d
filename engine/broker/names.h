// Who owns a token or a file id: the topmost byte says. Ids below it are the owner's own.
#pragma once

#include "engine/runtime/ids.h"

namespace barnabas::broker::names {

constexpr int owner_bit = 56;
constexpr std::uint64_t owned_by(std::uint64_t owner) { return owner << owner_bit; }

constexpr std::uint64_t startup = owned_by(1);
constexpr std::uint64_t metadata_log = owned_by(2);
constexpr std::uint64_t replicas = owned_by(3);  // then the replica's slot, then 24 bits of its log
constexpr std::uint64_t timers = owned_by(4);
constexpr std::uint64_t checkpoints = owned_by(5);
constexpr std::uint64_t cleaner = owned_by(6);
constexpr std::uint64_t checks = owned_by(7);  // then the replica's slot

constexpr Token checkpoints_job{checkpoints};

constexpr std::uint64_t owner_of(Token token) { return token.value() >> owner_bit << owner_bit; }

constexpr Token fetch_deadline{timers | 1};
constexpr Token checkpoint_due{timers | 2};
constexpr Token clean_up_due{timers | 3};
constexpr Token cleaner_due{timers | 4};
constexpr Token start_checkpoint_due{timers | 5};
constexpr Token flush_due{timers | 6};
constexpr Token snapshot_due{timers | 7};
constexpr Token room_due{timers | 8};
constexpr Token producers_due{timers | 9};
constexpr Token patience_due{timers | 10};  // with frames whose bytes do not come
constexpr Token sent_due{timers | 11};      // a look at what peers have taken
constexpr Token take_up_due{timers | 12};   // requests that were put off
constexpr Token controller_due{timers | 14};  // the next slice of what it was asked
constexpr Token job_due{timers | 13};  // the next slice of what clients asked for

}  // namespace barnabas::broker::names
