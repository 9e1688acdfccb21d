#include "tests/tidy/tidy.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

namespace barnabas::tidy {
namespace {

constexpr std::string_view exceptions_file = "tests/tidy/exceptions.tsv";
constexpr std::string_view ratchet_file = "tests/tidy/ratchet.tsv";

struct Entry {
    int line = 0;
    std::vector<std::string> columns;
};

std::vector<Entry> entries_of(std::string_view text) {
    std::vector<Entry> entries;
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        std::string_view row = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (row.empty() || row.starts_with('#')) continue;
        Entry entry{line, {}};
        while (true) {
            const std::size_t tab = row.find('\t');
            entry.columns.emplace_back(row.substr(0, tab));
            if (tab == std::string_view::npos) break;
            row.remove_prefix(tab + 1);
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

Finding about(std::string_view list, const Entry& entry, std::string text) {
    return {std::string(list), entry.line, "list", entry.columns.front(), 1, std::move(text)};
}

void take_exceptions(std::string_view text, Findings& findings, Findings& out) {
    for (const Entry& entry : entries_of(text)) {
        if (entry.columns.size() != 4 || entry.columns[3].empty()) {
            out.push_back(about(exceptions_file, entry, "file, rule, subject, reason are needed"));
            continue;
        }
        const auto erased = std::erase_if(findings, [&](const Finding& one) {
            return std::tie(one.file, one.rule, one.subject) ==
                   std::tie(entry.columns[0], entry.columns[1], entry.columns[2]);
        });
        if (erased > 0) continue;
        out.push_back(about(exceptions_file, entry, "nothing needs this entry; take it out"));
    }
}

// How far a file is off one rule: the largest size, or how many findings.
int measure(const Findings& findings) {
    int largest = 0;
    for (const Finding& one : findings) largest = std::max(largest, one.measured);
    return largest > 1 ? largest : static_cast<int>(findings.size());
}

void take_ratchet(std::string_view text, Findings& findings, Findings& out) {
    for (const Entry& entry : entries_of(text)) {
        int owed = 0;
        const auto is_number = [&](const std::string& number) {
            const char* end = number.data() + number.size();
            return std::from_chars(number.data(), end, owed).ptr == end;
        };
        if (entry.columns.size() != 3 || !is_number(entry.columns[2])) {
            out.push_back(about(ratchet_file, entry, "file, rule, measured are needed"));
            continue;
        }
        const auto is_meant = [&](const Finding& one) {
            return one.file == entry.columns[0] && one.rule == entry.columns[1];
        };
        Findings meant;
        std::ranges::copy_if(findings, std::back_inserter(meant), is_meant);
        const int now = measure(meant);
        if (now <= owed) std::erase_if(findings, is_meant);
        if (now == owed) continue;
        const std::string numbers = std::to_string(now) + ", not " + std::to_string(owed);
        out.push_back(about(ratchet_file, entry,
                            now == 0     ? entry.columns[0] + " is clean; take the entry out"
                            : now > owed ? entry.columns[0] + " got worse: " + numbers
                                         : entry.columns[0] + " got better: write " + numbers));
    }
}

}  // namespace

Findings inspect(const Tree& tree) {
    Findings findings;
    for (const File& file : tree) {
        const Source source = read_source(file);
        check_place(source, findings);
        check_arrows(source, findings);
        check_words(source, findings);
        check_sizes(source, findings);
    }
    return findings;
}

Findings tidy(const Tree& tree, std::string_view exceptions, std::string_view ratchet) {
    Findings findings = inspect(tree);
    Findings lists;
    take_exceptions(exceptions, findings, lists);
    take_ratchet(ratchet, findings, lists);
    findings.insert(findings.end(), lists.begin(), lists.end());
    return findings;
}

std::string print(const Findings& findings) {
    std::string all;
    for (const Finding& one : findings) all += one.print() + '\n';
    return all;
}

}  // namespace barnabas::tidy
