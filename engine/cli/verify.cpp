#include "engine/cli/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "engine/cli/files.h"
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

    void path(const std::string& path) {
        std::error_code error;
        if (!fs::is_directory(path, error)) return damage(path, 0, "it is no directory");
        const std::string name = fs::path(path).lexically_normal().filename();
        if (!fs::exists(path + "/meta.properties") && partition_of(name)) {
            partition(path);
        } else {
            log_directory(path);
        }
    }

  private:
    void log_directory(const std::string& path) {
        std::map<TopicPartition, Offset> ends;
        for (const std::string& name : names_in(path)) {
            const auto of = partition_of(name);
            if (of && fs::is_directory(path + '/' + name))
                ends[*of] = partition(path + '/' + name);
        }
        text_file(path + "/meta.properties", log::parse_meta_properties);
        text_file(path + "/.kafka_cleanshutdown", log::parse_clean_shutdown);
        batches_file(path + "/bootstrap.checkpoint");
        for (const char* name : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint",
                                 "replication-offset-checkpoint", "cleaner-offset-checkpoint"}) {
            const std::string file = path + '/' + name;
            const auto offsets = text_file(file, log::parse_offsets);
            if (!offsets) continue;
            for (const auto& [of, offset] : *offsets) {
                const auto end = ends.find(of);
                if (end != ends.end() && offset > end->second)
                    damage(file, 0,
                           fmt::format("{} is at {}, and the log ends at {}", of.text(),
                                       offset.value(), end->second.value()));
            }
        }
    }

    // Returns where its log ends.
    Offset partition(const std::string& path) {
        ++report_.partitions;
        std::vector<Offset> bases;
        for (const std::string& name : names_in(path)) {
            const std::string file = path + '/' + name;
            const auto meaning = log::meaning_of(name);
            if (meaning && meaning->what == log::NameMeaning::What::segment) {
                if (meaning->kind == FileKind::log) bases.push_back(meaning->base);
            } else if (name.ends_with(".snapshot")) {
                const auto bytes = whole(file);
                const auto wrong = bytes ? log::check_producer_snapshot(*bytes) : std::nullopt;
                if (wrong) damage(file, 0, *wrong);
            } else if (name.ends_with(".checkpoint")) {
                batches_file(file);
            }
        }
        std::sort(bases.begin(), bases.end());
        Offset end{0};
        for (std::size_t i = 0; i < bases.size(); ++i) {
            if (i > 0 && bases[i] < end)
                damage(segment_file(path, bases[i], FileKind::log), 0,
                       fmt::format("it begins before offset {}, where the one before ends",
                                   end.value()));
            end = std::max(segment(path, bases[i]), bases[i]);
        }
        text_file(path + "/partition.metadata", log::parse_partition_metadata);
        text_file(path + "/quorum-state", quorum::parse_quorum_state);
        const std::string epochs_file = path + "/leader-epoch-checkpoint";
        const auto epochs = text_file(epochs_file, log::parse_epochs);
        if (epochs && !epochs->empty() && epochs->back().start > end)
            damage(epochs_file, 0,
                   fmt::format("epoch {} begins at {}, and the log ends at {}",
                               epochs->back().epoch.value(), epochs->back().start.value(),
                               end.value()));
        return end;
    }

    Offset segment(const std::string& path, Offset base) {
        ++report_.segments;
        const auto index = [&](FileKind kind) -> std::optional<Bytes> {
            const std::string file = segment_file(path, base, kind);
            if (!fs::exists(file)) {
                if (kind != FileKind::txnindex) damage(file, 0, "it is missing");
                return std::nullopt;
            }
            return whole(file);
        };
        log::SegmentCheck::Indexes indexes{index(FileKind::index), index(FileKind::timeindex),
                                           index(FileKind::txnindex)};
        return batches_of(path, base, std::move(indexes));
    }

    // The batches of one file, in slices.
    Offset walk(const std::string& file, log::SegmentCheck& check) {
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
        return check.next_offset();
    }

    Offset batches_of(const std::string& path, Offset base, log::SegmentCheck::Indexes indexes) {
        const std::string file = segment_file(path, base, FileKind::log);
        std::error_code error;
        log::SegmentCheck check(base, fs::file_size(file, error), std::move(indexes));
        const Offset end = walk(file, check);
        for (const log::Finding& finding : check.findings())
            damage(segment_file(path, base, finding.file.value_or(FileKind::log)),
                   finding.position, finding.what);
        return end;
    }

    // Kafka's snapshots of metadata: batches, as in a log.
    void batches_file(const std::string& file) {
        std::error_code error;
        if (!fs::exists(file)) return;
        log::SegmentCheck check(Offset(0), fs::file_size(file, error), {});
        walk(file, check);
        for (const log::Finding& finding : check.findings())
            damage(file, finding.position, finding.what);
    }

    // A small file that need not be there, read by its own parser.
    template <class Parse>
    auto text_file(const std::string& file, Parse parse)
        -> std::optional<std::remove_cvref_t<decltype(*parse(std::string_view()))>> {
        if (!fs::exists(file)) return std::nullopt;
        const auto bytes = whole(file);
        if (!bytes) return std::nullopt;
        auto parsed = parse(bytes->text());
        if (parsed) return *std::move(parsed);
        damage(file, 0, parsed.error());
        return std::nullopt;
    }

    std::optional<Bytes> whole(const std::string& file) {
        std::error_code error;
        if (fs::file_size(file, error) > index_bytes_max) {
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
        for (const auto& entry : fs::directory_iterator(path, error))
            names.push_back(entry.path().filename());
        if (error) damage(path, 0, "it cannot be read: " + error.message());
        std::sort(names.begin(), names.end());
        return names;
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
    for (const Damage& one : damage)
        all += fmt::format("{}, byte {}: {}\n", one.path, one.position, one.what);
    all += fmt::format("{} partitions, {} segments, {} batches, {} bytes: {}\n", partitions,
                       segments, batches, bytes,
                       damage.empty() ? std::string("no damage")
                                      : fmt::format("{} damaged places", damage.size()));
    return all;
}

std::string Verified::json() const {
    boost::json::array places;
    for (const Damage& one : damage)
        places.push_back(
            {{"path", one.path}, {"position", one.position}, {"what", one.what}});
    return boost::json::serialize(boost::json::object{{"partitions", partitions},
                                                      {"segments", segments},
                                                      {"batches", batches},
                                                      {"bytes", bytes},
                                                      {"damage", std::move(places)}});
}

}  // namespace barnabas::cli
