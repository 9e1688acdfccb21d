// How the commands of the simulator end.
#pragma once

namespace barnabas::program {

constexpr int held = 0;
constexpr int did_not_hold = 1;
constexpr int bad_input = 2;
constexpr int says_nothing = 3;  // no rule was broken, in too small a run to count

}  // namespace barnabas::program
