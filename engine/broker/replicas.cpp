#include "engine/broker/replicas.h"

#include <algorithm>

#include "engine/broker/names.h"
#include "engine/log/checkpoint.h"
#include "engine/metadata/directory_id.h"

namespace barnabas::broker {
namespace {

log::LogConfig log_config(const settings::TopicSettings& topic,
                          const settings::BrokerSettings& broker) {
    log::LogConfig config;
    config.producer_expiration_ms = broker.number("producer.id.expiration.ms");
    config.segment_bytes = static_cast<std::uint32_t>(topic.segment_bytes);
    // A record in the active segment is not cleaned, however old it is.
    config.segment_ms =
        topic.is_compacted ? std::min(topic.segment_age_max, topic.compaction_lag_max).count()
                           : topic.segment_age_max.count();
    config.segment_jitter_ms = topic.segment_jitter.count();
    config.segment_index_bytes = static_cast<std::uint32_t>(topic.index_bytes_max);
    config.index_interval_bytes = static_cast<std::uint32_t>(topic.index_interval_bytes);
    config.retention_bytes = topic.retention_bytes.value_or(-1);
    config.retention_ms = topic.retention ? topic.retention->count() : -1;
    config.file_delete_delay_ms = topic.file_delete_delay.count();
    config.record_bytes_max = topic.record_bytes_max;
    config.flush_messages = topic.flush_messages;
    config.flush_ms = topic.flush_interval.count();
    config.is_preallocated = topic.is_preallocated;
    config.is_compacted = topic.is_compacted;
    config.is_deleted = topic.is_deleted;
    return config;
}

std::optional<records::Compression> compression_of(const settings::TopicSettings& topic) {
    records::Compression compression;
    compression.levels = {topic.gzip_level, topic.lz4_level, topic.zstd_level};
    if (topic.compression == "uncompressed") return compression;
    if (topic.compression == "gzip") compression.codec = records::Codec::gzip;
    if (topic.compression == "snappy") compression.codec = records::Codec::snappy;
    if (topic.compression == "lz4") compression.codec = records::Codec::lz4;
    if (topic.compression == "zstd") compression.codec = records::Codec::zstd;
    if (compression.codec == records::Codec::none) return std::nullopt;
    return compression;
}

// Where the image places this node's copy; zero when it does not say.
Uuid named_directory(NodeId node, const metadata::PartitionRow& row) {
    for (std::size_t i = 0; i < row.replicas.size() && i < row.directories.size(); ++i)
        if (row.replicas[i] == node && !metadata::is_reserved(row.directories[i]))
            return row.directories[i];
    return {};
}

template <class Matches>
std::optional<std::size_t> find_directory(const std::vector<LogDirectory>& directories,
                                          Matches matches) {
    const auto found = std::ranges::find_if(directories, matches);
    if (found == directories.end()) return std::nullopt;
    return static_cast<std::size_t>(found - directories.begin());
}

bool can_take(const LogDirectory& directory) {
    return directory.is_online && directory.holds_partitions;
}

// A single directory is not: nothing else can be meant.
bool are_listed(const std::vector<LogDirectory>& directories) { return directories.size() > 1; }

// Which directory has files of the partition, the named one before others.
std::optional<std::size_t> find_files(const std::string& partition,
                                      std::optional<std::size_t> named,
                                      const std::vector<LogDirectory>& directories) {
    const auto has_files = [&](const LogDirectory& one) {
        return can_take(one) && one.partitions.contains(partition);
    };
    if (named && has_files(directories[*named])) return named;
    return find_directory(directories, has_files);
}

Offset offset_in(const log::PartitionOffsets& offsets, const TopicPartition& name) {
    const auto found = offsets.find(name);
    return found == offsets.end() ? Offset(0) : found->second;
}

}  // namespace

protocol::ErrorCode Replica::check_epoch(std::int32_t epoch_of_client) const {
    if (epoch_of_client < 0 || LeaderEpoch(epoch_of_client) == leader_epoch) {
        return protocol::ErrorCode::none;
    }
    return LeaderEpoch(epoch_of_client) < leader_epoch ? protocol::ErrorCode::fenced_leader_epoch
                                                       : protocol::ErrorCode::unknown_leader_epoch;
}

Replicas::Replicas(NodeId node, const settings::BrokerSettings& settings)
    : node_(node),
      settings_(settings),
      default_settings_(settings::resolve_topic({}, settings)),
      default_config_(log_config(*default_settings_, settings)) {}

void Replicas::on_settings(const settings::BrokerSettings& settings) {
    settings_ = settings;
    default_settings_ = Cow(settings::resolve_topic({}, settings));
    default_config_ = Cow(log_config(*default_settings_, settings));
}

Cow<settings::TopicSettings> Replicas::settings_of(const metadata::Topic& topic,
                                                   const metadata::Image& image) const {
    const auto& overrides = image.settings(metadata::Resource::topic, topic.name);
    if (overrides.empty()) return default_settings_;
    return Cow(settings::resolve_topic(overrides, settings_));
}

Cow<log::LogConfig> Replicas::log_config_of(const Cow<settings::TopicSettings>& topic) const {
    return topic.is_same(default_settings_) ? default_config_ : Cow(log_config(*topic, settings_));
}

void Replicas::follow(const metadata::Topic& topic, const metadata::Image& image,
                      const std::vector<LogDirectory>& directories, Turn& turn) {
    const auto settings = settings_of(topic, image);
    const auto config = log_config_of(settings);
    for (const auto& [index, row] : topic.partitions) {
        if (std::ranges::find(row.replicas, node_) == row.replicas.end()) continue;
        Replica* here = find(topic.name, index);
        if (here == nullptr) {
            add(topic, index, row, settings, config, directories, turn);
            continue;
        }
        here->leader = row.leader;
        here->leader_epoch = row.leader_epoch;
        here->isr_size = static_cast<std::uint16_t>(row.isr.size());
        here->settings = settings;
        here->compression = compression_of(*settings);
        here->log.set_config(config, turn);
    }
    open_next(directories, turn);
}

void Replicas::add(const metadata::Topic& topic, PartitionIndex index,
                   const metadata::PartitionRow& row, const Cow<settings::TopicSettings>& settings,
                   const Cow<log::LogConfig>& config, const std::vector<LogDirectory>& directories,
                   Turn& turn) {
    const auto slot = static_cast<std::uint32_t>(slots_.size());
    const TopicPartition name{topic.name, index};
    const std::size_t directory = place(name, topic.id, row, directories, turn);
    log::PartitionLog log(name, topic.id, directories[directory].path + '/' + name.text(),
                          config, {names::replica_names(slot)});
    slots_.push_back(Replica{name,
                             topic.id,
                             row.leader_epoch,
                             row.leader,
                             static_cast<std::uint16_t>(row.isr.size()),
                             static_cast<std::uint16_t>(directory),
                             true,
                             settings,
                             compression_of(*settings),
                             std::move(log),
                             {},
                             {},
                             Offset(0),
                             Offset(0),
                             slot});
    OfTopic& of = by_name_[topic.name];
    of.held.insert(of.find(index), {index, slot});
    if (!directories[directory].is_online) {
        slots_.back()->waits_to_open = false;
        return slots_.back()->log.take_offline("its log directory is offline", turn);
    }
    ++of.opening;
    to_open_.push_back(slot);
}

// As Kafka: what was here before this life is where its files are, whatever the image says. Where
// none are found they may be in a directory that is offline: then nothing begins anew.
std::size_t Replicas::place(const TopicPartition& name, const TopicId& topic,
                            const metadata::PartitionRow& row,
                            const std::vector<LogDirectory>& directories, Turn& turn) {
    loads_.resize(directories.size());
    const Uuid said = named_directory(node_, row);
    const auto named = find_directory(
        directories, [&](const LogDirectory& one) { return !said.is_zero() && one.id == said; });
    std::optional<std::size_t> found, offline;
    if (!are_added_new_) {
        found = find_files(name.text(), named, directories);
        offline = find_directory(directories, [](const LogDirectory& one) {
            return !one.is_online && one.holds_partitions;
        });
        if (named && !directories[*named].is_online) offline = named;
    }
    const std::size_t chosen = found     ? *found
                               : offline ? *offline
                               : named   ? *named
                                         : fewest(directories);
    ++loads_[chosen];
    if (!found && offline) return chosen;
    if (chosen != named) assignments_.push_back({topic, name.partition, directories[chosen].id});
    const bool is_as_expected = chosen == named ? found || are_added_new_ : said.is_zero();
    if (is_as_expected || (chosen == named && !are_listed(directories))) return chosen;
    const std::string why = named ? "has no files of it" : "is none of log.dirs";
    const std::string where = found                     ? "was found in "
                              : are_listed(directories) ? "begins anew in "
                                                        : "is taken to be in ";
    turn.note(Occurrence::Kind::storage, name.text(),
              "its directory " + said.text() + ' ' + why + ": it " + where +
                  directories[chosen].path,
              Severity::warning);
    return chosen;
}

// Where the fewest copies are.
std::size_t Replicas::fewest(const std::vector<LogDirectory>& directories) const {
    std::optional<std::size_t> chosen;
    for (std::size_t at = 0; at < directories.size(); ++at)
        if (can_take(directories[at]) && (!chosen || loads_[at] < loads_[*chosen])) chosen = at;
    CHECK(chosen);  // the node stops when no directory is left
    return *chosen;
}

std::vector<Replica*> Replicas::take_offline(std::size_t directory, const std::string& why,
                                             Turn& turn) {
    std::vector<Replica*> gone;
    const auto is_in_it = [&](std::uint32_t slot) { return at(slot).directory == directory; };
    std::erase_if(to_open_, is_in_it);
    std::erase_if(without_room_, is_in_it);
    for (auto& replica : slots_) {
        if (!replica || replica->directory != directory) continue;
        watch(*replica, [&] {
            replica->waits_to_open = false;
            replica->log.take_offline(why, turn);
        });
        gone.push_back(&*replica);
    }
    return gone;
}

void Replicas::open_next(const std::vector<LogDirectory>& directories, Turn& turn) {
    while (!to_open_.empty() && under_way_ < opening_max) {
        Replica& replica = at(to_open_.front());
        to_open_.pop_front();
        ++under_way_;
        replica.waits_to_open = false;
        const LogDirectory& directory = directories[replica.directory];
        std::optional<Offset> recovery_point;
        if (directory.are_recovery_points_known)
            recovery_point = offset_in(directory.recovery_points, replica.name);
        replica.log.open(directory.was_clean_stop, recovery_point,
                         offset_in(directory.log_starts, replica.name), turn);
    }
}

// Does something with a replica's log and counts what came of it.
template <class Change>
void Replicas::watch(Replica& replica, Change change) {
    const bool was_opening = replica.log.state() == log::PartitionLog::State::opening;
    const bool was_to_settle = replica.is_opening();
    const bool was_closing = replica.log.state() == log::PartitionLog::State::closing;
    const Offset recovery_point = replica.log.recovery_point();
    const Offset start = replica.log.log_start_offset();
    change();
    if (was_opening && replica.log.state() != log::PartitionLog::State::opening) --under_way_;
    if (was_to_settle && !replica.is_opening()) --by_name_.find(replica.name.topic)->second.opening;
    if (was_closing && replica.log.state() != log::PartitionLog::State::closing) --closing_;
    if (replica.is_open()) {
        news_.has_recovery_points |= replica.log.recovery_point() != recovery_point;
        news_.has_log_starts |= replica.log.log_start_offset() != start;
    }
    if (replica.log.is_medium_broken()) broken_directory_ = replica.directory;
    if (replica.log.waits_for_room()) without_room_.insert(replica.slot);
}

void Replicas::try_again(const std::vector<LogDirectory>& directories, Turn& turn) {
    for (const std::uint32_t slot : std::exchange(without_room_, {})) {
        Replica& replica = at(slot);
        if (replica.waits_for_room()) {
            replica.waits_to_open = true;
            ++by_name_.find(replica.name.topic)->second.opening;
            to_open_.push_back(slot);
        } else if (replica.log.waits_for_room()) {
            watch(replica, [&] { replica.log.try_again(turn); });
        }
    }
    open_next(directories, turn);
}

Replica& Replicas::on(const event::StorageDone& done, const std::vector<LogDirectory>& directories,
                      Turn& turn) {
    Replica& replica = at(names::slot_of(done.operation));
    watch(replica, [&] { replica.log.on(done, turn); });
    open_next(directories, turn);
    return replica;
}

Replica& Replicas::on(const event::Computed& done, Turn& turn) {
    Replica& replica = at(names::slot_of(done.job));
    watch(replica, [&] { replica.log.on(done, turn); });
    return replica;
}

void Replicas::raise_log_start(Replica& replica, Offset start, Turn& turn) {
    watch(replica, [&] { replica.log.raise_log_start(start, turn); });
}

void Replicas::close(Turn& turn) {
    to_open_.clear();
    without_room_.clear();
    for (auto& replica : slots_) {
        if (!replica || replica->waits_to_open) continue;
        const auto state = replica->log.state();
        if (state != log::PartitionLog::State::open && state != log::PartitionLog::State::opening)
            continue;
        replica->log.close(turn);
        if (replica->log.state() == log::PartitionLog::State::closing) ++closing_;
    }
}

// The first one that is not below `partition`. A broker that holds a whole topic, or its first
// partitions, is asked for by place: one look whatever their number.
std::vector<Replicas::Held>::const_iterator Replicas::OfTopic::find(
    PartitionIndex partition) const {
    const auto place = static_cast<std::size_t>(partition.value());
    if (place < held.size() && held[place].partition == partition)
        return held.begin() + partition.value();
    return std::ranges::lower_bound(held, partition, {}, &Held::partition);
}

Replica* Replicas::find(std::string_view topic, PartitionIndex partition) {
    const auto of = by_name_.find(topic);
    if (of == by_name_.end()) return nullptr;
    const auto found = of->second.find(partition);
    const bool is_here = found != of->second.held.end() && found->partition == partition;
    return is_here ? &*slots_[found->slot] : nullptr;
}

bool Replicas::is_settled(std::string_view topic) const {
    const auto of = by_name_.find(topic);
    return of == by_name_.end() || of->second.opening == 0;
}

template <class Visit>
std::uint32_t Replicas::visit_some(std::uint32_t from, Visit visit) {
    const auto end = static_cast<std::uint32_t>(slots_.size());
    const std::uint32_t stop = end - from > visited_at_once ? from + visited_at_once : end;
    for (; from < stop; ++from)
        if (slots_[from] && slots_[from]->is_open()) visit(*slots_[from]);
    return stop == end ? 0 : stop;
}

std::uint32_t Replicas::clean_up(std::uint32_t from, log::PartitionLog::Promised promised,
                                 Turn& turn) {
    return visit_some(from, [&](Replica& replica) {
        watch(replica, [&] {
            replica.log.clean_up(replica.high_watermark(), turn, promised);
            replica.log.close_unused_files(turn, promised);
        });
    });
}

std::uint32_t Replicas::flush_old(std::uint32_t from, Turn& turn) {
    return visit_some(from, [&](Replica& replica) { replica.log.flush_if_old(turn); });
}

std::uint32_t Replicas::expire_producers(std::uint32_t from, Turn& turn) {
    return visit_some(from, [&](Replica& replica) { replica.log.expire_producers(turn); });
}

}  // namespace barnabas::broker
