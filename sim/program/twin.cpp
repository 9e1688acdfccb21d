#include "sim/program/twin.h"

#include <algorithm>
#include <string_view>

#include "sim/program/child.h"

namespace barnabas::program {
namespace {

// Above that a process says that it was not told what to do, or a signal ended it.
constexpr int exit_code_most = 3;

// glibc fills what it gives out and what it takes back with this byte; the environment lies above
// the stack and moves it.
std::vector<std::string> environment_of(bool is_other) {
    std::vector<std::string> all = environment();
    std::erase_if(all, [](const auto& one) { return one.starts_with("MALLOC_PERTURB_="); });
    if (!is_other) return all;
    all.emplace_back("MALLOC_PERTURB_=165");
    all.emplace_back("BARNABAS_TWIN=" + std::string(40'000, 'x'));
    return all;
}

// The number of the first line that differs, from 1.
std::uint64_t first_difference(std::string_view one, std::string_view other) {
    for (std::uint64_t line = 1;; ++line) {
        const std::size_t end = one.find('\n');
        if (end == std::string_view::npos || one.substr(0, end) != other.substr(0, end)) {
            return line;
        }
        one.remove_prefix(end + 1);
        other.remove_prefix(std::min(end + 1, other.size()));
    }
}

}  // namespace

Twins::Twins(std::vector<std::string> words, std::string program)
    : words_(std::move(words)), program_(std::move(program)) {}

Result<std::string, std::string> Twins::say(std::vector<std::string> before,
                                            std::vector<std::string> after, Layout layout) const {
    std::vector<std::string> words{"sim"};
    for (const auto& part : {before, words_, after})
        words.insert(words.end(), part.begin(), part.end());
    auto child =
        Child::start(program_, std::move(words), environment_of(layout == Layout::other));
    if (!child) return unexpected(child.error());
    Child::Ended ended = child->wait();
    if (ended.code < 0 || ended.code > exit_code_most || ended.said.empty())
        return unexpected(std::string("a second process of this program came to nothing"));
    return std::move(ended.said);
}

Result<std::optional<Difference>, std::string> Twins::compare() const {
    const auto one = say({"run"}, {"--json"}, Layout::usual);
    if (!one) return unexpected(one.error());
    const auto other = say({"run"}, {"--json"}, Layout::other);
    if (!other) return unexpected(other.error());
    if (*one == *other) return std::optional<Difference>();
    const auto steps = say({"steps"}, {}, Layout::usual);
    if (!steps) return unexpected(steps.error());
    const auto other_steps = say({"steps"}, {}, Layout::other);
    if (!other_steps) return unexpected(other_steps.error());
    Difference difference;
    difference.step = first_difference(*steps, *other_steps);
    const std::vector<std::string> which{"--step", std::to_string(difference.step)};
    difference.one = say({"steps"}, which, Layout::usual).value_or("");
    difference.other = say({"steps"}, which, Layout::other).value_or("");
    return std::optional(std::move(difference));
}

}  // namespace barnabas::program
