// The one test over the real tree.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/places.h"
#include "tests/tidy/tidy.h"

namespace barnabas::tidy {
namespace {

std::string text_of(const Tree& tree, std::string_view path) {
    const auto at = std::ranges::find(tree, path, &File::path);
    return at == tree.end() ? "" : at->text;
}

TEST(Tidy, TheTreeIsTidy) {
    const Tree tree = read_tree(support::source_path(""));
    ASSERT_GT(tree.size(), 50u) << "the tree was not found";
    const Findings findings = tidy(tree, text_of(tree, "tests/tidy/exceptions.tsv"),
                                   text_of(tree, "tests/tidy/ratchet.tsv"));
    if (!findings.empty()) FAIL() << '\n' << print(findings);
}

}  // namespace
}  // namespace barnabas::tidy
