#include "engine/host/media.h"

namespace barnabas::host {

bool is_below(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           (directory.ends_with('/') || path[directory.size()] == '/');
}

Media::Media() {
    for (std::uint32_t i = 0; i < count_max; ++i) media_[i].number = i;
}

void Media::add(std::string_view directory) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
    if (count_ == count_max) return;
    media_[count_++].directory = directory;
}

// The nearest directory above it: one log directory may lie in another.
Medium& Media::of(std::string_view path) {
    Medium* nearest = &media_[common];
    for (std::uint32_t i = 1; i < count_; ++i) {
        Medium& medium = media_[i];
        const bool is_in = path == medium.directory || is_below(path, medium.directory);
        if (is_in && medium.directory.size() > nearest->directory.size()) nearest = &medium;
    }
    return *nearest;
}

}  // namespace barnabas::host
