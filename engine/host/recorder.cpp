#include "engine/host/recorder.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace barnabas::host {
namespace {

constexpr std::size_t buffer_max = 64 * 1024;

std::string trouble(const std::string& path) { return path + ": " + std::strerror(errno); }

}  // namespace

Result<Recorder, std::string> Recorder::create(const std::string& path,
                                               const RecordingHeader& header) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) return unexpected(trouble(path));
    Recorder recorder(std::move(file));
    recorder.buffer_.reserve(2 * buffer_max);
    write_header(recorder.buffer_, header);
    recorder.flush();
    if (!recorder.is_good()) return unexpected(recorder.error_);
    return recorder;
}

Recorder::Recorder(Recorder&& other) noexcept
    : file_(std::move(other.file_)),
      buffer_(std::move(other.buffer_)),
      error_(std::move(other.error_)) {}

Recorder::~Recorder() {
    if (!file_.is_open()) return;
    flush();
    set_unsaved(nullptr);
}

void Recorder::feed_secret(const Randoms::Entropy& entropy) {
    if (!is_good()) return;
    write_secret(buffer_, entropy);
    show_unsaved();
}

void Recorder::begin(const Event& event, Instant now, WallTime wall) {
    if (!is_good()) return;
    write_turn_begin(buffer_, event, now, wall);
    show_unsaved();
}

void Recorder::end(std::span<const Effect> effects) {
    if (!is_good()) return;
    write_turn_end(buffer_, effects);
    show_unsaved();
    if (buffer_.size() >= buffer_max) flush();
}

void Recorder::flush() {
    if (buffer_.empty()) return;
    std::size_t at = 0;
    while (at < buffer_.size() && is_good()) {
        const ssize_t count = ::write(file_.number(), buffer_.data() + at, buffer_.size() - at);
        if (count >= 0)
            at += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            error_ = std::strerror(errno);
    }
    buffer_.clear();
    show_unsaved();
}

void Recorder::show_unsaved() {
    unsaved_ = {file_.number(), buffer_.data(), buffer_.size()};
    set_unsaved(&unsaved_);
}

Result<Recording, std::string> open_recording(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (!file.is_open() || ::fstat(file.number(), &about) < 0) return unexpected(trouble(path));
    if (about.st_size == 0) return unexpected(path + ": the file is empty");
    const auto size = static_cast<std::size_t>(about.st_size);
    void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (at == MAP_FAILED) return unexpected(trouble(path));
    const auto* data = static_cast<const std::uint8_t*>(at);
    auto recording = Recording::open(Bytes::adopt(
        std::shared_ptr<const std::uint8_t>(data, [at, size](const void*) { ::munmap(at, size); }),
        size));
    if (!recording) return unexpected(path + ": " + recording.error());
    return recording;
}

}  // namespace barnabas::host
