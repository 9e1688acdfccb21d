// Whatever stands in the strings of a request, its client gets an answer, and the node lives.
#include "engine/broker/api/routes.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "tests/engine/broker/test_broker.h"

namespace barnabas::broker {
namespace {

using protocol::ErrorCode;

// Fills a request by its own describe lines, as far as its version has the field: one element in
// each list, the topic that there is in each string but the one that is chosen.
class Filler {
  public:
    struct Choice {
        std::size_t string = 0;  // the n-th of the request
        std::string extreme;     // what it gets
        std::int8_t kind = 0;    // what every number of one byte gets
    };
    Filler(const Choice& choice, std::int16_t version) : choice_(choice), version_(version) {}

    template <class T>
    void operator()(std::string_view, T& value,
                    std::same_as<protocol::Attribute> auto... attributes) {
        if (protocol::Field(attributes...).exists_in(version_)) fill(value);
    }
    std::size_t strings() const { return strings_; }

  private:
    void fill(std::string& value) {
        value = strings_++ == choice_.string ? choice_.extreme : "orders";
    }
    void fill(std::int8_t& value) { value = choice_.kind; }
    void fill(std::int16_t& value) { value = -1; }
    template <protocol::Number T>
    void fill(T&) {}
    void fill(Uuid&) {}
    void fill(Bytes&) {}
    void fill(protocol::Records& value) { value = protocol::Records(batch_of({"one"})); }
    template <class T>
    void fill(std::vector<T>& list) {
        list.resize(1);
        fill(list.front());
    }
    template <class T>
    void fill(std::optional<T>& value) {
        fill(value.emplace());
    }
    template <class S>
        requires requires(S& self, Filler& filler) { S::describe(filler, self); }
    void fill(S& self) {
        S::describe(*this, self);
    }

    Choice choice_;
    std::int16_t version_;
    std::size_t strings_ = 0;
};

std::string repeated(std::string_view part, std::size_t size) {
    std::string text;
    while (text.size() + part.size() <= size) text += part;
    return text + std::string(size - text.size(), 'x');
}

std::vector<std::string> extremes() {
    return {"",
            "a b",
            std::string("or\0ders", 7),
            "\xff\xfe\xc3",
            std::string(249, 'x'),
            std::string(250, 'x'),
            std::string(protocol::string_bytes_max, 'x'),
            repeated("\u20ac", protocol::string_bytes_max),
            std::string(protocol::string_bytes_max, '\xbf'),
            repeated("1:1,", protocol::string_bytes_max)};
}

template <class Request>
class ExtremeStrings : public testing::Test {};

using Served =
    testing::Types<protocol::ProduceRequest, protocol::FetchRequest, protocol::ListOffsetsRequest,
                   protocol::MetadataRequest, protocol::ApiVersionsRequest,
                   protocol::CreateTopicsRequest, protocol::DeleteRecordsRequest,
                   protocol::DescribeConfigsRequest, protocol::IncrementalAlterConfigsRequest,
                   protocol::InitProducerIdRequest, protocol::DescribeProducersRequest>;
TYPED_TEST_SUITE(ExtremeStrings, Served);

// Kinds of resources, operations, isolation levels: numbers of one byte.
constexpr std::int8_t kinds[] = {0, 1, 2, 4, -1};

template <class Request>
Filler fill(Request& request, const Filler::Choice& choice, std::int16_t version) {
    Filler filler(choice, version);
    Request::describe(filler, request);
    return filler;
}

template <class Request>
void send(TestBroker& broker, ConnectionId client, const Request& request, std::int16_t version) {
    protocol::RequestHeader header;
    header.api_version = version;
    header.client_id = repeated("\u20ac", protocol::string_bytes_max);
    const auto framed = protocol::frame_request(header, request);
    ASSERT_TRUE(framed.has_value()) << framed.error().text();
    broker.send_frame(client, framed->flatten().from(4));
}

TYPED_TEST(ExtremeStrings, AreAnsweredWhereverTheyStand) {
    constexpr protocol::ApiKey key = TypeParam::api.key;
    TestBroker broker;
    broker.start();
    make_topic(broker, broker.connect(), "orders");
    const auto versions = protocol::served(key, protocol::Listeners::broker);
    for (std::int16_t version = versions.oldest; version <= versions.latest; ++version) {
        TypeParam all;
        const std::size_t strings = fill(all, {}, version).strings();
        for (std::size_t chosen = 0; chosen < strings; ++chosen) {
            for (const std::string& extreme : extremes()) {
                for (const std::int8_t kind : kinds) {
                    TypeParam request;
                    fill(request, {chosen, extreme, kind}, version);
                    const ConnectionId client = broker.connect();
                    send(broker, client, request, version);
                    ASSERT_TRUE(broker.has_answer(client))
                        << protocol::name_of(key) << " version " << version << ", string "
                        << chosen << " of " << extreme.size() << " bytes, kind " << int{kind};
                }
            }
        }
    }
    EXPECT_TRUE(broker.broker().is_serving());
}

}  // namespace
}  // namespace barnabas::broker
