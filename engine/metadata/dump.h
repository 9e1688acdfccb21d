// An image as the records that make it, in slices: what a snapshot holds. In Kafka's order: feature
// levels, brokers and controllers, topics, settings, quotas, producer ids, access rules,
// credentials, tokens.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash.h"
#include "engine/metadata/image.h"

namespace barnabas::metadata {

class Dump {
  public:
    // Holds a copy of the image, which shares what the image does not change meanwhile.
    explicit Dump(Image image) : image_(std::move(image)) {}

    // The next records, about `count` of them; none when all were given out. Needs: count > 0.
    std::vector<Record> next(std::size_t count);

    void digest(Hasher& hasher) const;

  private:
    enum class Stage : std::uint8_t {
        features,
        brokers,
        controllers,
        topics,
        settings,
        quotas,
        producer_ids,
        access,
        credentials,
        tokens,
        done,
    };
    bool give_stage(std::vector<Record>& out, std::size_t count);
    void give_features(std::vector<Record>& out);
    void give_topics(std::vector<Record>& out, std::size_t count);
    void give_settings(std::vector<Record>& out, std::size_t count);
    void give_producer_ids(std::vector<Record>& out);
    template <class Map, class Key, class Make>
    void give_rows(const Map& rows, std::optional<Key>& last, Make make, std::vector<Record>& out,
                   std::size_t count);

    Image image_;
    Stage stage_ = Stage::features;
    // How far it is: the last row of each table that was given out.
    std::optional<NodeId> broker_;
    std::optional<NodeId> controller_;
    std::optional<std::string> topic_;  // with it, those of its partitions up to partition_
    std::optional<PartitionIndex> partition_;
    std::optional<Image::Resources::key_type> resource_;  // and its settings up to setting_
    std::optional<std::string> setting_;
    std::optional<SecurityRows::QuotaName> quota_;
    std::optional<Uuid> access_;
    std::optional<SecurityRows::UserAndMechanism> credential_;
    std::optional<std::string> token_;
};

}  // namespace barnabas::metadata
