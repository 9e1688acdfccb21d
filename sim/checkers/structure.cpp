#include "sim/checkers/structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/node/node.h"
#include "engine/log/producer_snapshot.h"
#include "engine/log/verify.h"

namespace barnabas::sim {
namespace {

using log::FileKind;

constexpr Duration stop_most = 30s;
constexpr std::uint64_t index_interval = 4096;  // index.interval.bytes
constexpr Duration slack = 5s;  // for what is under way when an interval is over

// What failed stays out of service until the next start: Harm knows.
Harm::Excuse storage_excuse(const Sight& sight, NodeIndex broker) {
    return sight.harm.of_storage(broker, {}, sight.now() - slack);
}

// Nothing may be harmed that a stop needs.
Harm::Excuse excuse_of(const Sight& sight, NodeIndex broker) {
    if (auto found = storage_excuse(sight, broker)) return found;
    return sight.harm.of_process(broker, sight.now() - slack);
}

std::optional<TopicPartition> partition_of(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return std::nullopt;
    std::int32_t number = 0;
    for (const char c : name.substr(dash + 1)) {
        if (c < '0' || c > '9' || number > 1'000'000) return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return TopicPartition{std::string(name.substr(0, dash)), PartitionIndex(number)};
}

// Batches of one file, one after the other.
void each_batch(const Bytes& bytes, auto&& on_batch) {
    records::BatchReader reader(bytes);
    while (const auto batch = reader.next()) on_batch(*batch);
}

}  // namespace

std::string Structure::rest(const Sight& sight) const {
    if (sight.cast.brokers.empty()) return "there is no broker";
    if (sight.world.stopped()) return "the world has stopped";
    for (const Cast::Broker& broker : sight.cast.brokers) {
        if (auto excuse = excuse_of(sight, broker.node)) return *excuse;
    }
    return sight.now() < Instant(opening) ? "the run ended before it had begun" : "";
}

void Structure::look(const Sight& sight) {
    if (const Cast::Broker* broker = sight.cast.broker(sight.node)) {
        const bool is_clean = sight.world.state(broker->node) == NodeState::exited &&
                              sight.world.exit_code(broker->node) == 0;
        const std::uint32_t life = sight.world.life(broker->node);
        if (is_clean && std::exchange(judged_lives_[broker->node], life) != life) {
            judge_disk(sight, *broker, sight.world);
        }
    }
    if (!sight.has_second_passed) return;
    for (const Cast::Broker& broker : sight.cast.brokers) {
        judge_checkpoints(sight, broker);
        judge_places(sight, broker);
    }
}

void Structure::finish(const Sight& sight) {
    if (sight.world.stopped()) return;
    for (const Cast::Broker& broker : sight.cast.brokers) {
        const bool is_up = sight.world.state(broker.node) == NodeState::running;
        if (is_up && !excuse_of(sight, broker.node)) stop_and_judge(sight, broker);
    }
}

// The world itself goes no further: a copy does.
void Structure::stop_and_judge(const Sight& sight, const Cast::Broker& broker) {
    World copy = sight.world;
    copy.order(broker.node, Order::shut_down);
    const Instant limit = copy.now() + stop_most;
    while (copy.state(broker.node) == NodeState::running && copy.step_until(limit)) {}
    judged();
    if (copy.state(broker.node) != NodeState::exited || copy.exit_code(broker.node) != 0) {
        return report("unstopped", fmt::format("{} was told to stop at the end of the run and {}",
                                               sight.world.name(broker.node),
                                               copy.stopped() ? copy.stopped()->message
                                                              : "did not end with 0"));
    }
    for (const std::string& directory : broker.directories) {
        if (copy.disk(broker.node).read(directory + "/.kafka_cleanshutdown")) continue;
        report("unstopped", directory + " has no mark of the clean stop at the end of the run");
    }
    judge_disk(sight, broker, copy);
}

void Structure::judge_disk(const Sight& sight, const Cast::Broker& broker, const World& world) {
    if (storage_excuse(sight, broker.node)) return;
    const Disk& disk = world.disk(broker.node);
    std::map<std::string, Partition> partitions;
    disk.each_file([&](const std::string& path, FileNumber) {
        const std::size_t slash = path.rfind('/');
        if (slash == std::string::npos) return;
        const std::string above = path.substr(0, slash);
        for (const std::string& directory : broker.directories) {
            if (!above.starts_with(directory + '/')) continue;
            if (!disk.read(directory + "/.kafka_cleanshutdown")) continue;  // it was starting still
            const auto of = partition_of(std::string_view(above).substr(directory.size() + 1));
            if (!of) continue;
            Partition& partition = partitions[above];
            partition.path = above;
            partition.name = *of;
            partition.files.push_back(path.substr(slash + 1));
        }
    });
    for (const auto& [path, partition] : partitions) {
        judge_partition(sight, disk, partition, world.wall(broker.node).time_since_epoch().count());
    }
}

void Structure::judge_partition(const Sight& sight, const Disk& disk, const Partition& partition,
                                std::int64_t stopped_at) {
    judged();
    const bool is_metadata = sight.cast.topic(partition.name.topic) == nullptr;
    std::set<Offset> bases;
    for (const std::string& file : partition.files) {
        const auto meaning = log::meaning_of(file);
        const bool is_segment = meaning && meaning->what == log::NameMeaning::What::segment;
        if (is_segment && meaning->kind == FileKind::log) bases.insert(meaning->base);
    }
    Offset end{};
    std::vector<log::EpochStart> epochs;
    for (const Offset base : bases) end = judge_segment(disk, partition, base, epochs);
    if (is_metadata) return;  // its snapshots and state files are of another kind
    const std::string path = partition.path + "/leader-epoch-checkpoint";
    if (const auto text = disk.read(path)) {
        has_read(text->size());
        const auto stored = log::parse_epochs(text->text());
        if (!stored) {
            report("malformed", path + ": " + stored.error());
        } else {
            for (const std::string& what : log::check_epochs(*stored, epochs, end)) {
                report("malformed", path + ": " + what);
            }
        }
    } else if (!epochs.empty()) {
        report("malformed", path + " is not there");
    }
    judge_producers(sight, disk, partition, end, stopped_at);
    judge_names(partition, bases, end);
}

// Where it ends.
Offset Structure::judge_segment(const Disk& disk, const Partition& partition, Offset base,
                                std::vector<log::EpochStart>& epochs) {
    const auto path = [&](FileKind kind) {
        return partition.path + '/' + log::file_name(base, kind);
    };
    const Bytes bytes = disk.read(path(FileKind::log)).value_or(Bytes());
    has_read(bytes.size());
    log::SegmentCheck check(base, bytes.size(),
                            {disk.read(path(FileKind::index)), disk.read(path(FileKind::timeindex)),
                             disk.read(path(FileKind::txnindex))});
    while (!check.is_done()) check.feed(bytes.from(check.position()));
    for (const log::Finding& finding : check.findings()) {
        report("malformed", fmt::format("{}, byte {}: {}",
                                        path(finding.file.value_or(FileKind::log)),
                                        finding.position, finding.what));
    }
    for (const FileKind kind : {FileKind::index, FileKind::timeindex}) {
        if (!disk.read(path(kind))) report("malformed", path(kind) + " is not there");
    }
    // An entry is due behind so many bytes; a start forgets how many there were.
    const std::uint64_t stretch_most = 3 * index_interval + 2 * check.largest_batch();
    if (check.unlisted_bytes_most() > stretch_most) {
        report("malformed", fmt::format("{} has no entry for {} bytes in a row",
                                        path(FileKind::index), check.unlisted_bytes_most()));
    }
    if (check.batches() > 0 && check.last_listed_timestamp() < check.largest_timestamp()) {
        report("malformed", fmt::format("{} ends with timestamp {}, and the segment has {}",
                                        path(FileKind::timeindex), check.last_listed_timestamp(),
                                        check.largest_timestamp()));
    }
    for (const log::EpochStart& one : check.epochs()) {
        if (epochs.empty() || epochs.back().epoch < one.epoch) epochs.push_back(one);
    }
    return check.next_offset();
}

// What retention took may have left producers behind that the batches do not tell of any more.
void Structure::judge_producers(const Sight& sight, const Disk& disk, const Partition& partition,
                                Offset end, std::int64_t stopped_at) {
    log::ProducerStates replayed;
    for (const std::string& file : partition.files) {
        if (!file.ends_with(".log")) continue;
        const auto bytes = disk.read(partition.path + '/' + file);
        each_batch(*bytes, [&](const records::Batch& batch) {
            if (!batch.header.has_producer()) return;
            replayed.apply(batch.header, log::end_of_transaction_in(batch.header, batch.bytes));
        });
    }
    const std::int64_t expiration = sight.cast.settings.number("producer.id.expiration.ms");
    const std::int64_t moment =
        sight.cast.settings.number("log.retention.check.interval.ms") + slack / Duration(1ms);
    const std::string path = partition.path + '/' + log::snapshot_name(end);
    const auto bytes = disk.read(path);
    log::ProducerStates stored;
    if (bytes) {
        auto decoded = log::decode_snapshot(*bytes);
        if (!decoded) return report("malformed", path + ": " + decoded.error());
        stored = std::move(*decoded);
    }
    for (const auto& [id, producer] : stored.producers()) {
        judged();
        if (stopped_at - producer.last_timestamp <= expiration + moment) continue;
        report("forgetful", fmt::format("{} keeps producer id {}, which wrote last {} ms before",
                                        path, id.value(), stopped_at - producer.last_timestamp));
    }
    if (sight.cast.is_compacted(partition.name.topic)) return;
    for (const auto& [id, producer] : replayed.producers()) {
        judged();
        if (stopped_at - producer.last_timestamp >= expiration) continue;
        const log::ProducerStates::Producer* kept = stored.find(id);
        const log::ProducerStates::LastBatch* last = kept ? kept->last_batch() : nullptr;
        if (last != nullptr && *last == *producer.last_batch() && kept->epoch == producer.epoch) {
            continue;
        }
        report("forgetful", fmt::format("{} {} producer id {}, whose last batch ends at {}", path,
                                        kept ? "has another end for" : "lacks", id.value(),
                                        producer.last_batch()->last.value()));
    }
}

// A clean stop leaves a snapshot where the log ends then. The start reads it, and the next one
// removes it.
void Structure::judge_names(const Partition& partition, const std::set<Offset>& bases, Offset end) {
    bool is_of_stop_before = false;
    for (const std::string& file : partition.files) {
        const auto meaning = log::meaning_of(file);
        bool is_good = file == "leader-epoch-checkpoint" || file == "partition.metadata" ||
                       file.ends_with(".deleted");
        if (meaning && meaning->what == log::NameMeaning::What::segment)
            is_good = bases.contains(meaning->base);
        if (meaning && meaning->what == log::NameMeaning::What::snapshot)
            is_good = bases.contains(meaning->base) || meaning->base == end ||
                      (meaning->base < end && !std::exchange(is_of_stop_before, true));
        if (!is_good) report("left over", partition.path + '/' + file);
    }
}

// Of each log, where recovery must not begin before: its active segment began there so long ago, in
// this life.
void Structure::judge_checkpoints(const Sight& sight, const Cast::Broker& broker) {
    std::map<TopicPartition, Offset> active;
    for (const SegmentView& one : sight.logs_of(broker.node).segments()) {
        active[one.partition] = one.base;
    }
    const Duration patience =
        std::chrono::milliseconds(
            sight.cast.settings.number("log.flush.offset.checkpoint.interval.ms")) +
        slack;
    const bool is_excused = sight.world.state(broker.node) != NodeState::running ||
                            sight.harm.started(broker.node) > sight.now() - patience ||
                            excuse_of(sight, broker.node) ||
                            sight.harm.of_storage(broker.node, {}, sight.now() - patience);
    std::map<std::string, log::PartitionOffsets> stored;
    const Instant started = sight.harm.started(broker.node);
    for (const auto& [partition, base] : active) {
        Since& since = since_[{broker.node, partition}];
        if (since.started != started) since = {started, base};
        auto& standing = standing_[{broker.node, partition}];
        if (is_excused) {
            standing.clear();
            continue;
        }
        standing.push_back({sight.now(), base});
        if (standing.front().at > sight.now() - patience) continue;
        const Offset wanted = standing.front().recovery_point;
        standing.pop_front();
        const auto directory = sight.logs_of(broker.node).directory_of(partition);
        if (!directory || wanted == Offset(0) || wanted == since.active_base) continue;
        judged();
        if (!stored.contains(*directory)) {
            const auto text = sight.world.disk(broker.node)
                                  .read(*directory + "/recovery-point-offset-checkpoint");
            auto offsets = log::parse_offsets(text ? text->text() : std::string_view("0\n0\n"));
            if (offsets) stored[*directory] = std::move(*offsets);
        }
        const auto found = stored[*directory].find(partition);
        if (found != stored[*directory].end() && found->second >= wanted) continue;
        report("stale", fmt::format("recovery-point-offset-checkpoint has {} for {}, and all below "
                                    "{} was sealed longer ago than its interval",
                                    found == stored[*directory].end() ? "nothing"
                                        : std::to_string(found->second.value()),
                                    partition.text(), wanted.value()));
        standing.clear();
    }
}

// What the controller was told of the broker's directories.
void Structure::judge_places(const Sight& sight, const Cast::Broker& broker) {
    const auto* machine = sight.world.machine(broker.node).as<node::Node>();
    const bool is_calm = sight.harm.started(broker.node) <= sight.now() - slack &&
                         sight.world.state(broker.node) == NodeState::running &&
                         !excuse_of(sight, broker.node);
    if (machine == nullptr || broker.directories.size() < 2 || !is_calm) return;
    const broker::Node& node = machine->broker().node();
    std::map<std::string, Uuid> ids;
    for (const std::string& directory : broker.directories) {
        const auto text = sight.world.disk(broker.node).read(directory + "/meta.properties");
        if (!text) continue;
        if (const auto properties = log::parse_meta_properties(text->text()))
            ids[directory] = properties->directory_id;
    }
    for (const TopicPartition& partition : sight.logs_of(broker.node).partitions()) {
        const auto directory = sight.logs_of(broker.node).directory_of(partition);
        const auto row = node.image.partition(partition.topic, partition.partition);
        if (!directory || !ids.contains(*directory) || !row) continue;
        judged();
        for (std::size_t i = 0; i < row->replicas.size() && i < row->directories.size(); ++i) {
            if (row->replicas[i] != node.id || row->directories[i] == ids[*directory]) continue;
            report("astray", fmt::format("{} is in {}, and the metadata says otherwise",
                                         partition.text(), *directory));
        }
    }
}

}  // namespace barnabas::sim
