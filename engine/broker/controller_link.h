// How a broker reaches the active controller: a request and whose it is go in, a response comes
// out. The broker keeps by the number whom the answer is for; Broker::on_answer() takes it there.
// Within a process that is a value which node passes on.
#pragma once

#include <map>
#include <variant>
#include <vector>

#include "engine/base/hash.h"
#include "engine/broker/call.h"
#include "engine/protocol/asking.h"

namespace barnabas::broker {

struct Ask;  // ask.h

struct ForClient {  // the answer goes to it as it stands
    ReturnAddress to;
    std::uint64_t answer_bytes = 0;  // of it, that are charged to the client
};
struct ForMetadata {  // topics were made so that its client hears of them
    ReturnAddress to;
};
// What this broker asks for itself.
enum class Own : std::uint8_t {
    registration,
    unfencing,
    shutdown,
    directories,  // some of them are offline
    places,       // of its copies
    producer_ids,
};
using AskedFor = std::variant<ForClient, ForMetadata, Own>;

class ControllerLink {
  public:
    ControllerLink();
    ControllerLink(const ControllerLink& other);
    ControllerLink(ControllerLink&& other) noexcept;
    ControllerLink& operator=(const ControllerLink& other);
    ControllerLink& operator=(ControllerLink&& other) noexcept;
    ~ControllerLink();

    protocol::AskNumber ask(AskedFor what, const Principal& principal,
                            protocol::ControllerRequest&& request);
    // For node: what was asked since the last call, in its order.
    std::vector<Ask> take_asked();

    // Whom the answer to that number is for. Needs: it was asked, and end() was not called.
    AskedFor& asked_for(protocol::AskNumber number) { return rows_.at(number); }
    AskedFor end(protocol::AskNumber number);
    // Asks that are not answered yet.
    std::size_t waiting() const { return rows_.size(); }

    void digest(Hasher& hasher) const;

  private:
    std::uint64_t last_number_ = 0;
    std::vector<Ask> asked_;
    std::map<protocol::AskNumber, AskedFor> rows_;
};

}  // namespace barnabas::broker
