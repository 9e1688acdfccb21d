// Writes a recording (engine/runtime/recording.h) to a file while a host runs, and reads one back.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/host/crash.h"
#include "engine/host/descriptor.h"
#include "engine/runtime/recording.h"

namespace barnabas::host {

// What went through the door before the pass under way is in the file, whoever ends the process;
// and of that pass all but the last 64 KiB. A crash report saves those too.
class Recorder {
  public:
    // Replaces the file. The error is in words.
    static Result<Recorder, std::string> create(const std::string& path,
                                                const RecordingHeader& header);
    Recorder(Recorder&&) noexcept;
    Recorder& operator=(Recorder&&) = delete;
    ~Recorder();

    void feed_secret(const Randoms::Entropy& entropy);
    void begin(const Event& event, Instant now, WallTime wall);
    void end(std::span<const Effect> effects);

    // To be called in each pass before anybody hears of what its turns asked for.
    void flush();
    // False when the file can take no more: the recording ends there.
    bool is_good() const { return error_.empty(); }
    const std::string& error() const { return error_; }

  private:
    explicit Recorder(Descriptor file) : file_(std::move(file)) {}
    void show_unsaved();

    Descriptor file_;
    std::vector<std::uint8_t> buffer_;
    std::string error_;
    Unsaved unsaved_;
};

Result<Recording, std::string> open_recording(const std::string& path);

}  // namespace barnabas::host
