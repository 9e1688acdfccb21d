// The real world behind the door: runs one machine on sockets, files and clocks of this computer.
//
//   host::Host host(machine);            // or host::Host host(machine, {.seed = 7});
//   return host.run();
//
// One thread runs everything but what may block on a disk. It works in passes: takes every event
// that is ready, runs their turns, writes what they ask for, runs the turns of the answers, and
// then sends what all of them ask for, together.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "engine/host/log_sink.h"
#include "engine/runtime/machine.h"

namespace barnabas::host {

struct Options {
    std::optional<std::uint64_t> seed;  // of the machine's dice; the operating system's when absent
    std::string record;                 // a file to record to (engine/runtime/recording.h)
    std::string record_setup;           // kept in the recording, for who replays it
    bool handle_signals = true;         // SIGTERM and SIGINT become Operator{shut_down}
    std::optional<std::size_t> descriptors_max;  // of files; when absent, 3/4 of the process's
    bool count_times = false;           // two more readings of a clock each turn
    Duration dial_timeout = std::chrono::seconds(10);
    LogSink::Options log;
};

// What the loop's thread used of a processor.
struct Times {
    Duration longest_turn{};
    std::string_view longest_turn_event;  // what it was told
    Duration longest_pass{};
    std::uint64_t turns = 0;
    std::uint64_t passes = 0;
};
std::string text_of(const Times& times);  // one line

class Host {
  public:
    explicit Host(Machine machine, Options options = {});
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // From event::Started until the machine asks for Exit; returns its code. When the recording
    // cannot be created: 1 at once, and a note says why. Needs: not called before.
    int run();

    // Tells the machine Operator{shut_down}. From any thread, while the host lives.
    void shut_down();

    // What became of the machine. Needs: run() has returned.
    const Machine& machine() const;
    // Of a host that counts them. Needs: as above.
    const Times& times() const;

  private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace barnabas::host
