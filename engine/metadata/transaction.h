// A transaction of the metadata log: what stands between BeginTransaction and EndTransaction takes
// effect together when the end is there, and after AbortTransaction not at all.
//
// Feed it every record in the order of the log, and apply what it gives back.
#pragma once

#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/metadata/record.h"

namespace barnabas::metadata {

class Transaction {
  public:
    // The records that take effect now, in their order. An error says what does not belong there.
    Result<std::vector<Record>, std::string> take(Record record);

    bool is_open() const { return is_open_; }

    void digest(Hasher& hasher) const;

  private:
    bool is_open_ = false;
    std::vector<Record> held_;
};

}  // namespace barnabas::metadata
