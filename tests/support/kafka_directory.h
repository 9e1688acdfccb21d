// The data directory that Apache Kafka wrote, unpacked from tests/data: once as SIGKILL left it
// ("crashed"), once after a clean stop ("clean").
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/places.h"

namespace barnabas::tests {

class KafkaDirectory {
  public:
    KafkaDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "barnabas-kafka-XXXXXX";
        root_ = mkdtemp(name.data()) ? name : "";
        const std::string command = "tar --sparse -xJf '" +
                                    support::source_path("tests/data/kafka-data-directory.tar.xz") +
                                    "' -C '" + root_ + "'";
        EXPECT_EQ(std::system(command.c_str()), 0) << command;
    }
    ~KafkaDirectory() { std::filesystem::remove_all(root_); }
    KafkaDirectory(const KafkaDirectory&) = delete;
    KafkaDirectory& operator=(const KafkaDirectory&) = delete;

    std::string path(const std::string& inside) const { return root_ + '/' + inside; }

    // Names in a directory, sorted.
    std::vector<std::string> names(const std::string& inside) const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(path(inside)))
            names.push_back(entry.path().filename());
        std::sort(names.begin(), names.end());
        return names;
    }
    std::vector<std::uint8_t> bytes(const std::string& inside) const {
        std::ifstream file(path(inside), std::ios::binary);
        EXPECT_TRUE(file) << inside;
        std::vector<std::uint8_t> all(std::filesystem::file_size(path(inside)));
        file.read(reinterpret_cast<char*>(all.data()), static_cast<std::streamsize>(all.size()));
        return all;
    }
    // Every file below a directory, by its path from there.
    std::vector<std::string> files_below(const std::string& inside) const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path(inside)))
            if (entry.is_regular_file())
                names.push_back(std::filesystem::relative(entry.path(), path(inside)));
        return names;
    }
    std::string text(const std::string& inside) const {
        const auto all = bytes(inside);
        return {all.begin(), all.end()};
    }

    // One line of kafka-data-directory.tsv: a record that Apache Kafka serves.
    struct Row {
        std::string topic;
        int partition = 0;
        std::int64_t offset = 0;
        std::int64_t timestamp = 0;
        std::string key;               // "null" for none
        std::int64_t value_bytes = 0;  // -1 for none
        std::string value_hash;        // the first 16 digits of its SHA-256
        bool is_committed = false;
    };
    static std::vector<Row> rows() {
        std::ifstream file(support::source_path("tests/data/kafka-data-directory.tsv"));
        std::vector<Row> rows;
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with('#')) continue;
            std::vector<std::string> cells(1);
            for (const char c : line) {
                if (c == '\t')
                    cells.emplace_back();
                else
                    cells.back() += c;
            }
            cells.resize(9);
            rows.push_back({cells[0], std::stoi(cells[1]), std::stoll(cells[2]),
                            std::stoll(cells[3]), cells[4],
                            cells[5] == "null" ? -1 : std::stoll(cells[5]), cells[6],
                            cells[8] == "yes"});
        }
        return rows;
    }

  private:
    std::string root_;
};

}  // namespace barnabas::tests
