// What lies in log directories, without a broker.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "engine/cli/commands.h"
#include "engine/cli/files.h"
#include "engine/cli/verify.h"

namespace barnabas::cli {
namespace {

struct LogsOptions {
    std::vector<std::string> paths;
    bool is_json = false;
};

constexpr int damaged = 1;
constexpr int nothing_there = 2;

// A line on the terminal that is written over, if there is one; a few times a second.
class Progress {
  public:
    void operator()(const Verified& so_far) {
        const auto now = std::chrono::steady_clock::now();
        if (!has_terminal_ || now < next_) return;
        next_ = now + std::chrono::milliseconds(200);
        is_shown_ = true;
        fmt::print(stderr, "\r{} partitions, {} MB\x1b[K", so_far.partitions,
                   so_far.bytes / 1'000'000);
    }
    void clear() const {
        if (is_shown_) fmt::print(stderr, "\r\x1b[K");
    }

  private:
    const bool has_terminal_ = ::isatty(STDERR_FILENO) == 1;
    bool is_shown_ = false;
    std::chrono::steady_clock::time_point next_ =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
};

int run_logs(const LogsOptions& options) {
    Progress progress;
    const Verified report = verify(options.paths, std::ref(progress));
    progress.clear();
    fmt::print("{}", options.is_json ? report.json() + '\n' : report.text());
    for (const std::string& error : report.errors) complain(error);
    if (!report.errors.empty()) return nothing_there;
    return report.damage.empty() ? 0 : damaged;
}

}  // namespace

void add_logs(CLI::App& app, Run& chosen) {
    CLI::App* command = app.add_subcommand("logs", "Log directories on this machine's disks");
    command->require_subcommand(1);
    auto options = std::make_shared<LogsOptions>();
    CLI::App* verify = command->add_subcommand(
        "verify", "Check every batch, index and checkpoint; change nothing");
    verify
        ->add_option("DIRECTORY", options->paths,
                     "A log directory, or a partition's directory in one")
        ->required();
    verify->add_flag("--json", options->is_json, "One JSON object instead of lines");
    verify->footer(
        "Every batch's CRC, offsets and leader epochs; every entry of the offset, time and\n"
        "transaction indexes against the batches; producer and metadata snapshots; the\n"
        "checkpoint files. What is damaged is told with its file and byte. Fetches do not check\n"
        "CRCs: after trouble with a disk, this does. What a broker does with damage: a torn tail\n"
        "is cut and indexes are rebuilt at the next start after a crash; for anything else,\n"
        "restore the file from a copy.\n"
        "Offsets that are missing between two segments are told as well: compaction leaves such\n"
        "gaps, a lost segment too.\n"
        "Exit codes: 0 no damage, 1 damage, 2 a path is no log directory.\n\n"
        "  barnabas logs verify data\n"
        "  barnabas logs verify --json data/orders-0 | jq .damage");
    verify->callback([options, &chosen] { chosen = [options] { return run_logs(*options); }; });
}

}  // namespace barnabas::cli
