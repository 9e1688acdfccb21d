#include "engine/runtime/whole_file.h"

#include <algorithm>

#include "engine/base/digest.h"

namespace barnabas {

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return path.substr(0, std::max<std::size_t>(slash, 1));
}

void ReadFile::start(Turn& turn) {
    CHECK(stage_ == Stage::idle);
    stage_ = Stage::opening;
    turn.ask(effect::Open{token_, file_, path_, OpenMode::existing});
}

void ReadFile::on(const event::StorageDone& done, Turn& turn) {
    CHECK(done.operation == token_);
    if (stage_ == Stage::reading) return finish(done.status, done.bytes, turn);
    CHECK(stage_ == Stage::opening);
    if (done.status != StorageStatus::ok) return finish(done.status, {}, turn);
    stage_ = Stage::reading;
    if (done.size > size_max) return finish(StorageStatus::foreign, {}, turn);
    turn.ask(effect::Read{token_, file_, 0, static_cast<std::uint32_t>(done.size)});
}

void ReadFile::finish(StorageStatus status, Bytes bytes, Turn& turn) {
    if (stage_ == Stage::reading) turn.ask(effect::Close{file_});
    stage_ = Stage::done;
    status_ = status;
    bytes_ = std::move(bytes);
}

void ReplaceFile::start(Turn& turn) {
    CHECK(stage_ == Stage::idle);
    stage_ = Stage::opening;
    turn.ask(effect::Open{token_, file_, path_ + ".tmp", OpenMode::create_emptied});
}

void ReplaceFile::on(const event::StorageDone& done, Turn& turn) {
    CHECK(done.operation == token_);
    if (done.status != StorageStatus::ok) return finish(done.status, turn);
    switch (stage_) {
        case Stage::opening:
            stage_ = Stage::writing;
            return turn.ask(effect::Write{token_, file_, 0, bytes_});
        case Stage::writing:
            if (turn.guards.has(Guard::replaced_files_are_flushed)) {
                stage_ = Stage::flushing;
                return turn.ask(effect::Flush{token_, file_});
            }
            [[fallthrough]];
        case Stage::flushing:
            stage_ = Stage::renaming;
            return turn.ask(effect::Rename{token_, file_, path_});
        case Stage::renaming:
            stage_ = Stage::settling;
            return turn.ask(effect::FlushDirectory{token_, directory_of(path_)});
        case Stage::settling: return finish(StorageStatus::ok, turn);
        case Stage::idle:
        case Stage::done: break;
    }
    CHECK(!"an answer to nothing");
}

void ReplaceFile::finish(StorageStatus status, Turn& turn) {
    if (stage_ != Stage::opening) turn.ask(effect::Close{file_});
    stage_ = Stage::done;
    status_ = status;
    bytes_ = {};
}

void ReadFile::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, path_, stage_, status_, bytes_);
}

void ReplaceFile::digest(Hasher& hasher) const {
    digest_all(hasher, token_, file_, path_, bytes_, stage_, status_);
}

}  // namespace barnabas
