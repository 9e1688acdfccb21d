#include "engine/host/storage.h"

#include <sys/uio.h>

#include <algorithm>
#include <iterator>

#include "engine/host/file_calls.h"
#include "engine/host/timers.h"

namespace barnabas::host {
namespace {

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

std::size_t bytes_of(const FileOperation& operation) {
    const auto* write = std::get_if<effect::Write>(&operation);
    return write ? write->bytes.size() : 0;
}

// The operations at the front of a queue that are carried out together.
std::span<FileOperation> run_at(std::vector<FileOperation>& queue, std::size_t next) {
    std::size_t end = next + 1;
    std::size_t bytes = bytes_of(queue[next]);
    for (; end < queue.size() && continues(queue[end - 1], queue[end]); ++end) {
        bytes += bytes_of(queue[end]);
        if (bytes > Storage::inline_write_max) break;
    }
    return {queue.data() + next, end - next};
}

LaneKind lane_for(const FileOperation& operation) {
    if (std::holds_alternative<effect::Flush>(operation)) return LaneKind::flushes;
    const bool is_reading = std::holds_alternative<effect::Open>(operation) ||
                            std::holds_alternative<effect::Read>(operation);
    return is_reading ? LaneKind::reads : LaneKind::changes;
}

LaneKind lane_for(const DirectoryOperation& operation) {
    if (std::holds_alternative<effect::FlushDirectory>(operation)) return LaneKind::flushes;
    return std::holds_alternative<effect::List>(operation) ? LaneKind::reads : LaneKind::changes;
}

bool is_for_connection(const Job& job) { return job.of_file.empty() && !job.of_directory; }

}  // namespace

Storage::Storage(std::vector<Event>& events, std::function<void()> when_jobs_are_done,
                 std::size_t descriptors_max, Clock clock)
    : events_(events),
      descriptors_max_(descriptors_max),
      clock_(clock),
      lanes_(std::move(when_jobs_are_done)) {
    CHECK(descriptors_max_ > 0);
}

Storage::~Storage() { held_.clear(); }

void Storage::ask(FileId id, FileOperation operation) {
    auto& file = files_[id.value()];
    if (!file) {
        file = std::make_unique<File>();
        file->id = id;
        file->medium = &media_.at(Media::common);
    }
    if (file->queue.capacity() == 0 && !spare_queues_.empty()) {
        file->queue = std::move(spare_queues_.back());
        spare_queues_.pop_back();
    }
    const auto* open = std::get_if<effect::Open>(&operation);
    if (open && !file->is_bound) {  // range() need not wait for it
        file->path = open->path;
        file->medium = &media_.of(open->path);
    }
    file->queue.push_back(std::move(operation));
    list(*file);
}

void Storage::ask(DirectoryOperation operation) { give(std::move(operation)); }

void Storage::ask(effect::RenameDirectory wanted) {
    Move move{std::move(wanted), {}, 0};
    for (auto& [id, file] : files_) {
        if (!is_below(file->path, move.what.path)) continue;
        move.files.push_back(file->id);
        file->queue.push_back(DirectoryMoves{move.what.operation});
        list(*file);
    }
    move.expected = move.files.size();
    if (move.expected == 0) give(move.what);
    moves_.push_back(std::move(move));
}

// The file has nothing more to do before the directory moves, and does nothing until it has.
void Storage::arrive(File& file, Token operation) {
    file.is_on_lane = true;
    const auto move = std::ranges::find(
        moves_, operation, [](const Move& one) { return one.what.operation; });
    if (--move->expected == 0) give(move->what);
}

void Storage::take_in_move(Token operation, StorageStatus status) {
    const auto found = std::ranges::find(
        moves_, operation, [](const Move& one) { return one.what.operation; });
    const Move move = std::move(*found);
    moves_.erase(found);
    for (const FileId id : move.files) {
        File& file = *files_.at(id.value());
        file.is_on_lane = false;
        if (status == StorageStatus::ok && is_below(file.path, move.what.path)) {
            file.path.replace(0, move.what.path.size(), move.what.to);
            file.medium = &media_.of(file.path);
        }
        list(file);
    }
}

void Storage::give(DirectoryOperation operation) {
    auto job = std::make_unique<Job>();
    const Medium& medium = media_.of(std::visit([](auto& one) { return one.path; }, operation));
    const LaneKind kind = lane_for(operation);
    job->of_directory = std::move(operation);
    hand_over(std::move(job), medium, kind);
}

void Storage::ask(effect::LockDirectory lock) {
    auto taken = DirectoryLock::take(lock.path);
    const StorageStatus status = taken ? StorageStatus::ok : taken.error();
    if (taken) {
        locks_.push_back(std::move(*taken));
        media_.add(lock.path);
    }
    events_.push_back(event::StorageDone{lock.operation, status, {}, 0, {}});
}

void Storage::list(File& file) {
    if (file.is_listed || file.is_on_lane) return;
    file.is_listed = true;
    asked_.push_back(&file);
}

void Storage::carry_out(const Allowance& allowance) {
    if (retry_at_ && *retry_at_ <= monotonic_clock()) end_pause();
    beginning_.swap(asked_);
    std::size_t at = 0;
    while (at < beginning_.size() && (at == 0 || !allowance.is_spent())) {
        File& file = *beginning_[at++];
        file.is_listed = false;
        advance(file, allowance);
    }
    asked_.insert(asked_.begin(), beginning_.begin() + static_cast<std::ptrdiff_t>(at),
                  beginning_.end());
    beginning_.clear();
    give_jobs();
}

void Storage::give_jobs() {
    for (auto& job : std::exchange(jobs_, {})) {
        const bool is_counted = !is_for_connection(*job);
        if (lanes_.give(job)) {
            at_work_ += is_counted ? 1 : 0;
        } else {
            waiting_jobs_.push_back(std::move(job));
            begin_pause();
        }
    }
}

void Storage::advance(File& file, const Allowance& allowance) {
    while (!file.is_on_lane && file.next < file.queue.size()) {
        if (file.next > 0 && allowance.is_spent()) {
            list(file);
            break;
        }
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
    if (!file.is_on_lane && !file.is_bound) files_.erase(file.id.value());
}

// How many of them are done: less than all when descriptors or memory run short. Nothing when a
// lane has to do them.
std::optional<std::size_t> Storage::carry_out_inline(File& file,
                                                     std::span<const FileOperation> run) {
    const FileOperation& first = run.front();
    if (const auto* move = std::get_if<DirectoryMoves>(&first)) {
        arrive(file, move->operation);
        return 1;
    }
    const bool is_open = std::holds_alternative<effect::Open>(first);
    if (!file.is_bound && !is_open) return answer(run, StorageStatus::not_found);
    if (std::holds_alternative<effect::Close>(first)) {
        unbind(file);
        return 1;
    }
    if (!needs_descriptor(first)) return std::nullopt;
    if (!file.descriptor && file.medium->is_slow) return std::nullopt;
    const StorageStatus status = want_descriptor(file);
    if (status == StorageStatus::shortage) return 0;
    if (status != StorageStatus::ok) return answer(run, status);
    if (std::holds_alternative<effect::Write>(first)) {
        if (file.medium->is_slow || bytes_of(first) > inline_write_max) return std::nullopt;
        return write_inline(file, run);
    }
    const auto* read = std::get_if<effect::Read>(&first);
    if (!read || read->length > inline_read_max) return std::nullopt;
    event::StorageDone done;
    if (!read_if_cached(file.descriptor->number(), *read, done)) return std::nullopt;
    if (done.status == StorageStatus::shortage) return 0;
    events_.push_back(std::move(done));
    return 1;
}

std::size_t Storage::write_inline(File& file, std::span<const FileOperation> run) {
    const Instant before = clock_();
    write_run(file.descriptor->number(), run, done_);
    file.medium->note_inline(clock_() - before);
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
    const LaneKind kind = lane_for(run.front());
    job->file = file.id;
    job->of_file.assign(std::make_move_iterator(run.begin()), std::make_move_iterator(run.end()));
    job->path = file.path;
    job->descriptor = file.descriptor;
    file.is_on_lane = true;
    hand_over(std::move(job), *file.medium, kind);
}

void Storage::hand_over(std::unique_ptr<Job> job, const Medium& medium, LaneKind kind) {
    job->lane = medium.lane(kind);
    jobs_.push_back(std::move(job));
}

std::vector<Storage::Warmed> Storage::take_finished() {
    for (auto& job : lanes_.take()) {
        if (!is_for_connection(*job)) --at_work_;
        if (!job->of_file.empty()) {
            take_in_of_file(*job);
        } else if (job->done.front().status == StorageStatus::shortage) {
            job->done.clear();
            if (!shed_descriptors()) begin_pause();
            (retry_at_ ? waiting_jobs_ : jobs_).push_back(std::move(job));
        } else {
            take_in(*job);
        }
    }
    return std::exchange(warmed_, {});
}

void Storage::take_in(Job& job) {
    event::StorageDone& done = job.done.front();
    if (job.of_directory) {
        if (std::holds_alternative<effect::RenameDirectory>(*job.of_directory))
            take_in_move(done.operation, done.status);
        return events_.push_back(std::move(done));
    }
    if (done.status != StorageStatus::ok) job.descriptor.reset();
    warmed_.push_back({job.waiting, std::move(job.descriptor)});
}

void Storage::take_in_of_file(Job& job) {
    const StorageStatus status = job.done.front().status;
    const std::size_t count = tell_before_shortage(job.done);
    File& file = *files_.at(job.file.value());
    file.is_on_lane = false;
    if (file.is_bound && !file.descriptor && job.descriptor) keep(file, job.descriptor);
    if (count < job.of_file.size()) {
        file.queue.insert(
            file.queue.begin(),
            std::make_move_iterator(job.of_file.begin() + static_cast<std::ptrdiff_t>(count)),
            std::make_move_iterator(job.of_file.end()));
        return shed_descriptors() ? list(file) : retry_later(file);
    }
    const FileOperation& operation = job.of_file.front();
    if (std::holds_alternative<effect::Write>(operation)) {
        file.medium->note_on_lane(job.took);
    } else if (const auto* open = std::get_if<effect::Open>(&operation)) {
        unbind(file);
        file.is_bound = status == StorageStatus::ok;
        file.path = open->path;
        file.medium = &media_.of(file.path);
        if (file.is_bound) keep(file, std::move(job.descriptor));
    } else if (std::holds_alternative<effect::Rename>(operation)) {
        file.path = std::move(job.path);
        file.medium = &media_.of(file.path);
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
        lanes_.wait();
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
    FileRange range{nullptr, send.position, send.length, file.medium->number, nullptr};
    StorageStatus status = StorageStatus::shortage;
    if (!file.is_bound) {  // its Open was asked for before, and is on its way
        OpenedFile opened = open_existing(file.path);
        status = opened.status;
        range.file = std::move(opened.descriptor);
    } else if (file.descriptor || !file.medium->is_slow) {
        status = want_descriptor(file);
        range.file = file.descriptor;
    }
    if (status == StorageStatus::shortage)
        range.late = std::make_shared<const std::string>(file.path);
    return range;
}

void Storage::warm_up(const FileRange& piece, std::uint64_t ahead, ConnectionId waiting) {
    auto job = std::make_unique<Job>();
    job->descriptor = piece.file;
    if (piece.late) job->path = *piece.late;
    job->position = piece.position;
    job->length = piece.length;
    job->ahead = ahead;
    job->waiting = waiting;
    hand_over(std::move(job), media_.at(piece.medium), LaneKind::warming);
    give_jobs();
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
    const Instant before = clock_();
    OpenedFile opened = open_existing(file.path);
    file.medium->note_inline(clock_() - before);
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
