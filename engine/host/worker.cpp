#include "engine/host/worker.h"

#include <fcntl.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

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
    }
}

// Reads the range through a small buffer: the page cache has it afterwards.
void bring_into_memory(const Job& job) {
    std::vector<std::uint8_t> scrap(
        static_cast<std::size_t>(std::min<std::uint64_t>(job.length, 128 * 1024)));
    ::posix_fadvise(job.descriptor->number(), static_cast<off_t>(job.position),
                    static_cast<off_t>(job.length), POSIX_FADV_WILLNEED);
    for (std::uint64_t at = 0; at < job.length; at += scrap.size())
        if (::pread(job.descriptor->number(), scrap.data(), scrap.size(),
                    static_cast<off_t>(job.position + at)) <= 0)
            return;
}

}  // namespace

void perform(Job& job) {
    if (job.of_directory) return perform_on_directory(job);
    if (job.of_file.empty()) return bring_into_memory(job);
    if (std::holds_alternative<effect::Flush>(job.of_file.front())) return perform_flushes(job);
    if (std::holds_alternative<effect::Write>(job.of_file.front()))
        return write_run(job.descriptor->number(), job.of_file, job.done);
    perform_one(job, job.of_file.front());
}

Worker::Worker(std::function<void()> when_done) : when_done_(std::move(when_done)) {
    // Signals are the loop's: a new thread inherits what is blocked here.
    sigset_t all, before;
    sigfillset(&all);
    for (const int fatal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, fatal);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Worker::~Worker() {
    {
        const std::lock_guard guard(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Worker::give(std::vector<std::unique_ptr<Job>>& jobs) {
    if (jobs.empty()) return;
    {
        const std::lock_guard guard(mutex_);
        for (auto& job : jobs) given_.push_back(std::move(job));
    }
    jobs.clear();
    changed_.notify_all();
}

std::vector<std::unique_ptr<Job>> Worker::take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(finished_, {});
}

void Worker::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !finished_.empty(); });
}

void Worker::work() {
    std::vector<std::unique_ptr<Job>> batch;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !given_.empty() || ends_; });
            if (given_.empty()) return;
            batch = std::exchange(given_, {});
        }
        for (auto& job : batch) {
            perform(*job);
            bool is_first = false;
            {
                const std::lock_guard guard(mutex_);
                is_first = finished_.empty();
                finished_.push_back(std::move(job));
            }
            if (!is_first) continue;
            changed_.notify_all();
            when_done_();
        }
        batch.clear();
    }
}

}  // namespace barnabas::host
