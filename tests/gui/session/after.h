// What a session shows once it has done what it was told.
#pragma once

#include <gtest/gtest.h>

#include "gui/session/session.h"

namespace barnabas::gui {

inline SnapshotPointer after(Session& session, Command command) {
    EXPECT_TRUE(session.wait(session.post(command), std::chrono::minutes(2)));
    return session.snapshot();
}

}  // namespace barnabas::gui
