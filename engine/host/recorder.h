// Writes a recording (engine/runtime/recording.h) to a file while a host runs, and reads one back.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/host/crash.h"
#include "engine/host/descriptor.h"
#include "engine/runtime/recording.h"

namespace barnabas::host {

// Keeps what it writes in memory for at most a second. A crash report saves that too.
class Recorder {
  public:
    // Replaces the file. The error is in words.
    static Result<Recorder, std::string> create(const std::string& path,
                                                const RecordingHeader& header);
    Recorder(Recorder&&) noexcept;
    Recorder& operator=(Recorder&&) = delete;
    ~Recorder();

    void begin(const Event& event, Instant now, WallTime wall);
    void end(std::span<const Effect> effects);

    // When flush_if_due wants to be called.
    std::optional<Instant> due() const { return due_; }
    void flush_if_due(Instant now);
    // False when the file can take no more: the recording ends there.
    bool is_good() const { return error_.empty(); }
    const std::string& error() const { return error_; }

  private:
    explicit Recorder(Descriptor file) : file_(std::move(file)) {}
    void flush();
    void show_unsaved();

    Descriptor file_;
    std::vector<std::uint8_t> buffer_;
    std::optional<Instant> due_;
    std::string error_;
    Unsaved unsaved_;
};

Result<Recording, std::string> open_recording(const std::string& path);

}  // namespace barnabas::host
