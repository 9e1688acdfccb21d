#include "engine/controller/active_controller.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/digest.h"
#include "engine/controller/features.h"
#include "engine/controller/progress.h"
#include "engine/controller/work.h"

namespace barnabas::controller {

using metadata::Record;

ActiveController::ActiveController(const settings::BrokerSettings& settings)
    : settings_(settings),
      topic_defaults_{static_cast<std::int32_t>(settings.number("num.partitions")),
                      static_cast<std::int16_t>(settings.number("default.replication.factor"))} {}

ActiveController::ActiveController(const ActiveController& other) = default;
ActiveController::ActiveController(ActiveController&& other) noexcept = default;
ActiveController& ActiveController::operator=(const ActiveController& other) = default;
ActiveController& ActiveController::operator=(ActiveController&& other) noexcept = default;
ActiveController::~ActiveController() = default;

// The principal is what decisions on who may do what will read.
ActiveController::Progress ActiveController::begin(protocol::AskNumber number, const Principal&,
                                                   protocol::ControllerRequest&& request,
                                                   DecisionLog& log, Turn& turn) {
    works_.emplace_front(number, make_work(std::move(request)));
    return advance(log, turn);
}

ActiveController::Progress ActiveController::advance(DecisionLog& log, Turn& turn) {
    AnyWork one = std::move(works_.front());
    works_.pop_front();
    Progress progress{.number = one.number(), .is_cleaning_up = one.is_over()};
    if (!one.is_over()) {
        Slice slice;
        const bool is_decided = one.work().advance(*this, log, slice, turn);
        progress.answer_bytes = one.work().answer_bytes();
        if (is_decided) {
            progress.response = one.work().take_response();
            one.end();
        }
    }
    if (!one.is_over() || !one.work().discard(discarded_at_once)) works_.push_back(std::move(one));
    return progress;
}

void ActiveController::apply(const Record& record) {
    latest_.apply(record);
    const auto* setting = std::get_if<protocol::ConfigRecord>(&record);
    if (setting && setting->resource_type == static_cast<int>(metadata::Resource::broker))
        follow_settings();
}

void ActiveController::begin_with(const metadata::Image& committed) {
    latest_ = committed;
    follow_settings();
}

void ActiveController::follow_settings() {
    using metadata::Resource;
    settings_ = settings_.with_dynamic(
        latest_.settings(Resource::broker, ""),
        latest_.settings(Resource::broker, std::to_string(settings_.node_id())));
}

void ActiveController::abandon(protocol::AskNumber number) {
    const auto found = std::ranges::find(works_, number, &AnyWork::number);
    if (found != works_.end()) found->end();
}

Result<bool, std::string> ActiveController::prepare(const std::vector<Bytes>& bootstrap,
                                                    bool is_transaction_open, DecisionLog& log,
                                                    Turn& turn) {
    if (is_transaction_open && !commit(decide_abort(), log, turn)) return false;
    if (latest_.feature_level(metadata::metadata_version) == 0) {
        auto first = decide_first_records(bootstrap);
        if (!first) return unexpected(std::move(first.error()));
        if (!commit(*std::move(first), log, turn)) return false;
    }
    if (auto why = why_level_is_unknown(latest_); !why.empty()) return unexpected(std::move(why));
    return true;
}

bool ActiveController::commit(std::vector<Record> records, DecisionLog& log, Turn& turn) {
    std::int16_t level = latest_.record_level();
    for (std::size_t at = 0; at < records.size(); at += records_max) {
        const std::size_t end = std::min(at + records_max, records.size());
        std::vector<Record> told;
        std::vector<Bytes> values;
        told.reserve(end - at);
        values.reserve(end - at);
        for (std::size_t i = at; i < end; ++i) {
            const auto* feature = std::get_if<protocol::FeatureLevelRecord>(&records[i]);
            if (feature && feature->name == metadata::metadata_version)
                level = feature->feature_level;
            auto one = metadata::as_of(std::move(records[i]), level);
            if (!one) continue;
            values.push_back(metadata::encode(*one, level));
            told.push_back(*std::move(one));
        }
        if (!commit(told, values, log, turn)) return false;
    }
    return true;
}

bool ActiveController::commit(const std::vector<Record>& records, const std::vector<Bytes>& values,
                              DecisionLog& log, Turn& turn) {
    CHECK(values.size() == records.size());
    if (!log.append(values, turn)) return false;
    for (const Record& record : records) apply(record);
    return true;
}

// Settings are what the node was made with, and what `latest` says.
void ActiveController::digest(Hasher& hasher) const {
    digest_all(hasher, latest_, losses_);
    for (const AnyWork& work : works_) digest_all(hasher, work.number(), work.is_over());
}

}  // namespace barnabas::controller
