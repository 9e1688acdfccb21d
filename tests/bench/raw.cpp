// Pre-built frames over one connection, some in flight, no client library.
//
//   raw produce --port PORT --topic NAME [--record BYTES] [--batch BYTES] [--acks -1|0|1]
//               [--bytes PAYLOAD] [--seconds N] [--in-flight N] [--partitions N] [--pid PID]
//   raw fetch   --port PORT --topic NAME [--record BYTES] [--batch BYTES] [--bytes PAYLOAD]
//               [--in-flight N] [--pid PID]      of partition 0, 1 MiB each, over and over
//   raw topics  --port PORT --topic PREFIX --count N
//
// `fetch` expects partition 0 of a topic that `produce` filled with the same record and batch
// sizes. With the broker's PID the line says what it used: CPU seconds per GB of payload, memory.

#include "tests/bench/load.h"
#include "tests/bench/pipeline.h"

using namespace barnabas;
using namespace barnabas::bench;
using support::Frame;
using support::Wire;

namespace {

struct Shape {
    std::string topic;
    std::size_t record_bytes;
    std::size_t batch_bytes;
    std::int16_t acks;
    std::int64_t payload;
    int in_flight;
    int partitions;
    std::int64_t pid;
    double seconds_max;
};

Shape shape_of(const Flags& flags) {
    return {.topic = flags.text("topic", "raw"),
            .record_bytes = static_cast<std::size_t>(flags.number("record", 1024)),
            .batch_bytes = static_cast<std::size_t>(flags.number("batch", 256 << 10)),
            .acks = static_cast<std::int16_t>(flags.number("acks", 1)),
            .payload = flags.number("bytes", 1'000'000'000),
            .in_flight = static_cast<int>(flags.number("in-flight", 8)),
            .partitions = static_cast<int>(flags.number("partitions", 1)),
            .pid = flags.number("pid", 0),
            .seconds_max = static_cast<double>(flags.number("seconds", 3600))};
}

void print_memory(std::int64_t pid) {
    if (pid != 0) {
        std::printf("rss_kib=%lld peak_kib=%lld", static_cast<long long>(memory_kib(pid, "VmRSS")),
                    static_cast<long long>(memory_kib(pid, "VmHWM")));
    }
    std::printf("\n");
}

// Offsets behind the last record, of all partitions together.
std::int64_t end_offsets(Wire& wire, const Shape& shape) {
    std::int64_t sum = 0;
    for (int partition = 0; partition < shape.partitions; ++partition) {
        sum += wire.offset(shape.topic, partition, true);
    }
    return sum;
}

// Without acknowledgements the last ones may still be under way when the last request is sent.
std::int64_t stored_behind(Wire& wire, const Shape& shape, std::int64_t before,
                           std::int64_t expected) {
    std::int64_t stored = 0;
    for (int tries = 0; tries < 20'000; ++tries) {
        stored = end_offsets(wire, shape) - before;
        if (stored >= expected || shape.acks != 0) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return stored;
}

void produce(const Flags& flags) {
    const Shape shape = shape_of(flags);
    Wire wire(port_of(flags));
    ready_topic(wire, shape.topic, shape.partitions);
    const Load load = load_of(shape.batch_bytes, shape.record_bytes);
    const std::int64_t requests_max = std::max<std::int64_t>(1, shape.payload / load.payload);

    // A request's bytes stay untouched until its answer is there: one buffer for each in flight.
    std::vector<Frame> frames(
        static_cast<std::size_t>(shape.in_flight),
        support::produce_request(shape.topic, 0, shape.acks, load.batch));
    const auto request = [&](std::int64_t number) -> Frame& {
        Frame& frame = frames[static_cast<std::size_t>(number) % frames.size()];
        support::set_partition(frame, load.batch.size(),
                               static_cast<std::int32_t>(number % shape.partitions));
        return frame;
    };
    const auto answer = [&](std::int64_t, ByteView beginning, std::size_t) {
        const auto read = support::read_produce_answer(beginning);
        if (read.error != 0) fail("produce: error " + std::to_string(read.error));
    };

    if (shape.partitions > 1) {  // each one's files are opened by its first batch
        const Pipeline::Plan once{.requests = shape.partitions, .in_flight = shape.in_flight};
        Pipeline(wire.socket(), once, request, answer).run();
    }
    const std::int64_t offset_before = end_offsets(wire, shape);
    const auto begin = Clock::now();
    const Cpu before = cpu_of_process(shape.pid);
    const Pipeline::Plan plan{.requests = requests_max,
                              .in_flight = shape.in_flight,
                              .are_answered = shape.acks != 0,
                              .seconds_max = shape.seconds_max};
    const std::int64_t requests = Pipeline(wire.socket(), plan, request, answer).run();
    const std::int64_t expected = requests * load.records;
    double seconds = seconds_since(begin);
    Cpu cpu = cpu_of_process(shape.pid) - before;
    const std::int64_t stored = stored_behind(wire, shape, offset_before, expected);
    if (shape.acks == 0) {  // the last of them were still under way
        seconds = seconds_since(begin);
        cpu = cpu_of_process(shape.pid) - before;
    }
    if (stored != expected) fail("records are missing behind the run");
    std::printf("requests_s=%.0f records_s=%.0f ", static_cast<double>(requests) / seconds,
                static_cast<double>(stored) / seconds);
    print_transfer(requests * load.payload, seconds, cpu);
    print_memory(shape.pid);
}

void fetch(const Flags& flags) {
    const Shape shape = shape_of(flags);
    Wire wire(port_of(flags));
    const Load load = load_of(shape.batch_bytes, shape.record_bytes);
    const auto batches_each =
        std::max<std::int64_t>(1, (1 << 20) / static_cast<std::int64_t>(load.batch.size()));
    const auto bytes_each = batches_each * static_cast<std::int64_t>(load.batch.size());
    const auto records_each = batches_each * load.records;
    const std::int64_t fetches_there = wire.offset(shape.topic, 0, true) / records_each;
    if (fetches_there == 0) fail("the topic holds less than one fetch");
    const std::int64_t requests_max =
        std::max<std::int64_t>(1, shape.payload / (batches_each * load.payload));

    std::vector<Frame> frames(static_cast<std::size_t>(shape.in_flight));
    const auto request = [&](std::int64_t number) -> Frame& {
        Frame& frame = frames[static_cast<std::size_t>(number) % frames.size()];
        frame = support::fetch_request(shape.topic, 0, number % fetches_there * records_each,
                                       {.bytes_max = static_cast<std::int32_t>(bytes_each)});
        return frame;
    };
    const auto answer = [&](std::int64_t, ByteView beginning, std::size_t length) {
        support::AnswerReader reader(beginning);
        const auto error = support::read_fetch_answer_head(reader).error;
        if (error != 0) fail("fetch: error " + std::to_string(error));
        if (length < static_cast<std::size_t>(bytes_each)) {
            fail("a fetch gave " + std::to_string(length) + " bytes, less than " +
                 std::to_string(bytes_each));
        }
    };

    const auto begin = Clock::now();
    const Cpu before = cpu_of_process(shape.pid);
    const Pipeline::Plan plan{.requests = requests_max,
                              .in_flight = shape.in_flight,
                              .are_answered = true,
                              .seconds_max = shape.seconds_max};
    const std::int64_t requests = Pipeline(wire.socket(), plan, request, answer).run();
    const double seconds = seconds_since(begin);
    const Cpu cpu = cpu_of_process(shape.pid) - before;
    std::printf("requests_s=%.0f records_s=%.0f ", static_cast<double>(requests) / seconds,
                static_cast<double>(requests * records_each) / seconds);
    print_transfer(requests * batches_each * load.payload, seconds, cpu);
    print_memory(shape.pid);
}

void topics(const Flags& flags) {
    Wire wire(port_of(flags));
    if (!wire) fail("nobody listens on that port");
    const auto count = static_cast<int>(flags.number("count", 1000));
    const auto begin = Clock::now();
    const auto error = wire.create_topics(flags.text("topic", "many-"), count);
    if (error != 0) fail("cannot make topics: error " + std::to_string(error));
    std::printf("seconds=%.3f\n", seconds_since(begin));
}

}  // namespace

int main(int argc, char** argv) {
    const Flags flags(argc, argv);
    if (flags.mode() == "produce") {
        produce(flags);
    } else if (flags.mode() == "fetch") {
        fetch(flags);
    } else if (flags.mode() == "topics") {
        topics(flags);
    } else {
        fail("raw produce|fetch|topics --port PORT --topic NAME ...");
    }
}
