#include "engine/broker/controller_link.h"

#include "engine/base/digest.h"
#include "engine/broker/ask.h"

namespace barnabas::broker {

ControllerLink::ControllerLink() = default;
ControllerLink::ControllerLink(const ControllerLink& other) = default;
ControllerLink::ControllerLink(ControllerLink&& other) noexcept = default;
ControllerLink& ControllerLink::operator=(const ControllerLink& other) = default;
ControllerLink& ControllerLink::operator=(ControllerLink&& other) noexcept = default;
ControllerLink::~ControllerLink() = default;

protocol::AskNumber ControllerLink::ask(AskedFor what, const Principal& principal,
                                        protocol::ControllerRequest&& request) {
    const protocol::AskNumber number(++last_number_);
    rows_.emplace(number, std::move(what));
    asked_.push_back({number, principal, std::move(request)});
    return number;
}

std::vector<Ask> ControllerLink::take_asked() { return std::exchange(asked_, {}); }

AskedFor ControllerLink::end(protocol::AskNumber number) {
    return std::move(rows_.extract(number).mapped());
}

void ControllerLink::digest(Hasher& hasher) const { digest_all(hasher, last_number_, rows_); }

}  // namespace barnabas::broker
