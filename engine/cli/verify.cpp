#include "engine/cli/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "engine/cli/files.h"
#include "engine/log/producer_snapshot.h"
#include "engine/log/verify.h"
#include "engine/quorum/state_file.h"

namespace barnabas::cli {
namespace {

namespace fs = std::filesystem;
using log::FileKind;

constexpr std::uint64_t index_bytes_max = 64u << 20;  // far above segment.index.bytes

// "orders-3" of a topic and a number; not "orders-3.0c5...-delete", nor a name of something else.
std::optional<TopicPartition> partition_of(const std::string& name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos || dash == 0 || dash + 1 == name.size()) return std::nullopt;
    std::int32_t number = 0;
    for (const char c : name.substr(dash + 1)) {
        if (c < '0' || c > '9' || number > 100'000'000) return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return TopicPartition{name.substr(0, dash), PartitionIndex(number)};
}

class Verifier {
  public:
    explicit Verifier(const std::function<void(const Verified&)>& progress) : progress_(progress) {}

    Verified finish() { return std::move(report_); }

    void path(std::string path) {
        while (path.size() > 1 && path.ends_with('/')) path.pop_back();
        if (!is_directory(path)) {
            report_.errors.push_back(path + ": it is no directory");
        } else if (!is_there(path + "/meta.properties") && partition_of(name_of(path))) {
            partition(path);
        } else {
            log_directory(path);
        }
    }

  private:
    struct Partition {
        Offset end{0};                    // of its log
        std::vector<log::EpochStart> epochs;  // of its segments, one after the other
    };
    using Partitions = std::map<TopicPartition, Partition>;

    void log_directory(const std::string& path) {
        const std::size_t damage_before = report_.damage.size();
        Partitions partitions;
        for (const std::string& name : names_in(path)) {
            const auto of = partition_of(name);
            if (of && is_directory(path + '/' + name))
                partitions[*of] = partition(path + '/' + name);
        }
        if (partitions.empty() && report_.damage.size() == damage_before &&
            !is_there(path + "/meta.properties")) {
            report_.errors.push_back(
                path + ": it is no log directory: it has neither meta.properties nor a partition");
            return;
        }
        text_file(path + "/meta.properties", log::parse_meta_properties);
        text_file(path + "/.kafka_cleanshutdown", log::parse_clean_shutdown);
        batches_file(path + "/bootstrap.checkpoint");
        std::set<TopicPartition> missing;
        for (const char* name : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint",
                                 "replication-offset-checkpoint", "cleaner-offset-checkpoint"})
            offsets_file(path + '/' + name, partitions, missing);
    }

    void offsets_file(const std::string& file, const Partitions& partitions,
                      std::set<TopicPartition>& missing) {
        const auto offsets = text_file(file, log::parse_offsets);
        if (!offsets) return;
        for (const auto& [of, offset] : *offsets) {
            const auto found = partitions.find(of);
            if (found == partitions.end()) {
                if (missing.insert(of).second)
                    damage(file, 0,
                           fmt::format("it names {}, which is not there: it was lost, or deleted "
                                       "just before a crash",
                                       of.text()));
            } else if (offset > found->second.end) {
                damage(file, 0,
                       fmt::format("{} is at {}, and the log ends at {}", of.text(),
                                   offset.value(), found->second.end.value()));
            }
        }
    }

    Partition partition(const std::string& path) {
        ++report_.partitions;
        std::vector<Offset> bases;
        for (const std::string& name : names_in(path)) {
            const std::string file = path + '/' + name;
            const auto meaning = log::meaning_of(name);
            if (meaning && meaning->what == log::NameMeaning::What::segment) {
                if (meaning->kind == FileKind::log) bases.push_back(meaning->base);
            } else if (name.ends_with(".snapshot")) {
                const auto bytes = whole(file);
                if (!bytes) continue;
                const auto producers = log::decode_snapshot(*bytes);
                if (!producers) damage(file, 0, producers.error());
            } else if (name.ends_with(".checkpoint")) {
                batches_file(file);
            }
        }
        std::sort(bases.begin(), bases.end());
        Partition all;
        for (std::size_t i = 0; i < bases.size(); ++i) {
            const std::string file = segment_file(path, bases[i], FileKind::log);
            if (i > 0 && bases[i] < all.end)
                damage(file, 0,
                       fmt::format("it begins before offset {}, where the one before ends",
                                   all.end.value()));
            if (i > 0 && bases[i] > all.end)
                report_.remarks.push_back(
                    {file, 0,
                     fmt::format("before it, offsets {}..{} are missing; normal in a compacted "
                                 "topic",
                                 all.end.value(), bases[i].value() - 1)});
            segment(path, bases[i], all);
        }
        text_file(path + "/partition.metadata", log::parse_partition_metadata);
        text_file(path + "/quorum-state", quorum::parse_quorum_state);
        epochs_file(path + "/leader-epoch-checkpoint", all);
        return all;
    }

    void epochs_file(const std::string& file, const Partition& partition) {
        const auto epochs = text_file(file, log::parse_epochs);
        if (!epochs) return;
        for (std::string& what : log::check_epochs(*epochs, partition.epochs, partition.end))
            damage(file, 0, std::move(what));
    }

    // Adds it to what is known of its partition.
    void segment(const std::string& path, Offset base, Partition& partition) {
        ++report_.segments;
        const auto index = [&](FileKind kind) -> std::optional<Bytes> {
            const std::string file = segment_file(path, base, kind);
            if (!is_there(file)) {
                if (kind != FileKind::txnindex) damage(file, 0, "it is missing");
                return std::nullopt;
            }
            return whole(file);
        };
        log::SegmentCheck::Indexes indexes{index(FileKind::index), index(FileKind::timeindex),
                                           index(FileKind::txnindex)};
        batches_of(path, base, std::move(indexes), partition);
    }

    // The batches of one file, in slices.
    void walk(const std::string& file, log::SegmentCheck& check) {
        std::ifstream in(file, std::ios::binary);
        std::vector<std::uint8_t> slice;
        while (!check.is_done()) {
            slice.resize(check.bytes_wanted());
            in.clear();
            in.seekg(static_cast<std::streamoff>(check.position()));
            in.read(reinterpret_cast<char*>(slice.data()),
                    static_cast<std::streamsize>(slice.size()));
            const auto got = static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0));
            const std::uint64_t before = check.position();
            const std::uint32_t wanted = check.bytes_wanted();
            check.feed(ByteView(slice).first(got));
            report_.bytes += check.position() - before;
            if (progress_) progress_(report_);
            if (check.is_done() || check.position() > before || check.bytes_wanted() > wanted)
                continue;
            damage(file, before, "it cannot be read, or became shorter meanwhile");
            break;
        }
        report_.batches += check.batches();
    }

    void batches_of(const std::string& path, Offset base, log::SegmentCheck::Indexes indexes,
                    Partition& partition) {
        const std::string file = segment_file(path, base, FileKind::log);
        partition.end = std::max(partition.end, base);
        const auto size = size_of(file);
        if (!size) return;
        log::SegmentCheck check(base, *size, std::move(indexes));
        walk(file, check);
        for (const log::Finding& finding : check.findings())
            damage(segment_file(path, base, finding.file.value_or(FileKind::log)),
                   finding.position, finding.what);
        partition.end = std::max(partition.end, check.next_offset());
        partition.epochs.insert(partition.epochs.end(), check.epochs().begin(),
                                check.epochs().end());
    }

    // Kafka's snapshots of metadata: batches, as in a log.
    void batches_file(const std::string& file) {
        if (!is_there(file)) return;
        const auto size = size_of(file);
        if (!size) return;
        log::SegmentCheck check(Offset(0), *size, {});
        walk(file, check);
        for (const log::Finding& finding : check.findings())
            damage(file, finding.position, finding.what);
    }

    // A small file that need not be there, read by its own parser.
    template <class Parse>
    auto text_file(const std::string& file, Parse parse)
        -> std::optional<std::remove_cvref_t<decltype(*parse(std::string_view()))>> {
        if (!is_there(file)) return std::nullopt;
        const auto bytes = whole(file);
        if (!bytes) return std::nullopt;
        auto parsed = parse(bytes->text());
        if (parsed) return *std::move(parsed);
        damage(file, 0, parsed.error());
        return std::nullopt;
    }

    std::optional<Bytes> whole(const std::string& file) {
        const auto size = size_of(file);
        if (!size) return std::nullopt;
        if (*size > index_bytes_max) {
            damage(file, 0, "it is larger than such a file can be");
            return std::nullopt;
        }
        auto bytes = read_bytes(file);
        if (bytes) return *std::move(bytes);
        damage(file, 0, "it cannot be read");
        return std::nullopt;
    }

    std::vector<std::string> names_in(const std::string& path) {
        std::vector<std::string> names;
        std::error_code error;
        for (fs::directory_iterator at(path, error); !error && at != fs::directory_iterator();
             at.increment(error))
            names.push_back(at->path().filename());
        if (error) damage(path, 0, "it cannot be read: " + error.message());
        std::sort(names.begin(), names.end());
        return names;
    }
    // What the disk does not tell of a name is damage.
    fs::file_type type_of(const std::string& path) {
        std::error_code error;
        const fs::file_type type = fs::status(path, error).type();
        if (type == fs::file_type::none)
            damage(path, 0, "it cannot be read: " + error.message());
        return type;
    }
    bool is_directory(const std::string& path) {
        return type_of(path) == fs::file_type::directory;
    }
    bool is_there(const std::string& path) {
        const fs::file_type type = type_of(path);
        return type != fs::file_type::not_found && type != fs::file_type::none;
    }
    std::optional<std::uint64_t> size_of(const std::string& path) {
        std::error_code error;
        const std::uint64_t size = fs::file_size(path, error);
        if (!error) return size;
        damage(path, 0, "it cannot be read: " + error.message());
        return std::nullopt;
    }

    // Also of "." and "..".
    static std::string name_of(const std::string& path) {
        std::error_code error;
        const fs::path whole = fs::absolute(path, error).lexically_normal();
        return whole.has_filename() ? whole.filename() : whole.parent_path().filename();
    }
    static std::string segment_file(const std::string& path, Offset base, FileKind kind) {
        return path + '/' + log::file_name(base, kind);
    }
    void damage(const std::string& path, std::uint64_t position, std::string what) {
        report_.damage.push_back({path, position, std::move(what)});
    }

    const std::function<void(const Verified&)>& progress_;
    Verified report_;
};

}  // namespace

Verified verify(const std::vector<std::string>& paths,
                const std::function<void(const Verified&)>& progress) {
    Verifier verifier(progress);
    for (const std::string& path : paths) verifier.path(path);
    return verifier.finish();
}

std::string Verified::text() const {
    std::string all;
    for (const auto* places : {&damage, &remarks})
        for (const Damage& one : *places)
            all += fmt::format("{}, byte {}: {}\n", one.path, one.position, one.what);
    all += fmt::format("{} partitions, {} segments, {} batches, {} bytes: {}\n", partitions,
                       segments, batches, bytes,
                       damage.empty() ? std::string("no damage")
                                      : fmt::format("{} damaged places", damage.size()));
    return all;
}

std::string Verified::json() const {
    const auto array_of = [](const std::vector<Damage>& places) {
        boost::json::array all;
        for (const Damage& one : places)
            all.push_back({{"path", one.path}, {"position", one.position}, {"what", one.what}});
        return all;
    };
    return boost::json::serialize(boost::json::object{{"partitions", partitions},
                                                      {"segments", segments},
                                                      {"batches", batches},
                                                      {"bytes", bytes},
                                                      {"damage", array_of(damage)},
                                                      {"remarks", array_of(remarks)}});
}

}  // namespace barnabas::cli
