// What clients ask of any broker and controllers serve: the broker reads it and passes it on, with
// whose it is. Topics that were made are there for their client when it is answered.
#include "engine/broker/api/routes.h"
#include "engine/broker/api/work.h"
#include "engine/protocol/controller_messages.h"

namespace barnabas::broker::api {
namespace {

template <class R>
struct PassedOn {
    using Request = R;
    static constexpr bool is_passed_on = true;

    explicit PassedOn(const ReturnAddress& from) : to(from) {}
    bool advance(Node& node, Slice&, Turn&) {
        node.controller.ask(ForClient{to}, node.connections.principal(to.address.connection),
                            {std::move(request)});
        return true;
    }

    ReturnAddress to;
    Request request;
};

void answer_client(Node& node, const ReturnAddress& to, protocol::CreateTopicsResponse&& response,
                   Turn& turn) {
    std::vector<std::string> made;
    for (const auto& topic : response.topics)
        if (topic.error_code == protocol::ErrorCode::none) made.push_back(topic.name);
    if (node.settle(made)) return node.reply(to, std::move(response), turn);
    node.waits_for_topics.push_back({to, false, std::move(made), std::move(response)});
}

template <class Response>
void answer_client(Node& node, const ReturnAddress& to, Response&& response, Turn& turn) {
    node.reply(to, std::move(response), turn);
}

}  // namespace

void pass_on_create_topics(Node& node, const Call& call, Turn& turn) {
    begin_work<PassedOn<protocol::CreateTopicsRequest>>(node, call, turn);
}

void pass_on_alter_configs(Node& node, const Call& call, Turn& turn) {
    begin_work<PassedOn<protocol::IncrementalAlterConfigsRequest>>(node, call, turn);
}

bool on_passed_on_progress(Node& node, ForClient& client, std::uint64_t answer_bytes,
                           bool is_decided, Turn& turn) {
    const Address& address = client.to.address;
    if (is_decided) {
        node.jobs.end(address.connection, turn);
        return true;
    }
    if (!node.connections.has(address.connection)) return false;
    node.connections.charge(address,
                            answer_bytes - std::exchange(client.answer_bytes, answer_bytes));
    if (answer_bytes <= answer_memory_max) return true;
    node.hang_up(client.to, "it is too large", turn);
    node.jobs.end(address.connection, turn);
    return false;
}

void answer_passed_on(Node& node, const ReturnAddress& to, protocol::ControllerResponse&& response,
                      Turn& turn) {
    std::visit([&](auto& one) { answer_client(node, to, std::move(one), turn); }, response.message);
}

}  // namespace barnabas::broker::api
