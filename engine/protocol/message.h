// What every description of a message needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/uuid.h"
#include "engine/protocol/errors.h"
#include "engine/protocol/field.h"
#include "engine/protocol/format.h"
#include "engine/protocol/payload.h"
