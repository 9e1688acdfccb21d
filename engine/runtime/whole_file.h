// Small files as a whole: read one, or replace one so that a crash leaves the old text or the new
// one.
//
// Each is a machine of a few steps with one operation under way at a time. Its owner gives it one
// token and one file id, feeds it the StorageDone of that token, and looks at the answer when
// is_done(). It may be used once.
#pragma once

#include <string>

#include "engine/base/hash.h"
#include "engine/runtime/event.h"
#include "engine/runtime/turn.h"

namespace barnabas {

class ReadFile {
  public:
    ReadFile() = default;
    ReadFile(Token token, FileId file, std::string path)
        : token_(token), file_(file), path_(std::move(path)) {}

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool is_done() const { return stage_ == Stage::done; }
    StorageStatus status() const { return status_; }  // not_found when there is no such file
    const Bytes& bytes() const { return bytes_; }

    // A file larger than this is no text of ours: foreign.
    static constexpr std::uint64_t size_max = 64u << 20;

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t { idle, opening, reading, done };
    void finish(StorageStatus status, Bytes bytes, Turn& turn);

    Token token_;
    FileId file_;
    std::string path_;
    Stage stage_ = Stage::idle;
    StorageStatus status_ = StorageStatus::ok;
    Bytes bytes_;
};

// Writes PATH.tmp, flushes it, renames it to PATH and flushes the directory: when it is done, the
// new text survives power loss.
class ReplaceFile {
  public:
    ReplaceFile() = default;
    ReplaceFile(Token token, FileId file, std::string path, Bytes bytes)
        : token_(token), file_(file), path_(std::move(path)), bytes_(std::move(bytes)) {}

    void start(Turn& turn);
    void on(const event::StorageDone& done, Turn& turn);

    bool is_of(Token operation) const { return operation == token_; }
    bool is_done() const { return stage_ == Stage::done; }
    StorageStatus status() const { return status_; }

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t { idle, opening, writing, flushing, renaming, settling, done };
    void finish(StorageStatus status, Turn& turn);

    Token token_;
    FileId file_;
    std::string path_;
    Bytes bytes_;
    Stage stage_ = Stage::idle;
    StorageStatus status_ = StorageStatus::ok;
};

// "a/b" of "a/b/c"; "." of "c"; "/" of "/a".
std::string directory_of(const std::string& path);

}  // namespace barnabas
