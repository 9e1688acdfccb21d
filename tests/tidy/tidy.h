// All rules over the whole tree, less what is allowed.
//
// Two lists lie beside this file. exceptions.tsv: what is right although a rule says otherwise
// (file, rule, subject, reason). ratchet.tsv: what is owed (file, rule, measured); a number there
// may only shrink. An entry in either that is not needed any more is itself a finding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.h"

namespace barnabas::tidy {

Findings inspect(const Tree& tree);

// The findings of inspect() that neither list covers, and the entries that nothing needs.
Findings tidy(const Tree& tree, std::string_view exceptions, std::string_view ratchet);

std::string print(const Findings& findings);

}  // namespace barnabas::tidy
