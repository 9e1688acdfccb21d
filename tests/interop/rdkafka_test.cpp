// librdkafka as Debian ships it, with each kind of acknowledgement.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "tests/interop/broker.h"

namespace barnabas::interop {
namespace {

struct Sent {
    std::int64_t acknowledged = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    Sent& sent = *static_cast<Sent*>(opaque);
    if (message->err) {
        sent.error = message->err;
    } else {
        ++sent.acknowledged;
    }
}

class Client {
  public:
    Client(rd_kafka_type_t type, const Broker& broker,
           const std::vector<std::pair<std::string, std::string>>& settings) {
        char error[256] = "";
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "bootstrap.servers", broker.address().c_str(), error, sizeof error);
        for (const auto& [name, value] : settings) {
            EXPECT_EQ(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error),
                      RD_KAFKA_CONF_OK)
                << error;
        }
        rd_kafka_conf_set_opaque(conf, &sent);
        if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
        handle_ = rd_kafka_new(type, conf, error, sizeof error);
        EXPECT_TRUE(handle_) << error;
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { rd_kafka_destroy(handle_); }
    rd_kafka_t* handle() const { return handle_; }

    Sent sent;

  private:
    rd_kafka_t* handle_ = nullptr;
};

std::string key_of(int i) { return "key-" + std::to_string(i % 7); }
std::string value_of(int i) {
    return std::string(static_cast<std::size_t>(i % 300), 'v') + std::to_string(i);
}

void send(Client& client, const std::string& topic, int count) {
    for (int i = 0; i < count; ++i) {
        const std::string key = key_of(i), value = value_of(i);
        const auto error = rd_kafka_producev(
            client.handle(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
            RD_KAFKA_V_KEY(key.data(), key.size()),
            RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
            RD_KAFKA_V_HEADER("number", "7", 1), RD_KAFKA_V_END);
        ASSERT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(error);
    }
    ASSERT_EQ(rd_kafka_flush(client.handle(), 60'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(client.sent.error, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(client.sent.error);
    EXPECT_EQ(client.sent.acknowledged, count);
}

std::string text_of(const void* bytes, std::size_t size) {
    return std::string(static_cast<const char*>(bytes), size);
}

// All of them in their order, offsets counting up by one.
void expect_read(const Broker& broker, const std::string& topic, int count) {
    Client client(RD_KAFKA_CONSUMER, broker, {{"check.crcs", "true"}});
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client.handle(), topic.c_str(), nullptr);
    ASSERT_EQ(rd_kafka_consume_start(handle, 0, RD_KAFKA_OFFSET_BEGINNING), 0);
    for (int i = 0; i < count; ++i) {
        rd_kafka_message_t* message = rd_kafka_consume(handle, 0, 30'000);
        ASSERT_TRUE(message) << "record " << i << " does not come";
        ASSERT_EQ(message->err, 0) << rd_kafka_message_errstr(message);
        EXPECT_EQ(message->offset, i);
        EXPECT_EQ(text_of(message->payload, message->len), value_of(i));
        EXPECT_EQ(text_of(message->key, message->key_len), key_of(i));
        rd_kafka_headers_t* headers = nullptr;
        EXPECT_EQ(rd_kafka_message_headers(message, &headers), RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consume_stop(handle, 0);
    rd_kafka_topic_destroy(handle);
}

class Acks : public ::testing::TestWithParam<const char*> {};

TEST_P(Acks, EveryRecordIsStoredOnceInItsOrder) {
    Broker broker;
    {
        Client client(RD_KAFKA_PRODUCER, broker, {{"acks", GetParam()}, {"linger.ms", "1"}});
        send(client, "ordered", 10'000);
    }
    // Without acknowledgements the client's word says nothing: the broker is asked.
    ASSERT_TRUE(support::eventually(
        [&] { return Wire(broker.port()).offset("ordered", 0, true) == 10'000; }));
    expect_read(broker, "ordered", 10'000);
    broker.kill();
    ASSERT_TRUE(broker.start()) << broker.said();
    expect_read(broker, "ordered", 10'000);
}
INSTANTIATE_TEST_SUITE_P(Librdkafka, Acks, ::testing::Values("0", "1", "all"));

TEST(Librdkafka, SendsIdempotentlyAndEveryRecordIsStoredOnceInItsOrder) {
    Broker broker;
    {
        Client client(RD_KAFKA_PRODUCER, broker,
                      {{"enable.idempotence", "true"}, {"linger.ms", "1"}});
        send(client, "ordered", 10'000);
    }
    expect_read(broker, "ordered", 10'000);
}

TEST(Librdkafka, IsToldThatARecordIsTooLarge) {
    Broker broker({"message.max.bytes=100000"});
    Client client(RD_KAFKA_PRODUCER, broker, {{"acks", "all"}});
    std::string value(200'000, 'x');
    rd_kafka_producev(client.handle(), RD_KAFKA_V_TOPIC("large"), RD_KAFKA_V_PARTITION(0),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                      RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_END);
    rd_kafka_flush(client.handle(), 30'000);
    EXPECT_EQ(client.sent.error, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        << rd_kafka_err2str(client.sent.error);
}

}  // namespace
}  // namespace barnabas::interop
