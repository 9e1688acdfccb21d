// The active controller: it alone decides what the cluster is.
//
// A decision reads `latest`: what is committed, and what was decided since. Its records are
// appended as one batch and applied to `latest` at once, so that the next decision sees them;
// whoever asked is answered when they are committed, which is its owner's to see to. Losing what
// was decided makes `latest` what was committed again: begin_with(), and apply() for what is still
// on its way.
//
// A request is worked on in slices. begin() does the first one, advance() the next one of whichever
// has waited longest.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/controller/decision.h"
#include "engine/controller/decision_log.h"
#include "engine/controller/topics.h"
#include "engine/metadata/image.h"
#include "engine/protocol/asking.h"
#include "engine/runtime/ids.h"
#include "engine/settings/broker_settings.h"

namespace barnabas::controller {

class AnyWork;

class ActiveController {
  public:
    explicit ActiveController(const settings::BrokerSettings& settings);
    // Compiled once, not in every file that holds one.
    ActiveController(const ActiveController& other);
    ActiveController(ActiveController&& other) noexcept;
    ActiveController& operator=(const ActiveController& other);
    ActiveController& operator=(ActiveController&& other) noexcept;
    ~ActiveController();

    struct Progress;  // what came of a slice of a request: progress.h
    // A request, and whose it is.
    Progress begin(protocol::AskNumber number, const Principal& principal,
                   protocol::ControllerRequest&& request, DecisionLog& log, Turn& turn);
    // Needs: has_work().
    Progress advance(DecisionLog& log, Turn& turn);
    bool has_work() const { return !works_.empty(); }
    // Nobody waits for it any more: what is not decided yet will not be.
    void abandon(protocol::AskNumber number);

    // Sees to it that the log has levels of features, and no transaction of an earlier controller
    // is left open. False when the log takes no record. The error ends the node.
    Result<bool, std::string> prepare(const std::vector<Bytes>& bootstrap, bool is_transaction_open,
                                      DecisionLog& log, Turn& turn);

    // Appends the records in batches of at most records_max and applies them; fields and records
    // that the finalized metadata.version does not have are left out. False when the log takes
    // none, or not all of them.
    bool commit(std::vector<metadata::Record> records, DecisionLog& log, Turn& turn);
    template <class Response>
    bool commit(const Decision<Response>& decision, DecisionLog& log, Turn& turn) {
        return commit(decision.records, decision.values, log, turn);
    }

    void apply(const metadata::Record& record);
    // From here on decisions read `committed`, and what is applied to it.
    void begin_with(const metadata::Image& committed);
    const metadata::Image& latest() const { return latest_; }
    // Something that was decided will not be committed.
    void on_loss() { ++losses_; }
    std::uint64_t losses() const { return losses_; }

    const settings::BrokerSettings& settings() const { return settings_; }
    const TopicDefaults& topic_defaults() const { return topic_defaults_; }

    void digest(Hasher& hasher) const;

  private:
    bool commit(const std::vector<metadata::Record>& records, const std::vector<Bytes>& values,
                DecisionLog& log, Turn& turn);

    void follow_settings();

    settings::BrokerSettings settings_;
    TopicDefaults topic_defaults_;
    metadata::Image latest_;
    std::deque<AnyWork> works_;
    std::uint64_t losses_ = 0;
};

}  // namespace barnabas::controller
