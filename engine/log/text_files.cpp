#include "engine/log/text_files.h"

#include "engine/log/log_parts.h"

namespace barnabas::log {
namespace {

constexpr std::uint32_t partition_slot = 0;  // whose file ids are for the small text files
constexpr FileKind epochs_kind = FileKind::index;
constexpr FileKind metadata_kind = FileKind::timeindex;

}  // namespace

void TextFiles::begin(LeaderEpochs epochs, bool are_epochs_stored, bool is_topic_id_stored,
                      LogParts& log, Turn& turn) {
    epochs_ = std::move(epochs);
    are_epochs_stored_ = are_epochs_stored;
    is_metadata_stored_ = is_topic_id_stored || log.topic_id.is_zero();
    store_epochs(log, turn);
    store_metadata(log, turn);
}

void TextFiles::assign(LeaderEpoch epoch, Offset start, LogParts& log, Turn& turn) {
    if (!epochs_.assign(epoch, start)) return;
    are_epochs_stored_ = false;
    store_epochs(log, turn);
}

void TextFiles::cut_start(Offset start, LogParts& log, Turn& turn) {
    if (!epochs_.cut_start(start)) return;
    are_epochs_stored_ = false;
    store_epochs(log, turn);
}

bool TextFiles::waits_for_room() const {
    return (!is_metadata_stored_ && !metadata_file_) || (!are_epochs_stored_ && !epochs_file_);
}

void TextFiles::store_epochs(LogParts& log, Turn& turn) {
    if (are_epochs_stored_ || epochs_file_) return;
    are_epochs_stored_ = true;
    const Bytes text = Bytes::copy(format_epochs(epochs_.entries()));
    epochs_file_.emplace(ReplaceFile(log.ids.next(Purpose::epochs),
                                     log.ids.file(partition_slot, epochs_kind),
                                     log.path("leader-epoch-checkpoint"), text));
    epochs_file_->edit().start(turn);
}

void TextFiles::on_epochs_stored(const event::StorageDone& done, LogParts& log, Turn& turn) {
    epochs_file_->edit().on(done, turn);
    if (!(*epochs_file_)->is_done()) return;
    const StorageStatus status = (*epochs_file_)->status();
    epochs_file_.reset();
    if (status == StorageStatus::no_space) {  // the batches tell the epochs too; later, then
        are_epochs_stored_ = false;
        if (log.is_closing())
            log.fail("leader-epoch-checkpoint: the disk is full", turn);
        return;
    }
    if (status != StorageStatus::ok) return log.fail("leader-epoch-checkpoint", status, turn);
    store_epochs(log, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

void TextFiles::store_metadata(LogParts& log, Turn& turn) {
    if (is_metadata_stored_ || metadata_file_) return;
    metadata_file_.emplace(
        ReplaceFile(log.ids.next(Purpose::metadata), log.ids.file(partition_slot, metadata_kind),
                    log.path("partition.metadata"),
                    Bytes::copy(format_partition_metadata(log.topic_id))));
    metadata_file_->edit().start(turn);
}

void TextFiles::on_metadata_stored(const event::StorageDone& done, LogParts& log, Turn& turn) {
    metadata_file_->edit().on(done, turn);
    if (!(*metadata_file_)->is_done()) return;
    const StorageStatus status = (*metadata_file_)->status();
    metadata_file_.reset();
    is_metadata_stored_ = status == StorageStatus::ok;
    if (status != StorageStatus::ok && status != StorageStatus::no_space)
        return log.fail("partition.metadata", status, turn);
    if (log.is_closing()) log.closing.go_on(log, turn);
}

}  // namespace barnabas::log
