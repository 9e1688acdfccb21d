#include "engine/host/lanes.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cerrno>
#include <new>
#include <utility>

#include "engine/host/threads.h"

namespace barnabas::host {
namespace {

event::StorageDone answer(Token operation, StorageStatus status) {
    return {operation, status, {}, 0, {}};
}

void perform_one(Job& job, FileOperation& operation) {
    if (const auto* open = std::get_if<effect::Open>(&operation)) {
        OpenedFile opened = open_file(open->path, open->mode);
        job.descriptor = std::move(opened.descriptor);
        job.done.push_back({open->operation, opened.status, {}, opened.size, {}});
    } else if (const auto* read = std::get_if<effect::Read>(&operation)) {
        job.done.push_back(read_file(job.descriptor->number(), *read));
    } else if (const auto* truncate = std::get_if<effect::Truncate>(&operation)) {
        const StorageStatus status = truncate_file(job.descriptor->number(), truncate->size);
        job.done.push_back(answer(truncate->operation, status));
    } else if (const auto* rename = std::get_if<effect::Rename>(&operation)) {
        const StorageStatus status = rename_file(job.path, rename->path);
        if (status == StorageStatus::ok) job.path = rename->path;
        job.done.push_back(answer(rename->operation, status));
    } else if (const auto* remove = std::get_if<effect::Remove>(&operation)) {
        job.done.push_back(answer(remove->operation, remove_file(job.path)));
    }
}

void perform_flushes(Job& job) {
    const StorageStatus status = flush_file(job.descriptor->number());
    for (const FileOperation& one : job.of_file)
        job.done.push_back(answer(std::get<effect::Flush>(one).operation, status));
}

void perform_on_directory(Job& job) {
    if (const auto* make = std::get_if<effect::MakeDirectory>(&*job.of_directory)) {
        job.done.push_back(answer(make->operation, make_directory(make->path)));
    } else if (const auto* list = std::get_if<effect::List>(&*job.of_directory)) {
        job.done.push_back(answer(list->operation, StorageStatus::ok));
        job.done.back().status = list_directory(list->path, job.done.back().entries);
    } else if (const auto* flush = std::get_if<effect::FlushDirectory>(&*job.of_directory)) {
        job.done.push_back(answer(flush->operation, flush_directory(flush->path)));
    } else if (const auto* move = std::get_if<effect::RenameDirectory>(&*job.of_directory)) {
        job.done.push_back(answer(move->operation, rename_directory(move->path, move->to)));
    } else if (const auto* remove = std::get_if<effect::RemoveDirectory>(&*job.of_directory)) {
        job.done.push_back(answer(remove->operation, remove_directory(remove->path)));
    }
}

// Reads the piece through a small buffer: the page cache has it afterwards.
void bring_into_memory(Job& job) {
    const int file = job.descriptor->number();
    std::vector<std::uint8_t> scrap(
        static_cast<std::size_t>(std::min<std::uint64_t>(job.length, 128 * 1024)));
    ::posix_fadvise(file, static_cast<off_t>(job.position),
                    static_cast<off_t>(job.length + job.ahead), POSIX_FADV_WILLNEED);
    StorageStatus status = StorageStatus::ok;
    for (std::uint64_t at = 0; at < job.length; at += scrap.size()) {
        const ssize_t count =
            ::pread(file, scrap.data(), scrap.size(), static_cast<off_t>(job.position + at));
        if (count < 0) status = status_of(errno);
        if (count <= 0) break;
    }
    job.done.push_back(answer(Token(), status));
}

// Of a file whose descriptor went while the job was on its way, or had to be had here.
StorageStatus open_for(Job& job) {
    OpenedFile opened = open_file(job.path, OpenMode::existing);
    job.descriptor = std::move(opened.descriptor);
    return opened.status;
}

void answer_all(Job& job, StorageStatus status) {
    if (job.of_directory)
        std::visit([&](const auto& one) { job.done.push_back(answer(one.operation, status)); },
                   *job.of_directory);
    else if (job.of_file.empty())
        job.done.push_back(answer(Token(), status));
    for (const FileOperation& one : job.of_file) {
        std::visit(
            [&](const auto& wanted) {
                if constexpr (requires { wanted.operation; })
                    job.done.push_back(answer(wanted.operation, status));
            },
            one);
    }
}

void carry_out(Job& job) {
    if (job.of_directory) return perform_on_directory(job);
    const bool has_use = job.of_file.empty() || needs_descriptor(job.of_file.front());
    if (has_use && !job.descriptor) {
        const StorageStatus status = open_for(job);
        if (status != StorageStatus::ok) return answer_all(job, status);
    }
    if (job.of_file.empty()) return bring_into_memory(job);
    if (std::holds_alternative<effect::Flush>(job.of_file.front())) return perform_flushes(job);
    if (std::holds_alternative<effect::Write>(job.of_file.front()))
        return write_run(job.descriptor->number(), job.of_file, job.done);
    perform_one(job, job.of_file.front());
}

}  // namespace

void perform(Job& job) {
    try {
        carry_out(job);
    } catch (const std::bad_alloc&) {
        job.done.clear();
        answer_all(job, StorageStatus::shortage);
    }
}

Lanes::Lanes(std::function<void()> when_done) : when_done_(std::move(when_done)) {}

Lanes::~Lanes() {
    {
        const std::lock_guard guard(mutex_);
        ends_ = true;
    }
    for (const auto& lane : lanes_) {
        if (!lane) continue;
        lane->changed.notify_all();
        if (lane->thread.joinable()) lane->thread.join();
    }
}

bool Lanes::give(std::unique_ptr<Job>& job) {
    if (lanes_.size() <= job->lane) lanes_.resize(job->lane + 1);
    auto& lane = lanes_[job->lane];
    if (!lane) lane = std::make_unique<Lane>();
    if (!lane->thread.joinable()) {
        Lane& waiting = *lane;
        lane->thread = begin_thread([this, &waiting] { work(waiting); });
        if (!lane->thread.joinable()) return false;
    }
    {
        const std::lock_guard guard(mutex_);
        lane->given.push_back(std::move(job));
    }
    lane->changed.notify_all();
    return true;
}

std::vector<std::unique_ptr<Job>> Lanes::take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(finished_, {});
}

void Lanes::wait() {
    std::unique_lock lock(mutex_);
    is_finished_.wait(lock, [this] { return !finished_.empty(); });
}

void Lanes::work(Lane& lane) {
    std::vector<std::unique_ptr<Job>> batch;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            lane.changed.wait(lock, [&] { return !lane.given.empty() || ends_; });
            if (ends_) return;
            batch = std::exchange(lane.given, {});
        }
        for (auto& job : batch) {
            const auto before = std::chrono::steady_clock::now();
            perform(*job);
            job->took = std::chrono::steady_clock::now() - before;
            if (!finish(std::move(job))) return;
        }
        batch.clear();
    }
}

// False when nothing more is to be begun.
bool Lanes::finish(std::unique_ptr<Job> job) {
    bool is_first = false, goes_on = true;
    {
        const std::lock_guard guard(mutex_);
        is_first = finished_.empty();
        finished_.push_back(std::move(job));
        goes_on = !ends_;
    }
    if (is_first) {
        is_finished_.notify_all();
        when_done_();
    }
    return goes_on;
}

}  // namespace barnabas::host
