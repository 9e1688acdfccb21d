// How a controller works on a request: each kind's Work holds the request and how far it came.
//     using Request = protocol::...;
//     explicit Work(Request request);
//     bool advance(ActiveController& controller, DecisionLog& log, Slice& slice, Turn& turn);
//                                          // true when all is decided
//     Response response;                   // then
//     std::uint64_t answer_bytes = 0;      // of memory, about; where it may grow
//     bool discard(std::size_t elements);  // where it holds more than `request`: true when all is
//                                          // let go of
#pragma once

#include <memory>

#include "engine/controller/active_controller.h"
#include "engine/protocol/controller_messages.h"
#include "engine/protocol/discard.h"
#include "engine/runtime/slice.h"

namespace barnabas::controller {

class Work {
  public:
    virtual ~Work() = default;
    virtual std::unique_ptr<Work> copy() const = 0;
    virtual bool advance(ActiveController& controller, DecisionLog& log, Slice& slice,
                         Turn& turn) = 0;
    virtual protocol::ControllerResponse take_response() = 0;
    virtual std::uint64_t answer_bytes() const = 0;
    virtual bool discard(std::size_t elements) = 0;
};

template <class Kind>
class WorkOf : public Work {
  public:
    explicit WorkOf(typename Kind::Request request) : kind_(std::move(request)) {}

    std::unique_ptr<Work> copy() const override { return std::make_unique<WorkOf>(*this); }
    bool advance(ActiveController& controller, DecisionLog& log, Slice& slice,
                 Turn& turn) override {
        return kind_.advance(controller, log, slice, turn);
    }
    protocol::ControllerResponse take_response() override { return {std::move(kind_.response)}; }
    std::uint64_t answer_bytes() const override {
        if constexpr (requires { kind_.answer_bytes; }) return kind_.answer_bytes;
        return 0;
    }
    bool discard(std::size_t elements) override {
        if constexpr (requires { kind_.discard(elements); }) {
            if (!kind_.discard(elements)) return false;
        }
        return protocol::Discarder::discard(kind_.request, elements);
    }

  private:
    Kind kind_;
};

// The work on any request, as a value.
class AnyWork {
  public:
    AnyWork(protocol::AskNumber number, std::unique_ptr<Work> work)
        : number_(number), work_(std::move(work)) {}
    AnyWork(const AnyWork& other)
        : number_(other.number_), work_(other.work_->copy()), is_over_(other.is_over_) {}
    AnyWork(AnyWork&&) = default;
    AnyWork& operator=(AnyWork other) {
        number_ = other.number_;
        work_ = std::move(other.work_);
        is_over_ = other.is_over_;
        return *this;
    }
    ~AnyWork() = default;

    protocol::AskNumber number() const { return number_; }
    Work& work() { return *work_; }
    // Answered or abandoned: what it held is let go of, in slices too.
    bool is_over() const { return is_over_; }
    void end() { is_over_ = true; }

  private:
    protocol::AskNumber number_;
    std::unique_ptr<Work> work_;
    bool is_over_ = false;
};

// The work that a request asks for: in api/, one file an API.
std::unique_ptr<Work> make_work(protocol::ControllerRequest&& request);

}  // namespace barnabas::controller
