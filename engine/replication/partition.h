// A partition of which this node has a copy: its log, its settings, and the role that it plays.
//
// Offline: it takes and answers nothing here, whoever leads it. Leader: what only a leader has, so
// that nothing else can hold it.
#pragma once

#include <optional>
#include <variant>

#include "engine/base/cow.h"
#include "engine/base/queue.h"
#include "engine/log/partition_log.h"
#include "engine/metadata/image.h"
#include "engine/records/compression.h"
#include "engine/replication/watches.h"
#include "engine/settings/topic_settings.h"

namespace barnabas::replication {

struct Offline {};

struct Leader {
    // A produced batch that is answered when the log may acknowledge all below `until`.
    struct Unacknowledged {
        Offset until;
        Asker asker;
        Appended answer;
    };

    LeaderEpoch epoch{0};
    std::uint16_t isr_size = 0;
    // Consumers see what lies below. With one replica that is all that the log may acknowledge; it
    // follows in Partition::move_high_watermark().
    Offset high_watermark{0};
    Offset last_stable{0};  // below it no transaction is undecided
    Queue<Unacknowledged> unacknowledged;  // ascending by `until`
    WatchList watchers;                    // who waits for more to read

    // A retry of a batch that is on its way waits for that batch, and so before others.
    void wait(Unacknowledged batch);
    // What a client is told whose leader epoch is another one; -1 asks for no check.
    protocol::ErrorCode check_epoch(std::int32_t epoch_of_client) const;
};

struct Partition {
    Partition(TopicPartition name, const TopicId& topic_id, Cow<settings::TopicSettings> settings,
              log::PartitionLog log);

    TopicPartition name;
    TopicId topic_id;
    Cow<settings::TopicSettings> settings;
    std::optional<records::Compression> compression;  // nothing: as the producer chose
    log::PartitionLog log;
    std::variant<Offline, Leader> role;

    void set_settings(Cow<settings::TopicSettings> settings);
    Leader* leader() { return std::get_if<Leader>(&role); }
    const Leader* leader() const { return std::get_if<Leader>(&role); }
    // Why nothing is served, if so. Else there is a leader, and the log is open.
    protocol::ErrorCode standing() const;
    // Likewise for a batch of a producer that waits for so many acknowledgements.
    protocol::ErrorCode standing(std::int16_t acks) const;
    Offset high_watermark() const;
    // To be called when the log may acknowledge more. Nothing when neither it nor what is stable
    // moved; else whether the latter did. Needs: leader().
    std::optional<bool> move_high_watermark();
    // Up to where a client sees records. Needs: leader().
    Offset visible_end(bool is_committed_only) const;

    void digest(Hasher& hasher) const;
};

}  // namespace barnabas::replication
