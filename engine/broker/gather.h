// A request whose parts are answered apart: what is known of its answer, and how many parts are not
// answered yet. Rows, not closures; none of them holds a frame.
#pragma once

#include <boost/container/small_vector.hpp>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "engine/broker/call.h"
#include "engine/broker/jobs.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/produce.h"
#include "engine/replication/question.h"
#include "engine/replication/watches.h"

namespace barnabas::broker {

// A partition of a request, by where it stands there.
struct Place {
    std::uint32_t topic = 0;
    std::uint32_t partition = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

struct ProduceGather {
    protocol::ProduceResponse response;
    bool wants_answer = true;  // acks other than 0
};

struct OffsetsGather {
    protocol::ListOffsetsResponse response;
};

// A fetch: its request is kept, as each attempt to answer it begins anew.
struct FetchGather {
    enum class Stage : std::uint8_t {
        attempting,
        asking,   // partitions that have not answered yet
        passing,  // by those again for which there was no room while others were looked up
        parked,   // waits for more than there is
        leaving,  // its partitions' watches
    };
    // A partition of the request, in its order.
    struct Watched {
        replication::Slot slot;
        replication::WatchId watch = replication::no_watch;
    };
    struct PassedOver {
        Place place;
        std::uint32_t number = 0;  // of the partition in the request
    };

    protocol::FetchRequest request;
    std::size_t steps = 0;  // of a look at all of it
    Stage stage = Stage::attempting;
    Place at;                  // where the stage goes on
    std::uint32_t number = 0;  // of the partition there
    boost::container::small_vector<Watched, 2> watched;
    bool is_watching = false;  // all its partitions
    bool has_news = false;     // of one of them, since the attempt began
    // Of the attempt under way:
    protocol::FetchResponse response;
    Ranges ranges;           // what the response's external records stand for
    std::uint64_t bytes = 0;        // of records, and set aside for what is looked up
    std::vector<PassedOver> passed_over;
    std::vector<PassedOver> passing;
    bool has_error = false;

    bool is_long() const { return steps > Slice::rows_max; }
    void digest(Hasher& hasher) const;
};

struct Gather {
    ReturnAddress to;
    std::uint32_t unanswered = 0;  // parts, and the asking itself while it goes on
    Instant deadline{};            // of a fetch
    std::variant<ProduceGather, OffsetsGather, FetchGather> of;
};

// Those under way, by where their answers go. The row of one that is over serves the next.
class Gathers {
  public:
    using Rows = std::map<Address, Gather>;
    using iterator = Rows::iterator;
    using const_iterator = Rows::const_iterator;

    Gathers() = default;
    Gathers(const Gathers& other) : rows_(other.rows_) {}
    Gathers(Gathers&& other) noexcept = default;
    Gathers& operator=(const Gathers& other) {
        rows_ = other.rows_;
        return *this;
    }
    Gathers& operator=(Gathers&& other) noexcept = default;
    ~Gathers() = default;

    // Needs: there is none at that address.
    Gather& add(const Address& address) {
        if (spare_.empty()) return rows_[address];
        spare_.key() = address;
        return rows_.insert(std::move(spare_)).position->second;
    }
    iterator erase(iterator one) {
        const iterator next = std::next(one);
        spare_ = rows_.extract(one);
        spare_.mapped() = {};
        return next;
    }
    void erase(const Address& address) { erase(rows_.find(address)); }

    Gather& at(const Address& address) { return rows_.at(address); }
    iterator find(const Address& address) { return rows_.find(address); }
    iterator lower_bound(const Address& address) { return rows_.lower_bound(address); }
    iterator begin() { return rows_.begin(); }
    iterator end() { return rows_.end(); }
    const_iterator begin() const { return rows_.begin(); }
    const_iterator end() const { return rows_.end(); }
    std::size_t size() const { return rows_.size(); }
    bool empty() const { return rows_.empty(); }

  private:
    Rows rows_;
    Rows::node_type spare_;
};

}  // namespace barnabas::broker
