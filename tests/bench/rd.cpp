// librdkafka as everybody uses it, with its flags printed: against a broker, or against its own
// mock broker, which keeps nothing and so shows what the client can do at most.
//
//   rd mock                                          prints port=PORT, serves until it is told to
//   end rd produce --port PORT --topic NAME [--record BYTES] [--bytes PAYLOAD] [--acks -1|0|1]
//              [--codec NAME] [--pid PID] [--partitions N]
//   rd consume --port PORT --topic NAME [--record BYTES] [--pid PID] [--partitions N]
//
// With --make 0 the topic is not made first (the mock makes its own, of four partitions).
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "tests/bench/load.h"

using namespace barnabas;
using namespace barnabas::bench;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

rd_kafka_t* make_client(rd_kafka_type_t type, const Settings& settings,
                        void (*on_delivery)(rd_kafka_t*, const rd_kafka_message_t*,
                                            void*) = nullptr,
                        void* opaque = nullptr) {
    char error[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const auto& [name, value] : settings) {
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) !=
            RD_KAFKA_CONF_OK) {
            fail(error);
        }
    }
    if (on_delivery) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, opaque);
    rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
    if (!client) fail(error);
    return client;
}

void print_flags(const Settings& settings) {
    std::printf("flags=");
    for (std::size_t i = 1; i < settings.size(); ++i) {  // the first is the address
        std::printf("%s%s:%s", i == 1 ? "" : ",", settings[i].first.c_str(),
                    settings[i].second.c_str());
    }
    std::printf(" ");
}

void serve_mock() {
    rd_kafka_t* owner = make_client(RD_KAFKA_PRODUCER, {});
    rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(owner, 1);
    const std::string address = rd_kafka_mock_cluster_bootstraps(cluster);
    std::printf("port=%s\n", address.substr(address.rfind(':') + 1).c_str());
    std::fflush(stdout);
    for (;;) ::pause();
}

struct Delivered {
    std::int64_t count = 0;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err) fail(rd_kafka_err2str(message->err));
    ++static_cast<Delivered*>(opaque)->count;
}

// Hands over `count` records that all show the same bytes, and waits until all are acknowledged.
void send_all(rd_kafka_t* client, rd_kafka_topic_t* topic, std::int64_t count,
              std::vector<char>& record, const Delivered& delivered) {
    for (std::int64_t i = 0; i < count;) {
        if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, 0, record.data(), record.size(), nullptr,
                             0, nullptr) == 0) {
            if (++i % 1024 == 0) rd_kafka_poll(client, 0);
        } else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            rd_kafka_poll(client, 5);
        } else {
            fail(rd_kafka_err2str(rd_kafka_last_error()));
        }
    }
    const auto begin = Clock::now();
    while (delivered.count < count) {
        rd_kafka_poll(client, 100);
        if (seconds_since(begin) > 60) fail("records were not acknowledged within a minute");
    }
}

void make_topic(const Flags& flags, const std::string& topic) {
    if (flags.number("make", 1) == 0) return;
    support::Wire wire(port_of(flags));
    ready_topic(wire, topic, static_cast<int>(flags.number("partitions", 4)));
}

std::string address_of(const Flags& flags) { return "127.0.0.1:" + std::to_string(port_of(flags)); }

void print_result(std::int64_t count, std::int64_t payload, double seconds, Cpu broker,
                  Cpu client) {
    std::printf("records_s=%.0f ", static_cast<double>(count) / seconds);
    print_transfer(payload, seconds, broker);
    std::printf("client_cpu=%.2f\n",
                (client.user + client.system) * 1e9 / static_cast<double>(payload));
}

void produce(const Flags& flags) {
    const std::string name = flags.text("topic", "rd");
    make_topic(flags, name);
    const Settings settings{
        {"bootstrap.servers", address_of(flags)},
        {"linger.ms", flags.text("linger", "5")},
        {"acks", flags.text("acks", "-1")},
        {"compression.codec", flags.text("codec", "none")},
        {"batch.size", flags.text("batch", "1000000")},
        {"batch.num.messages", "10000"},
        {"queue.buffering.max.messages", "1000000"},
        {"queue.buffering.max.kbytes", "1048576"},
    };
    Delivered delivered;
    rd_kafka_t* client = make_client(RD_KAFKA_PRODUCER, settings, on_delivery, &delivered);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
    std::vector<char> record(static_cast<std::size_t>(flags.number("record", 1024)), 'x');
    const auto size = static_cast<std::int64_t>(record.size());
    const std::int64_t count = flags.number("bytes", 1'000'000'000) / size;

    // Connected and knowing the topic before the clock starts.
    send_all(client, topic, 1, record, delivered);
    delivered.count = 0;
    const std::int64_t pid = flags.number("pid", 0);
    const auto begin = Clock::now();
    const Cpu before = cpu_of_process(pid);
    const Cpu own_before = own_cpu();
    send_all(client, topic, count, record, delivered);
    const double seconds = seconds_since(begin);
    print_flags(settings);
    print_result(count, count * size, seconds, cpu_of_process(pid) - before,
                 own_cpu() - own_before);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
}

// The records between the first and last offsets of all partitions; starts the fetching of each.
std::int64_t start_consuming(rd_kafka_t* client, rd_kafka_topic_t* topic, rd_kafka_queue_t* queue,
                             int partitions) {
    std::int64_t there = 0;
    for (int partition = 0; partition < partitions; ++partition) {
        std::int64_t low = 0, high = 0;
        const auto error = rd_kafka_query_watermark_offsets(client, rd_kafka_topic_name(topic),
                                                            partition, &low, &high, 10'000);
        if (error) fail(rd_kafka_err2str(error));
        there += high - low;
    }
    for (int partition = 0; partition < partitions; ++partition) {
        if (rd_kafka_consume_start_queue(topic, partition, RD_KAFKA_OFFSET_BEGINNING, queue) != 0) {
            fail(rd_kafka_err2str(rd_kafka_last_error()));
        }
    }
    return there;
}

void consume(const Flags& flags) {
    const std::string name = flags.text("topic", "rd");
    const int partitions = static_cast<int>(flags.number("partitions", 4));
    const Settings settings{
        {"bootstrap.servers", address_of(flags)},
        // Room for all: at its limits this version waits for a whole second.
        {"queued.min.messages", "10000000"},
        {"queued.max.messages.kbytes", "2000000"},
        {"fetch.message.max.bytes", "1048576"},
        {"check.crcs", "false"},
    };
    rd_kafka_t* client = make_client(RD_KAFKA_CONSUMER, settings);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    const std::int64_t pid = flags.number("pid", 0);
    const Cpu before = cpu_of_process(pid);
    const Cpu own_before = own_cpu();
    const std::int64_t there = start_consuming(client, topic, queue, partitions);
    const auto begin = Clock::now();
    std::int64_t count = 0, payload = 0;
    std::vector<rd_kafka_message_t*> messages(10'000);
    while (count < there) {
        const auto got =
            rd_kafka_consume_batch_queue(queue, 1000, messages.data(), messages.size());
        for (ssize_t i = 0; i < got; ++i) {
            const rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
            if (message->err) fail(rd_kafka_message_errstr(message));
            payload += static_cast<std::int64_t>(message->len);
            rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
        }
        count += std::max<ssize_t>(got, 0);
        if (seconds_since(begin) > 60) fail("records are missing");
    }
    const double seconds = seconds_since(begin);
    print_flags(settings);
    print_result(count, payload, seconds, cpu_of_process(pid) - before, own_cpu() - own_before);
    for (int partition = 0; partition < partitions; ++partition) {
        rd_kafka_consume_stop(topic, partition);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    if (flags.mode() == "mock") {
        serve_mock();
    } else if (flags.mode() == "produce") {
        produce(flags);
    } else if (flags.mode() == "consume") {
        consume(flags);
    } else {
        fail("rd mock|produce|consume --port PORT --topic NAME ...");
    }
}
