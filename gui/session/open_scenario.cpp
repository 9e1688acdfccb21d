#include "gui/session/open_scenario.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gui/session/scenario_subject.h"
#include "gui/session/sim_session.h"
#include "sim/scenario/parse.h"

namespace barnabas::gui {
namespace {

constexpr std::uintmax_t text_bytes_max = 16 << 20;

OpenProblem problem(const std::string& path, const std::string& what) {
    return {.message = path + ": " + what, .what = path + ": " + what, .file = path, .text = {}};
}

Result<std::string, OpenProblem> read_text(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) return unexpected(problem(path, "there is no such file"));
    if (!std::filesystem::is_regular_file(status))
        return unexpected(problem(path, "this is no file that could hold a scenario"));
    if (std::filesystem::file_size(path, error) > text_bytes_max)
        return unexpected(problem(path, "this is too large for a scenario"));
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        if (!file || std::filesystem::file_size(path, error) > 0)
            return unexpected(problem(path, "it cannot be read"));
    }
    return text.str();
}

}  // namespace

Result<std::unique_ptr<Session>, OpenProblem> open_scenario(const std::string& path,
                                                            std::optional<std::uint64_t> seed) {
    auto text = read_text(path);
    if (!text) return unexpected(text.error());
    auto parsed = scenario::parse(*text, path);
    if (!parsed) {
        const scenario::Mistake& mistake = parsed.error().all.front();
        std::string what = "Expected " + mistake.expected;
        what += mistake.found.empty() ? ", found the end of the line"
                                      : ", found '" + mistake.found + "'";
        if (!mistake.meant.empty()) what += "; did you mean '" + mistake.meant + "'?";
        return unexpected(OpenProblem{.message = parsed.error().text(),
                                      .what = std::move(what),
                                      .file = mistake.file,
                                      .line = mistake.line,
                                      .column = mistake.column,
                                      .text = std::move(*text)});
    }
    if (seed) parsed->seed = *seed;
    auto run = scenario::Run::make(std::move(*parsed));
    if (!run) {
        OpenProblem refused = problem(path, run.error());
        refused.message = run.error();  // it names the file itself
        refused.what = run.error();
        return unexpected(std::move(refused));
    }
    SessionInfo info = info_of(*run);
    return std::make_unique<SimSession>(ScenarioSubject(std::move(*run)), std::move(info));
}

}  // namespace barnabas::gui
