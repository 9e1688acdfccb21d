#include "engine/controller/api/works.h"

namespace barnabas::controller {

std::unique_ptr<Work> make_work(protocol::ControllerRequest&& request) {
    return std::visit([](auto& one) { return work_on(std::move(one)); }, request.message);
}

}  // namespace barnabas::controller
