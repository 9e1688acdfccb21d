#include "engine/host/storage.h"

#include <sys/uio.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "engine/host/file_calls.h"
#include "engine/host/timers.h"

namespace barnabas::host {
namespace {

// A write that took this long waits for the disk, not for the page cache.
constexpr auto slow_write = std::chrono::milliseconds(20);
constexpr Duration shortage_pause = std::chrono::milliseconds(50);
constexpr std::size_t spare_queues_max = 64;
constexpr std::size_t spare_queue_capacity_max = 1024;

bool continues(const FileOperation& before, const FileOperation& next) {
    if (std::holds_alternative<effect::Flush>(before))
        return std::holds_alternative<effect::Flush>(next);
    const auto* first = std::get_if<effect::Write>(&before);
    const auto* second = std::get_if<effect::Write>(&next);
    return first && second && first->position + first->bytes.size() == second->position;
}

// The operations at the front of a queue that are carried out together.
std::span<FileOperation> run_at(std::vector<FileOperation>& queue, std::size_t next) {
    std::size_t end = next + 1;
    while (end < queue.size() && continues(queue[end - 1], queue[end])) ++end;
    return {queue.data() + next, end - next};
}

bool needs_descriptor(const FileOperation& operation) {
    return std::holds_alternative<effect::Write>(operation) ||
           std::holds_alternative<effect::Read>(operation) ||
           std::holds_alternative<effect::Flush>(operation) ||
           std::holds_alternative<effect::Truncate>(operation);
}

}  // namespace

Storage::Storage(std::vector<Event>& events, std::function<void()> when_jobs_are_done,
                 std::size_t descriptors_max)
    : events_(events),
      descriptors_max_(descriptors_max),
      when_jobs_are_done_(std::move(when_jobs_are_done)) {
    CHECK(descriptors_max_ > 0);
}

Storage::~Storage() { held_.clear(); }

void Storage::ask(FileId id, FileOperation operation) {
    auto& file = files_[id.value()];
    if (!file) {
        file = std::make_unique<File>();
        file->id = id;
    }
    if (file->queue.capacity() == 0 && !spare_queues_.empty()) {
        file->queue = std::move(spare_queues_.back());
        spare_queues_.pop_back();
    }
    const auto* open = std::get_if<effect::Open>(&operation);
    if (open && !file->is_bound) file->path = open->path;  // range() need not wait for it
    file->queue.push_back(std::move(operation));
    list(*file);
}

void Storage::ask(DirectoryOperation operation) {
    jobs_.push_back(std::make_unique<Job>());
    jobs_.back()->of_directory = std::move(operation);
}

void Storage::ask(effect::LockDirectory lock) {
    auto taken = DirectoryLock::take(lock.path);
    const StorageStatus status = taken ? StorageStatus::ok : taken.error();
    if (taken) locks_.push_back(std::move(*taken));
    events_.push_back(event::StorageDone{lock.operation, status, {}, 0, {}});
}

void Storage::list(File& file) {
    if (file.is_listed || file.is_on_worker) return;
    file.is_listed = true;
    asked_.push_back(&file);
}

void Storage::carry_out() {
    if (retry_at_ && *retry_at_ <= monotonic_clock()) end_pause();
    beginning_.swap(asked_);
    for (File* file : beginning_) {
        file->is_listed = false;
        advance(*file);
    }
    beginning_.clear();
    if (jobs_.empty()) return;
    if (!worker_) worker_ = std::make_unique<Worker>(when_jobs_are_done_);
    at_work_ += jobs_.size();
    worker_->give(jobs_);
}

void Storage::advance(File& file) {
    while (!file.is_on_worker && file.next < file.queue.size()) {
        const auto run = run_at(file.queue, file.next);
        const auto done = carry_out_inline(file, run);
        file.next += done.value_or(run.size());
        if (!done) hand_over(file, run);
        if (done && *done < run.size()) {
            retry_later(file);
            break;
        }
    }
    file.queue.erase(file.queue.begin(),
                     file.queue.begin() + static_cast<std::ptrdiff_t>(file.next));
    file.next = 0;
    if (!file.queue.empty()) return;
    if (file.queue.capacity() <= spare_queue_capacity_max &&
        spare_queues_.size() < spare_queues_max)
        spare_queues_.push_back(std::move(file.queue));
    file.queue = {};
    if (file.is_on_worker) return;
    file.is_slow = false;
    if (!file.is_bound) files_.erase(file.id.value());
}

// How many of them are done: less than all when descriptors or memory run short. Nothing when the
// worker has to do them.
std::optional<std::size_t> Storage::carry_out_inline(File& file,
                                                     std::span<const FileOperation> run) {
    const bool is_open = std::holds_alternative<effect::Open>(run.front());
    if (!file.is_bound && !is_open) return answer(run, StorageStatus::not_found);
    if (std::holds_alternative<effect::Close>(run.front())) {
        unbind(file);
        return 1;
    }
    if (!needs_descriptor(run.front())) return std::nullopt;
    const StorageStatus status = want_descriptor(file);
    if (status == StorageStatus::shortage) return 0;
    if (status != StorageStatus::ok) return answer(run, status);
    if (file.is_slow) return std::nullopt;
    if (std::holds_alternative<effect::Write>(run.front())) return write_inline(file, run);
    const auto* read = std::get_if<effect::Read>(&run.front());
    if (!read || read->length > inline_read_max) return std::nullopt;
    event::StorageDone done;
    if (!read_if_cached(file.descriptor->number(), *read, done)) return std::nullopt;
    if (done.status == StorageStatus::shortage) return 0;
    events_.push_back(std::move(done));
    return 1;
}

std::size_t Storage::write_inline(File& file, std::span<const FileOperation> run) {
    const auto before = std::chrono::steady_clock::now();
    write_run(file.descriptor->number(), run, done_);
    file.is_slow = std::chrono::steady_clock::now() - before > slow_write;
    const std::size_t count = tell_before_shortage(done_);
    done_.clear();
    return count;
}

// The answers up to the first that is none. Returns how many.
std::size_t Storage::tell_before_shortage(std::vector<event::StorageDone>& done) {
    const auto end = std::ranges::find(done, StorageStatus::shortage, &event::StorageDone::status);
    std::move(done.begin(), end, std::back_inserter(events_));
    return static_cast<std::size_t>(end - done.begin());
}

void Storage::hand_over(File& file, std::span<FileOperation> run) {
    auto job = std::make_unique<Job>();
    job->file = file.id;
    job->of_file.assign(std::make_move_iterator(run.begin()), std::make_move_iterator(run.end()));
    job->path = file.path;
    job->descriptor = file.descriptor;
    jobs_.push_back(std::move(job));
    file.is_on_worker = true;
}

std::vector<ConnectionId> Storage::take_finished() {
    std::vector<ConnectionId> in_memory;
    if (!worker_) return in_memory;
    for (auto& job : worker_->take()) {
        --at_work_;
        if (!job->of_file.empty()) {
            take_in(*job);
        } else if (!job->of_directory) {
            in_memory.push_back(job->waiting);
        } else if (tell_before_shortage(job->done) == 0) {
            job->done.clear();
            if (!shed_descriptors()) begin_pause();
            (retry_at_ ? waiting_jobs_ : jobs_).push_back(std::move(job));
        }
    }
    return in_memory;
}

void Storage::take_in(Job& job) {
    const StorageStatus status = job.done.front().status;
    const std::size_t count = tell_before_shortage(job.done);
    File& file = *files_.at(job.file.value());
    file.is_on_worker = false;
    if (count < job.of_file.size()) {
        file.queue.insert(
            file.queue.begin(),
            std::make_move_iterator(job.of_file.begin() + static_cast<std::ptrdiff_t>(count)),
            std::make_move_iterator(job.of_file.end()));
        return shed_descriptors() ? list(file) : retry_later(file);
    }
    const FileOperation& operation = job.of_file.front();
    if (const auto* open = std::get_if<effect::Open>(&operation)) {
        unbind(file);
        file.is_bound = status == StorageStatus::ok;
        file.path = open->path;
        if (file.is_bound) keep(file, std::move(job.descriptor));
    } else if (std::holds_alternative<effect::Rename>(operation)) {
        file.path = std::move(job.path);
    } else if (std::holds_alternative<effect::Remove>(operation)) {
        if (status == StorageStatus::ok || status == StorageStatus::not_found) unbind(file);
    }
    list(file);
}

// Listed all the while, so that nothing overtakes.
void Storage::retry_later(File& file) {
    file.is_listed = true;
    waiting_.push_back(&file);
    begin_pause();
}

void Storage::begin_pause() {
    if (retry_at_) return;
    retry_at_ = monotonic_clock() + shortage_pause;
    is_short_ = true;
}

void Storage::end_pause() {
    retry_at_.reset();
    asked_.insert(asked_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    std::ranges::move(waiting_jobs_, std::back_inserter(jobs_));
    waiting_jobs_.clear();
}

void Storage::finish() {
    for (;;) {
        carry_out();
        if (at_work_ == 0) return;
        worker_->wait();
        take_finished();
    }
}

std::size_t Storage::answer(std::span<const FileOperation> run, StorageStatus status) {
    for (const FileOperation& operation : run)
        std::visit(
            [&](const auto& one) {
                if constexpr (requires { one.operation; })
                    events_.push_back(event::StorageDone{one.operation, status, {}, 0, {}});
            },
            operation);
    return run.size();
}

FileRange Storage::range(const effect::SendFile& send) {
    const auto found = files_.find(send.file.value());
    if (found == files_.end()) return {};
    File& file = *found->second;
    if (!file.is_bound)  // its Open was asked for before, and is on its way
        return {open_existing(file.path).descriptor, send.position, send.length};
    if (want_descriptor(file) != StorageStatus::ok) return {};
    return {file.descriptor, send.position, send.length};
}

void Storage::warm_up(const FileRange& range, ConnectionId waiting) {
    auto job = std::make_unique<Job>();
    job->descriptor = range.file;
    job->position = range.position;
    job->length = range.length;
    job->waiting = waiting;
    jobs_.push_back(std::move(job));
}

OpenedFile Storage::open_existing(const std::string& path) {
    OpenedFile opened = open_file(path, OpenMode::existing);
    while (opened.status == StorageStatus::shortage && shed_descriptors())
        opened = open_file(path, OpenMode::existing);
    return opened;
}

StorageStatus Storage::want_descriptor(File& file) {
    file.is_used = true;
    if (file.descriptor) return StorageStatus::ok;
    OpenedFile opened = open_existing(file.path);
    if (opened.status == StorageStatus::ok) keep(file, std::move(opened.descriptor));
    return opened.status;
}

void Storage::keep(File& file, SharedDescriptor descriptor) {
    while (held_.size() >= descriptors_max_) drop_one_unused();
    file.descriptor = std::move(descriptor);
    held_.push_back(file);
}

// The next one in the round that was not used since the last round. Needs: there is one.
void Storage::drop_one_unused() {
    while (std::exchange(held_.front().is_used, false)) {
        File& used = held_.front();
        held_.pop_front();
        held_.push_back(used);
    }
    drop_descriptor(held_.front());
}

void Storage::drop_descriptor(File& file) {
    held_.erase(held_.iterator_to(file));
    file.descriptor.reset();
}

// Half of them go. False: there are none.
bool Storage::shed_descriptors() {
    const std::size_t count = (held_.size() + 1) / 2;
    for (std::size_t i = 0; i < count; ++i) drop_one_unused();
    return count > 0;
}

void Storage::unbind(File& file) {
    if (file.descriptor) drop_descriptor(file);
    file.is_bound = false;
}

}  // namespace barnabas::host
