// The names on a simulated disk: what processes see, and what survives power loss.
//
// Paths are the engine's own text, parts separated by '/'. The empty path, "." and "/" are there
// from the start. A name that was made, moved or removed survives power loss once its directory
// was flushed; until then a journal holds it, and the dice decide what of that is kept: any of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cow.h"
#include "engine/base/id.h"
#include "engine/runtime/event.h"
#include "sim/disk/file.h"

namespace barnabas::sim {

// What Unix calls an inode. 0 is no file.
using FileNumber = Id<struct FileNumberTag, std::uint32_t>;

struct Entry {
    EntryKind kind = EntryKind::file;
    FileNumber file;
    friend auto operator<=>(const Entry&, const Entry&) = default;
};

// "a/b/c" -> "a/b"; "a" and "/a" -> "" and "/".
std::string_view directory_of(std::string_view path);
// In the directory, or in one below it.
bool is_below(std::string_view path, std::string_view directory);

class Directory {
  public:
    using Names = std::map<std::string, Entry, std::less<>>;

    std::optional<Entry> find(std::string_view path) const;
    bool has_directory(std::string_view path) const;
    bool has_something_below(std::string_view directory) const;
    const Names& names() const { return *names_; }
    const Names& durable_names() const { return *durable_; }

    // Needs: the directory of `path` is there, and nothing at `path`.
    void add(const std::string& path, const Entry& entry);
    // Needs: something at `path`.
    void remove(const std::string& path);
    // Needs: something at `from`; the directory of `to` is there. What was at `to` is replaced.
    // What lies in a directory goes with it.
    void rename(const std::string& from, const std::string& to);

    void flush(std::string_view directory);
    bool is_flushed(std::string_view directory) const;
    // Afterwards names() and durable_names() agree.
    void lose_power(Unflushed fate, Random& random);
    // Which of so many files can still be had under some name, now or after power loss.
    std::vector<bool> files_in_use(std::size_t count) const;

  private:
    struct Change {
        std::string from;  // removed, when not empty
        std::string to;    // made, when not empty
        Entry entry;
        bool is_durable = false;
        bool moves_directory() const {
            return entry.kind == EntryKind::directory && !from.empty() && !to.empty();
        }
        bool removes_directory() const {
            return entry.kind == EntryKind::directory && to.empty();
        }
        bool touches(std::string_view directory) const {
            return (!from.empty() && directory_of(from) == directory) ||
                   (!to.empty() && directory_of(to) == directory);
        }
    };

    static void apply(Names& names, const Change& change);
    std::vector<bool> kept_changes(Unflushed fate, Random& random) const;
    void keep_one_name(const Change& change);
    void make_durable(std::size_t at);
    void forget_below(const std::string& directory, std::size_t before);
    std::string durable_path(std::string path, std::size_t moves_from) const;

    Cow<Names> names_;
    Cow<Names> durable_;
    // Not flushed yet, oldest first; by the names that directories have now, but for those that a
    // change itself gives or takes.
    std::vector<Change> journal_;
};

}  // namespace barnabas::sim
