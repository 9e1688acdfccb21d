// table read VALUES NOTES ROUNDS: medians of what `run` collected (row, who, name, value in
// columns), each against its bar, as Markdown.
#include <fmt/format.h>

#include <functional>
#include <set>

#include "tests/bench/measure.h"

using namespace barnabas::bench;

namespace {

using Row = std::pair<std::string, std::string>;  // its name, and who

struct Median {
    double middle = 0, low = 0, high = 0;
    std::size_t runs = 0;
};

std::string plain(double number) {
    return number >= 1000 ? fmt::format("{:.0f}", number) : fmt::format("{:.3g}", number);
}

class Values {
  public:
    explicit Values(const std::string& path) {
        std::ifstream file(path);
        std::string row, who, name, value;
        while (std::getline(file, row, '\t') && std::getline(file, who, '\t') &&
               std::getline(file, name, '\t') && std::getline(file, value)) {
            if (name == "flags") {
                flags_[row] = value;
                continue;
            }
            auto& list = values_[{{row, who}, name}];
            list.push_back(std::stod(value));
            if (seen_.insert({row, who}).second) rows_.push_back({row, who});
        }
    }

    const std::vector<Row>& rows() const { return rows_; }
    const std::map<std::string, std::string>& flags() const { return flags_; }

    Median median(const Row& row, const std::string& name) const {
        const auto found = values_.find({row, name});
        if (found == values_.end()) return {};
        std::vector<double> list = found->second;
        std::sort(list.begin(), list.end());
        const std::size_t half = list.size() / 2;
        const double middle = list.size() % 2 == 1 ? list[half] : (list[half - 1] + list[half]) / 2;
        return {middle, list.front(), list.back(), list.size()};
    }
    // Nothing stands for zero; callers that divide ask has() first.
    double at(const std::string& row, const std::string& who, const std::string& name) const {
        return median({row, who}, name).middle;
    }
    bool has(const std::string& row, const std::string& who, const std::string& name) const {
        return values_.contains({{row, who}, name});
    }

    std::string shown(const Row& row, const std::string& name) const {
        const Median median = this->median(row, name);
        return median.runs == 0 ? "" : plain(median.middle);
    }
    std::string spread(const Row& row, const std::string& name) const {
        const Median median = this->median(row, name);
        if (median.runs < 2) return shown(row, name);
        return fmt::format("{} ({}-{})", plain(median.middle), plain(median.low),
                           plain(median.high));
    }

  private:
    std::map<std::pair<Row, std::string>, std::vector<double>> values_;
    std::map<std::string, std::string> flags_;
    std::set<Row> seen_;
    std::vector<Row> rows_;
};

void print_bar(const std::string& what, const std::string& bar, const std::string& measured,
               bool is_met) {
    fmt::print("| {} | {} | {} | {} |\n", what, bar, measured, is_met ? "met" : "**short**");
}

void print_cpu_bars(const Values& values) {
    const std::pair<const char*, double> users[] = {{"1024", 0.15}, {"100", 0.25}};
    for (const auto& [record, bar] : users) {
        const std::string row = fmt::format("raw-produce-{}-262144", record);
        if (!values.has(row, "barnabas", "cpu_user")) continue;
        const double user = values.at(row, "barnabas", "cpu_user");
        print_bar(fmt::format("CPU user per GB, produce {} B in 256 KB", record),
                  fmt::format("{}", bar), plain(user), user <= bar);
        if (!values.has("limit-receive", "limit", "cpu_system")) continue;
        const double limit = 1.3 * values.at("limit-receive", "limit", "cpu_system");
        const double system = values.at(row, "barnabas", "cpu_system");
        print_bar(fmt::format("CPU system per GB, produce {} B in 256 KB", record),
                  fmt::format("1.3x the limit's ({})", plain(limit)), plain(system),
                  system <= limit);
    }
}

void print_limit_bars(const Values& values) {
    const std::pair<const char*, const char*> pairs[] = {{"raw-produce-1024-262144", "receive"},
                                                         {"raw-fetch-1024", "send"}};
    for (const auto& [row, direction] : pairs) {
        const std::string limit_row = std::string("limit-") + direction;
        if (!values.has(row, "barnabas", "mb_s") || !values.has(limit_row, "limit", "mb_s")) {
            continue;
        }
        const double share =
            values.at(row, "barnabas", "mb_s") / values.at(limit_row, "limit", "mb_s");
        print_bar(fmt::format("{} of {}", row, limit_row), "50 % now, 70 % as one node",
                  fmt::format("{:.0f} %", 100 * share), share >= 0.5);
    }
}

void print_life_bars(const Values& values) {
    if (values.has("start", "barnabas", "start_ms")) {
        const double start = values.at("start", "barnabas", "start_ms");
        print_bar("start to the first acknowledged record", "under 50 ms", plain(start) + " ms",
                  start < 50);
    }
    const std::tuple<const char*, const char*, double> starts[] = {
        {"start-1000-killed", "start with 1,000 topics after SIGKILL", 500},
        {"start-10000-stopped", "start with 10,000 topics after a clean stop", 2000}};
    for (const auto& [row, what, bar] : starts) {
        if (!values.has(row, "barnabas", "start_ms")) continue;
        const double start = values.at(row, "barnabas", "start_ms");
        print_bar(what, fmt::format("under {} ms", bar), plain(start) + " ms", start < bar);
    }
    if (values.has("idle", "barnabas", "rss_kib")) {
        const double memory = values.at("idle", "barnabas", "rss_kib") / 1024;
        print_bar("memory, idle", "under 20 MiB", plain(memory) + " MiB", memory < 20);
    }
    for (const char* row : {"idle", "idle-1000-topics"}) {
        if (!values.has(row, "barnabas", "idle_ms")) continue;
        const double idle = values.at(row, "barnabas", "idle_ms");
        print_bar(fmt::format("CPU in 10 s, {}", row), "nothing measurable (under 10 ms)",
                  plain(idle) + " ms", idle < 10);
    }
    if (values.has("simulator", "barnabas", "events_s")) {
        const double events = values.at("simulator", "barnabas", "events_s");
        print_bar("simulator, reference scenario with one broker", "1,000,000 events/s later",
                  plain(events), events >= 1e6);
    }
}

double cpu_of(const Values& values, const std::string& row, const char* who = "barnabas") {
    return values.at(row, who, "cpu_user") + values.at(row, who, "cpu_system");
}

// What it costs to have many partitions, and what readers of old records and flushes cost others.
void print_log_bars(const Values& values) {
    const std::tuple<const char*, const char*, const char*> flat[] = {
        {"spread", "produce of 4 KB over 10,000 partitions", "barnabas"},
        {"log-append-4096", "of that the log's append", "barnabas"},
        {"log-append-4096", "plain writes to as many files", "limit"}};
    for (const auto& [row, what, who] : flat) {
        const std::string few = std::string(row) + "-10", many = std::string(row) + "-10000";
        if (!values.has(few, who, "cpu_user") || !values.has(many, who, "cpu_user")) continue;
        const double ratio = cpu_of(values, many, who) / cpu_of(values, few, who);
        print_bar(fmt::format("CPU, {}", what), "1.2x that over 10", fmt::format("{:.2f}x", ratio),
                  ratio <= 1.2);
    }
    if (values.has("warm-beside", "barnabas", "ack_p99_us") &&
        values.has("cold-beside", "barnabas", "ack_p99_us")) {
        const double ratio = values.at("cold-beside", "barnabas", "ack_p99_us") /
                             values.at("warm-beside", "barnabas", "ack_p99_us");
        print_bar("p99 acknowledged at 10,000 records/s beside cold reads",
                  "2x that beside reads of what is in memory", fmt::format("{:.1f}x", ratio),
                  ratio <= 2);
    }
    const double alone = values.at("flush-each-1", "barnabas", "requests_s");
    if (alone > 0) {
        const double ratio = values.at("flush-each-64", "barnabas", "requests_s") / alone;
        print_bar("flush.messages=1, requests/s with 64 in flight", "16x those with one",
                  fmt::format("{:.0f}x", ratio), ratio >= 16);
    }
}

// Bars of the stage at which one node is complete.
void print_later_bars(const Values& values) {
    const std::string small = "raw-produce-100-4096";
    if (values.has(small, "barnabas", "requests_s")) {
        const double peer = values.at(small, "kafka", "requests_s");
        const double ratio = values.at(small, "barnabas", "requests_s") / (peer > 0 ? peer : 1);
        if (peer > 0) {
            print_bar("later: requests/s, 4 KB batches", "3x Apache Kafka",
                      fmt::format("{:.1f}x", ratio), ratio >= 3);
        }
        const double user = values.at(small, "barnabas", "cpu_user");
        const double system = values.at(small, "barnabas", "cpu_system");
        print_bar("later: CPU per GB, 4 KB batches", "1.5 user, 4 system",
                  plain(user) + ", " + plain(system), user <= 1.5 && system <= 4);
    }
    if (values.has("raw-fetch-1024", "barnabas", "cpu_user")) {
        const double cpu = cpu_of(values, "raw-fetch-1024");
        print_bar("later: CPU per GB, fetch", "0.25 together", plain(cpu), cpu <= 0.25);
    }
    if (values.has("latency", "barnabas", "end_p99_us")) {
        const double ratio = values.at("latency", "barnabas", "end_p99_us") /
                             values.at("latency", "barnabas", "echo_p99_us");
        print_bar("later: p99 end to end at 10,000 records/s", "4x a bare echo",
                  fmt::format("{:.1f}x", ratio), ratio <= 4);
    }
}

void print_client_bars(const Values& values) {
    for (const auto& [row, who] : values.rows()) {
        if (who != "barnabas" || !row.starts_with("rd-produce-")) continue;
        const double own = values.at(row, "barnabas", "records_s");
        const double peer = values.at(row, "kafka", "records_s");
        const double mock = values.at(row, "mock", "records_s");
        std::string measured;
        if (peer > 0) measured += fmt::format("{:.1f}x ", own / peer);
        if (mock > 0) measured += fmt::format("{:.0f} %", 100 * own / mock);
        print_bar("later: " + row, "3x Apache Kafka or 80 % of the mock", measured,
                  (peer > 0 && own >= 3 * peer) || (mock > 0 && own >= 0.8 * mock));
    }
}

// A hostile client may cost its neighbours what it costs those of a bare echo, three times.
void print_neighbours(const Values& values) {
    constexpr const char* kinds[] = {"produce", "large", "metadata"};
    fmt::print("| attack | who | produce 4 KB | produce 100 KB | Metadata | bare echo | "
               "p99, worst | peak MiB |\n|---|---|---|---|---|---|---|---|\n");
    for (const Row& row : values.rows()) {
        const auto us = [&](const std::string& name) {
            return values.at(row.first, row.second, name + "_us");
        };
        if (!row.first.starts_with("neighbour-")) continue;
        std::string measured;
        double p99 = 0, worst = 0;
        for (const char* kind : kinds) {
            p99 = std::max(p99, us(std::string(kind) + "_p99"));
            worst = std::max(worst, us(std::string(kind) + "_worst"));
            measured += fmt::format(" {:.1f} / {:.1f} |", us(std::string(kind) + "_p99") / 1000,
                                    us(std::string(kind) + "_worst") / 1000);
        }
        const bool is_met = p99 <= 3 * us("echo_p99") && worst <= 3 * us("echo_worst");
        fmt::print("| {} | {} |{} {:.1f} / {:.1f} | {} | {} |\n", row.first, row.second, measured,
                   us("echo_p99") / 1000, us("echo_worst") / 1000, is_met ? "met" : "**short**",
                   values.shown(row, "peak_mib"));
    }
}

void print_throughput(const Values& values) {
    fmt::print(
        "| row | who | MB/s | records/s | requests/s | CPU user | CPU system | peak MiB |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (const Row& row : values.rows()) {
        if (!values.has(row.first, row.second, "mb_s")) continue;
        const double peak = values.at(row.first, row.second, "peak_kib") / 1024;
        fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} |\n", row.first, row.second,
                   values.spread(row, "mb_s"), values.shown(row, "records_s"),
                   values.shown(row, "requests_s"), values.spread(row, "cpu_user"),
                   values.spread(row, "cpu_system"), peak > 0 ? plain(peak) : "");
    }
}

std::string percentiles_of(const Values& values, const Row& row, const std::string& what) {
    return fmt::format("{} / {} / {}", values.shown(row, what + "_p50_us"),
                       values.shown(row, what + "_p99_us"), values.shown(row, what + "_p999_us"));
}

void print_life(const Values& values) {
    fmt::print("| row | who | measured |\n|---|---|---|\n");
    for (const Row& row : values.rows()) {
        const auto has = [&](const char* name) { return values.has(row.first, row.second, name); };
        std::string measured;
        if (has("start_ms")) measured = values.spread(row, "start_ms") + " ms";
        if (has("idle_ms")) {
            measured =
                fmt::format("{} ms of CPU in 10 s, {} MiB resident", values.shown(row, "idle_ms"),
                            plain(values.median(row, "rss_kib").middle / 1024));
        }
        if (has("ack_p99_us")) {
            measured = fmt::format("p50 / p99 / p99.9 in us: acknowledged {}, fetched {}",
                                   percentiles_of(values, row, "ack"),
                                   percentiles_of(values, row, "end"));
        }
        if (has("echo_p99_us")) measured += ", a bare echo " + percentiles_of(values, row, "echo");
        if (has("events_s")) measured = values.spread(row, "events_s") + " events/s";
        if (has("instructions")) {
            measured = fmt::format("{} instructions", values.shown(row, "instructions"));
        }
        if (has("ns")) measured += fmt::format(", {} ns", values.shown(row, "ns"));
        if (has("gb_s")) measured += fmt::format(", {} GB/s", values.shown(row, "gb_s"));
        if (!measured.empty()) fmt::print("| {} | {} | {} |\n", row.first, row.second, measured);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) fail("table read VALUES NOTES ROUNDS");
    const Values values(argv[2]);
    fmt::print("Medians of {} rounds, lowest to highest in brackets.\n\n## Bars\n\n", argv[4]);
    fmt::print("| what | bar | measured | |\n|---|---|---|---|\n");
    print_cpu_bars(values);
    print_limit_bars(values);
    print_life_bars(values);
    print_log_bars(values);
    print_later_bars(values);
    print_client_bars(values);
    fmt::print("\n## Throughput\n\n");
    print_throughput(values);
    fmt::print(
        "\n## Neighbours of a hostile client: p99 / worst wait in ms, bar 3x the echo's\n\n");
    print_neighbours(values);
    fmt::print("\n## Latency, start, idle, counts\n\n");
    print_life(values);
    std::ifstream notes(argv[3]);
    bool first = true;
    for (std::string line; std::getline(notes, line); first = false) {
        fmt::print("{}- {}\n", first ? "\n## Missing\n\n" : "", line);
    }
    std::set<std::string> flags;
    for (const auto& [row, text] : values.flags()) flags.insert(text);
    fmt::print("\nFlags of librdkafka:\n\n");
    for (const std::string& text : flags) fmt::print("- `{}`\n", text);
}
